import { hash } from "@node-rs/argon2";
import { expect, test } from "vitest";
import { hashPassword, inTurn, isWeakHash, passwordMatches } from "./passwords.ts";

test("a password is kept as argon2id with 19 MiB, two passes, one lane, salted", async () => {
	const [first, second] = await Promise.all([
		hashPassword("correct horse battery"),
		hashPassword("correct horse battery"),
	]);
	expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
	expect(first).not.toBe(second);
	expect(await passwordMatches(first, "correct horse battery")).toBe(true);
	expect(await passwordMatches(first, "correct horse batterz")).toBe(false);
});

test("no hash matches nothing, the empty password included", async () => {
	expect(await passwordMatches(null, "")).toBe(false);
	expect(await passwordMatches(null, "anything at all")).toBe(false);
});

test("composed and decomposed letters are the same password", async () => {
	expect(
		await passwordMatches(await hashPassword("caf\u00e9 caf\u00e9 caf\u00e9"), "cafe\u0301 cafe\u0301 cafe\u0301"),
	).toBe(true);
});

test.each([
	["less memory", { memoryCost: 8192, timeCost: 2, parallelism: 1 }, true],
	["fewer passes", { memoryCost: 19_456, timeCost: 1, parallelism: 1 }, true],
	["the same", { memoryCost: 19_456, timeCost: 2, parallelism: 1 }, false],
	["more", { memoryCost: 32_768, timeCost: 3, parallelism: 1 }, false],
] as const)("a hash of %s", async (_name, cost, weak) => {
	expect(isWeakHash(await hash("some password", cost))).toBe(weak);
});

test("many at once all end, and beyond a hundred waiting the rest is refused", async () => {
	const outcomes = await Promise.allSettled(
		Array.from({ length: 130 }, () => inTurn(() => passwordMatches(null, "x"))),
	);
	const refused = outcomes.filter((one) => one.status === "rejected");
	expect(outcomes.length - refused.length).toBe(102);
	expect(refused.every((one) => one.status === "rejected" && one.reason.code === "too_many_requests")).toBe(true);
	expect(await inTurn(() => Promise.resolve("next"))).toBe("next");
});

test("no more than two are at work, also when some fail", async () => {
	let running = 0;
	let most = 0;
	const work = async (index: number): Promise<void> => {
		most = Math.max(most, ++running);
		await new Promise((resolve) => setImmediate(resolve));
		running--;
		if (index % 3 === 0) throw new Error("broken");
	};
	await Promise.allSettled(Array.from({ length: 30 }, (_, index) => inTurn(() => work(index))));
	expect(most).toBe(2);
	expect(running).toBe(0);
});
