/** Names as registries may have them; whatever else a registry says is no name. */
import { isRepository, isTag } from "#engine";

const mostName = 255;

export function isRepositoryName(name: unknown): name is string {
	return typeof name === "string" && name.length <= mostName && isRepository(name);
}

export function isTagName(name: unknown): name is string {
	return typeof name === "string" && isTag(name);
}
