import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { engine } from "./inputs.ts";
import { targets } from "./registry.ts";
import { fuzzTarget } from "./session.ts";
import { watchedThread } from "./watched.ts";

/** Folders of a family that hold nothing which reads what others wrote. */
const parseNothing: Readonly<Record<string, readonly string[]>> = {
	// Gets files; what they hold is for the feeds.
	advisories: ["download"],
};

const names = targets.map(({ name }) => name);

describe("the targets", () => {
	it.each(["catalogers", "versions", "advisories", "suppression"])("cover every folder of %s", (family) => {
		const folders = readdirSync(join(engine, family), { withFileTypes: true })
			.filter((entry) => entry.isDirectory() && existsSync(join(engine, family, entry.name, "index.ts")))
			.map(({ name }) => name)
			.filter((name) => !parseNothing[family]?.includes(name));
		const missing = folders.filter((name) => !names.some((target) => target.split(":")[0] === `${family}/${name}`));
		expect(missing).toEqual([]);
	});

	it("have names of their own, and seeds", () => {
		expect(new Set(names).size).toBe(names.length);
		expect(targets.filter((target) => target.seeds().length === 0).map(({ name }) => name)).toEqual([]);
	});
});

describe("the fuzzer", () => {
	const thread = watchedThread();
	afterAll(() => thread.close());

	it.each([
		["throws", "threw"],
		["breaks", "broke"],
		["steps", "threw"],
		["slow", "slow"],
		["hangs", "hung"],
		["sound", undefined],
		["memory", "memory"],
	])("finds what is planted: %s", { timeout: 60_000 }, async (name, kind) => {
		const ms = name === "steps" ? 4000 : 1000;
		const { failures } = await fuzzTarget(thread, `planted/${name}`, { ms, seed: 2, minimise: name === "throws" });
		expect(failures[0]?.kind).toBe(kind);
		if (name === "throws") expect(Buffer.from(failures[0]?.input ?? []).toString()).toBe("MAGIC");
	});
});

describe("a third of a second of each", () => {
	const thread = watchedThread();
	afterAll(() => thread.close());

	it.each(names)("%s", { timeout: 60_000 }, async (name) => {
		const outcome = await fuzzTarget(thread, name, { ms: 300, seed: 20_261_123, minimise: false });
		const failures = outcome.failures.map(({ kind, message, input }) => ({
			what: `${kind}: ${message}`,
			input: Buffer.from(input).toString("base64"),
		}));
		expect(failures).toEqual([]);
		expect(outcome.executions).toBeGreaterThan(0);
	});
});
