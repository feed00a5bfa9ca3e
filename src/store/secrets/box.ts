/**
 * Encrypts secrets for the database: AES-256-GCM. What is kept is a version byte, the key's id, the nonce, the tag and the
 * ciphertext; version and id are authenticated, and so is what the secret belongs to, so that it opens nowhere else.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { StoreError } from "../errors.ts";
import type { SecretKey, SecretKeys } from "./keys.ts";

export interface SecretBox {
	/** `owner` says where it is kept: `registry/12`. */
	seal(secret: string, owner: string): Buffer;
	/** @throws StoreError key_missing, database_damaged */
	open(sealed: Uint8Array, owner: string): string;
	/** It was sealed with another key than today's. */
	isOld(sealed: Uint8Array): boolean;
}

const cipher = "aes-256-gcm";
const version = 1;
const idLength = 8;
/** 96 bits of chance: GCM's own size. A key seals far fewer than the 2^32 secrets at which chance alone gets thin. */
const nonceLength = 12;
const tagLength = 16;
const headLength = 1 + idLength;
const bodyAt = headLength + nonceLength + tagLength;

export function secretBox(keys: SecretKeys): SecretBox {
	const all = [keys.current, ...keys.older];
	return {
		seal: (secret, owner) => seal(secret, owner, keys.current),
		open: (sealed, owner) => {
			const bytes = Buffer.from(sealed);
			if (bytes.length < bodyAt || bytes[0] !== version) throw damaged(owner);
			const id = bytes.subarray(1, headLength);
			const key = all.find((one) => one.id.equals(id));
			if (!key) throw keyMissing(owner, id);
			return open(bytes, owner, key);
		},
		isOld: (sealed) => !keys.current.id.equals(Buffer.from(sealed).subarray(1, headLength)),
	};
}

function seal(secret: string, owner: string, key: SecretKey): Buffer {
	const head = Buffer.concat([Buffer.of(version), key.id]);
	const nonce = randomBytes(nonceLength);
	const sealing = createCipheriv(cipher, key.bytes, nonce, { authTagLength: tagLength });
	sealing.setAAD(authenticated(head, owner));
	const body = Buffer.concat([sealing.update(secret, "utf8"), sealing.final()]);
	return Buffer.concat([head, nonce, sealing.getAuthTag(), body]);
}

function open(bytes: Buffer, owner: string, key: SecretKey): string {
	const nonce = bytes.subarray(headLength, headLength + nonceLength);
	const opening = createDecipheriv(cipher, key.bytes, nonce, { authTagLength: tagLength });
	opening.setAAD(authenticated(bytes.subarray(0, headLength), owner));
	opening.setAuthTag(bytes.subarray(headLength + nonceLength, bodyAt));
	try {
		return Buffer.concat([opening.update(bytes.subarray(bodyAt)), opening.final()]).toString("utf8");
	} catch {
		throw damaged(owner);
	}
}

function authenticated(head: Buffer, owner: string): Buffer {
	return Buffer.concat([head, Buffer.from(owner, "utf8")]);
}

function keyMissing(owner: string, id: Buffer): StoreError {
	return new StoreError(
		"key_missing",
		`The secrets of ${owner} were encrypted with a key that is not here (its id is ${id.toString("hex")}).`,
		"Add that key below today's in the secret key's file (or PLIMSOLL_SECRET_KEY), or enter the credentials again.",
	);
}

function damaged(owner: string): StoreError {
	return new StoreError(
		"database_damaged",
		`The secrets of ${owner} do not open: they were damaged, changed, or copied from elsewhere.`,
		"Enter the credentials again, and find out who writes to the database.",
	);
}
