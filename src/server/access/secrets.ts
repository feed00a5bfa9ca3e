/** Secrets of sessions and API tokens: 256 bits of chance each; only their SHA-256 is ever kept. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { crc32 } from "node:zlib";

export function secretHash(secret: string): Buffer {
	return createHash("sha256").update(secret, "utf8").digest();
}

/** In time that says nothing about where they differ. */
export function isSecretOf(kept: Uint8Array, secret: string): boolean {
	const hashed = secretHash(secret);
	return kept.length === hashed.length && timingSafeEqual(kept, hashed);
}

export function newSessionSecret(): string {
	return randomBytes(32).toString("base64url");
}

const sessionSecret = /^[A-Za-z0-9_-]{43}$/;

export function isSessionSecret(text: string): boolean {
	return sessionSecret.test(text);
}

/** Follows from the session's secret, which scripts cannot read, and does not lead back to it. */
export function csrfTokenOf(session: string): string {
	return createHash("sha256").update("plimsoll csrf\0").update(session, "utf8").digest("base64url");
}

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** 62^43 > 2^256. */
const secretDigits = 43;
/** 62^6 > 2^32. */
const checkDigits = 6;
const tokenPattern = /^plim_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;

/**
 * `plim_`, 43 characters of chance, 6 of checksum (CRC-32 of those before), all base62: scanners of source code find leaked
 * ones by the prefix and sort out by the checksum what only looks like one.
 */
export function newApiToken(): string {
	const chance = base62(BigInt(`0x${randomBytes(32).toString("hex")}`), secretDigits);
	return `plim_${chance}${checksum(chance)}`;
}

export function isApiToken(text: string): boolean {
	const [, chance, check] = tokenPattern.exec(text) ?? [];
	return chance !== undefined && check === checksum(chance);
}

function checksum(chance: string): string {
	return base62(BigInt(crc32(`plim_${chance}`)), checkDigits);
}

function base62(value: bigint, length: number): string {
	let text = "";
	for (let rest = value; text.length < length; rest /= 62n) text = `${digits[Number(rest % 62n)]}${text}`;
	return text;
}
