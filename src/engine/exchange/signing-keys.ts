/**
 * Keys as cosign uses them: ECDSA and RSA over SHA-256, and Ed25519.
 * https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
 */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { readFile } from "node:fs/promises";
import { EngineError } from "../errors.ts";

/** Checks signatures of one key. */
export interface VerificationKey {
	/** For people. */
	readonly name: string;
	isSignature(content: Uint8Array, signature: Uint8Array): boolean;
}

export interface SigningKey {
	sign(content: Uint8Array): Buffer;
	/** The key that such signatures are checked with. */
	readonly verification: VerificationKey;
}

/** Shorter RSA keys have been broken. */
const leastRsaBits = 2048;
/** Keys are some hundred bytes. */
const mostBytes = 64 * 1024;

/** Reads a PEM file with a public key. Throws `key_unusable`. */
export async function readVerificationKey(path: string): Promise<VerificationKey> {
	const pem = await textOf(path);
	const hint = "Give the public key as PEM: cosign.pub, or what `openssl pkey -pubout` writes.";
	if (pem.includes("PRIVATE KEY")) throw unusable(path, "it is a private key", hint);
	return verificationOf(
		checked(path, hint, () => createPublicKey(pem)),
		path,
	);
}

/** Reads a PEM file with a private key that no password protects. Throws `key_unusable`. */
export async function readSigningKey(path: string): Promise<SigningKey> {
	const pem = await textOf(path);
	const hint =
		"Give an unencrypted PKCS #8 key as PEM: `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256`.";
	if (/BEGIN ENCRYPTED|DEK-Info/.test(pem)) throw unusable(path, "it is encrypted, which Plimsoll does not read", hint);
	const key = checked(path, hint, () => createPrivateKey(pem));
	return {
		sign: (content) => sign(hashOf(key), content, key),
		verification: verificationOf(createPublicKey(key), path),
	};
}

function verificationOf(key: KeyObject, name: string): VerificationKey {
	return {
		name,
		isSignature: (content, signature) => {
			try {
				return verify(hashOf(key), content, key, signature);
			} catch {
				// A signature that cannot be decoded is none.
				return false;
			}
		},
	};
}

function checked(path: string, hint: string, read: () => KeyObject): KeyObject {
	let key: KeyObject;
	try {
		key = read();
	} catch (cause) {
		throw unusable(path, "it holds no key that can be read", hint, cause);
	}
	const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
	if (type !== "ec" && type !== "ed25519" && type !== "rsa")
		throw unusable(path, `it is of type ${type}; ECDSA, Ed25519 and RSA are known`, hint);
	const bits = details?.modulusLength ?? leastRsaBits;
	if (bits < leastRsaBits) throw unusable(path, `RSA keys of ${bits} bits are too weak`, hint);
	return key;
}

/** Ed25519 hashes by itself. */
function hashOf(key: KeyObject): "sha256" | null {
	return key.asymmetricKeyType === "ed25519" ? null : "sha256";
}

async function textOf(path: string): Promise<string> {
	const hint = "Check the path.";
	let bytes: Buffer;
	try {
		bytes = await readFile(path);
	} catch (cause) {
		throw unusable(path, "it cannot be read", hint, cause);
	}
	if (bytes.length > mostBytes) throw unusable(path, "it is too large for a key", hint);
	return bytes.toString();
}

function unusable(path: string, why: string, hint: string, cause?: unknown): EngineError {
	return new EngineError("key_unusable", `The key ${path} cannot be used: ${why}.`, hint, cause);
}
