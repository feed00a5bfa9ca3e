import type { Id } from "#contract";

/** What a registry's secrets are bound to. */
export function ownerOf(registryId: Id): string {
	return `registry/${registryId}`;
}
