/** Keys that secrets are encrypted with. A key is known by its id, which says nothing about it. */
import { createHash, randomBytes } from "node:crypto";
import { StoreError } from "../errors.ts";

export interface SecretKey {
	/** Eight bytes, from the key's hash. */
	readonly id: Buffer;
	readonly bytes: Buffer;
}

/** New secrets take `current`; `older` ones are still read. */
export interface SecretKeys {
	readonly current: SecretKey;
	readonly older: readonly SecretKey[];
}

const keyLength = 32;

export function secretKey(bytes: Uint8Array): SecretKey {
	if (bytes.length !== keyLength)
		throw new StoreError("key_missing", `A key for secrets has ${bytes.length} bytes.`, howToMake);
	const id = createHash("sha256").update("plimsoll key id\0").update(bytes).digest().subarray(0, 8);
	return { id, bytes: Buffer.from(bytes) };
}

/** Reads a key as a file or variable holds it: 32 bytes as base64 or hex. `what` names where it came from. */
export function parseSecretKey(text: string, what: string): SecretKey {
	const trimmed = text.trim();
	const bytes = /^[0-9a-f]{64}$/i.test(trimmed)
		? Buffer.from(trimmed, "hex")
		: /^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)
			? Buffer.from(trimmed, "base64")
			: null;
	if (bytes === null) throw new StoreError("key_missing", `${what} holds no key for secrets.`, howToMake);
	return secretKey(bytes);
}

/** A new key, as a file holds it. */
export function newSecretKeyText(): string {
	return randomBytes(keyLength).toString("base64");
}

const howToMake = "Give 32 bytes as base64, for instance what `openssl rand -base64 32` prints.";
