import { describe, expect, test } from "vitest";
import { secretBox } from "./box.ts";
import { newSecretKeyText, parseSecretKey, secretKey } from "./keys.ts";

const [one, two] = [secretKey(Buffer.alloc(32, 1)), secretKey(Buffer.alloc(32, 2))];
const box = secretBox({ current: one, older: [] });
const secret = '{"password":"pässword"}';

describe("a sealed secret", () => {
	test("opens where it belongs, and looks different each time", () => {
		const [a, b] = [box.seal(secret, "registry/1"), box.seal(secret, "registry/1")];
		expect(box.open(a, "registry/1")).toBe(secret);
		expect(a.equals(b)).toBe(false);
		expect(a.includes("password")).toBe(false);
		expect(box.open(box.seal("", "registry/1"), "registry/1")).toBe("");
	});

	test("does not open in another row", () => {
		const sealed = box.seal(secret, "registry/1");
		for (const owner of ["registry/2", "registry/11", ""])
			expect(() => box.open(sealed, owner)).toThrow(expect.objectContaining({ code: "database_damaged" }));
	});

	test("does not open with any byte changed, or cut off", () => {
		const sealed = box.seal(secret, "registry/1");
		for (let at = 0; at < sealed.length; at++) {
			const changed = Buffer.from(sealed);
			changed[at] = (changed[at] ?? 0) ^ 1;
			expect(() => box.open(changed, "registry/1")).toThrow(/do not open|not here/);
		}
		for (const length of [0, 1, 9, 36, sealed.length - 1])
			expect(() => box.open(sealed.subarray(0, length), "registry/1")).toThrow(
				expect.objectContaining({ code: "database_damaged" }),
			);
	});

	test("of another key says which key is missing, and opens when it is given as an older one", () => {
		const sealed = box.seal(secret, "registry/1");
		const alone = secretBox({ current: two, older: [] });
		expect(() => alone.open(sealed, "registry/1")).toThrow(
			expect.objectContaining({ code: "key_missing", message: expect.stringContaining(one.id.toString("hex")) }),
		);
		const both = secretBox({ current: two, older: [one] });
		expect(both.open(sealed, "registry/1")).toBe(secret);
		expect([both.isOld(sealed), both.isOld(both.seal(secret, "x"))]).toEqual([true, false]);
	});
});

test("a key is read as base64 or hex, and its id says nothing about it", () => {
	const text = newSecretKeyText();
	const key = parseSecretKey(` ${text}\n`, "file");
	expect(key.bytes).toHaveLength(32);
	expect(parseSecretKey(key.bytes.toString("hex"), "file").id).toEqual(key.id);
	expect(key.bytes.includes(key.id)).toBe(false);
	for (const wrong of ["", "short", `${text}x`, "z".repeat(64), "a".repeat(63)]) {
		const error = expect.objectContaining({ code: "key_missing", hint: expect.stringContaining("openssl rand") });
		expect(() => parseSecretKey(wrong, "The file")).toThrow(error);
	}
});
