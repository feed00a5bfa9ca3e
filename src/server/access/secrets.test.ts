import { expect, test } from "vitest";
import {
	csrfTokenOf,
	isApiToken,
	isSecretOf,
	isSessionSecret,
	newApiToken,
	newSessionSecret,
	secretHash,
} from "./secrets.ts";

test("API tokens have a prefix, 256 bits and a checksum that one wrong character breaks", () => {
	const token = newApiToken();
	expect(token).toMatch(/^plim_[0-9A-Za-z]{49}$/);
	expect(isApiToken(token)).toBe(true);
	for (let at = "plim_".length; at < token.length; at++) {
		const other = token[at] === "a" ? "b" : "a";
		expect(isApiToken(`${token.slice(0, at)}${other}${token.slice(at + 1)}`)).toBe(false);
	}
	for (const broken of ["", "plim_", token.slice(1), `${token}0`, `${token}\n`, token.toUpperCase(), ` ${token}`])
		expect(isApiToken(broken)).toBe(false);
});

test("no two secrets are the same, and each kind knows its own form", () => {
	const made = new Set(Array.from({ length: 1000 }, () => [newApiToken(), newSessionSecret()]).flat());
	expect(made.size).toBe(2000);
	expect(isSessionSecret(newSessionSecret())).toBe(true);
	expect(isSessionSecret(newApiToken())).toBe(false);
	expect(isSessionSecret(`${newSessionSecret()}\n`)).toBe(false);
});

test("all digits come up", () => {
	const seen = new Set(Array.from({ length: 2000 }, () => newApiToken().at("plim_".length + 42)));
	expect(seen.size).toBe(62);
});

test("a hash is of its secret alone", () => {
	const secret = newSessionSecret();
	expect(isSecretOf(secretHash(secret), secret)).toBe(true);
	expect(isSecretOf(secretHash(secret), newSessionSecret())).toBe(false);
	expect(isSecretOf(Buffer.alloc(0), secret)).toBe(false);
	expect(csrfTokenOf(secret)).not.toContain(secret.slice(0, 8));
	expect(csrfTokenOf(secret)).toBe(csrfTokenOf(secret));
	expect(csrfTokenOf(newSessionSecret())).not.toBe(csrfTokenOf(secret));
});
