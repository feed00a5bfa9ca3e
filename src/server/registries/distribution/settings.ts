import { ServerError } from "../../errors.ts";
import { checkRepositories, type RegistrySettings } from "../access/settings.ts";
import { readRegistryUrl } from "../access/url.ts";
import { presets } from "./presets.ts";

/** @throws ServerError unprocessable */
export function checkDistribution({ preset: id, url, credentialKind, repositories }: RegistrySettings): void {
	const preset = presets[id];
	const { host } = readRegistryUrl(url);
	if (preset.hosts && !preset.hosts.test(host))
		throw new ServerError("unprocessable", `${host} is no host of ${preset.name}.`, preset.hint);
	if (credentialKind !== null && !preset.credentialKinds.some((kind) => kind === credentialKind))
		throw new ServerError(
			"unprocessable",
			`Credentials of the kind "${credentialKind}" are not what ${preset.name} takes.`,
			preset.hint,
		);
	checkRepositories(repositories?.map(preset.repository) ?? null, () => true, "team/app");
}
