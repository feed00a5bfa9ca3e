/** Credentials as they are kept: all of them encrypted, and beside them what may be shown. */
import type { Id, Registry, RegistryCredentials } from "#contract";
import type { SecretBox } from "../secrets/box.ts";
import { ownerOf } from "../secrets/owner.ts";

export interface KeptCredentials {
	readonly credentials: Buffer | null;
	readonly credentials_shown: string | null;
}

export const noCredentials: KeptCredentials = { credentials: null, credentials_shown: null };

export function keptCredentials(box: SecretBox, id: Id, credentials: RegistryCredentials): KeptCredentials {
	return {
		credentials: box.seal(JSON.stringify(credentials), ownerOf(id)),
		credentials_shown: JSON.stringify(shown(credentials)),
	};
}

/** @throws StoreError key_missing, database_damaged */
export function openCredentials(box: SecretBox, id: Id, sealed: Uint8Array): RegistryCredentials {
	return JSON.parse(box.open(sealed, ownerOf(id))) as RegistryCredentials;
}

function shown(credentials: RegistryCredentials): Registry["credentials"] {
	const { kind } = credentials;
	if (kind === "password") return { kind, username: credentials.username };
	return { kind, username: kind === "aws" ? credentials.accessKeyId : null };
}
