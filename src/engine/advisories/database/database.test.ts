import { readdirSync } from "node:fs";
import { appendFile, mkdir, open, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import type { Advisory, Affected } from "#model";
import { EngineError } from "../../errors.ts";
import type { AdvisoryStore } from "../../ports.ts";
import { tempFolder } from "../bucket-fixture.ts";
import type { OldRecords } from "./carry-over.ts";
import { lockForUpdate } from "./lock.ts";
import { inDatabase, openAdvisories, readMeta, readTotals } from "./reader.ts";
import { applicationId, schemaVersion } from "./schema.ts";
import { currentSnapshot, newBuildingPath, publishSnapshot } from "./snapshots.ts";
import { verifySnapshot } from "./verify.ts";
import { createDatabase, type DatabaseMeta } from "./writer.ts";

const meta: DatabaseMeta = { builtAt: "2026-05-01T00:00:00.000Z", kind: "full", source: "test" };
const high = { type: "CVSS_V3", vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" } as const;
const low = { type: "CVSS_V3", vector: "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N" } as const;

function advisory(id: string, fields: Partial<Advisory> = {}): Advisory {
	const none = { aliases: [], upstream: [], related: [], severity: [], references: [] };
	return { id, modified: "2026-01-01T00:00:00Z", ...none, ...fields };
}

function affects(name: string, fixed = "2.0.0", ecosystem = "npm"): Affected {
	return { ecosystem, name, ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed }] }], versions: [] };
}

const npm = { feed: "osv", part: "npm" };

type Added = readonly [Advisory, ...Affected[]];

async function publish(dir: string, added: readonly Added[], given: DatabaseMeta = meta): Promise<string> {
	const writer = createDatabase(await newBuildingPath(dir));
	for (const [one, ...affected] of added) writer.add(npm, one, affected);
	const finished = await newBuildingPath(dir);
	writer.finish(finished, given);
	return (await publishSnapshot(dir, finished)).digest;
}

async function storeOf(...added: Added[]): Promise<AdvisoryStore> {
	const dir = await tempFolder();
	await publish(dir, added);
	return openAdvisories(dir);
}

function idsOf(store: AdvisoryStore, ecosystem: string, name: string): string[] {
	return store.lookup(ecosystem, name).map(({ advisory: { id }, affected }) => {
		const fixed = affected.ranges[0]?.events[1]?.fixed;
		return `${id} ${fixed}`;
	});
}

function errorOf(run: () => unknown): EngineError {
	try {
		run();
	} catch (error) {
		if (error instanceof EngineError) return error;
		throw error;
	}
	throw new Error("nothing was thrown");
}

describe("look-up", () => {
	it("is exact in ecosystem and name, and ordered by advisory, then by place in the record", async () => {
		const store = await storeOf(
			[advisory("B"), affects("a"), affects("A"), affects("a", "3.0.0")],
			[advisory("A"), affects("a"), affects("a", "1.0", "Debian:12")],
		);
		expect(idsOf(store, "npm", "a")).toEqual(["A 2.0.0", "B 2.0.0", "B 3.0.0"]);
		expect(idsOf(store, "npm", "A")).toEqual(["B 2.0.0"]);
		expect(idsOf(store, "Debian:12", "a")).toEqual(["A 1.0"]);
		for (const [ecosystem, name] of [
			["Debian", "a"],
			["Debian:1", "a"],
			["NPM", "a"],
			["npm", "a%"],
			["npm", ""],
			["npm", "a' OR 1=1 --"],
		] as const)
			expect(store.lookup(ecosystem, name)).toEqual([]);
	});

	it("gives back all that was written", async () => {
		const one = advisory("X-1", {
			aliases: ["CVE-1"],
			summary: "it's \u{1F6A2}",
			severity: [high],
			published: "2025-01-01T00:00:00Z",
		});
		const affected: Affected = {
			...affects("@scope/name"),
			versions: ["1.0.0"],
			severity: [low],
			severityWord: "high",
		};
		const store = await storeOf([one, affected]);
		expect(store.lookup("npm", "@scope/name")).toEqual([{ feed: "osv", advisory: one, affected }]);
		expect(store.kind).toBe("full");
		expect(store.snapshot).toMatchObject({
			builtAt: meta.builtAt,
			sources: [{ ecosystem: "npm", records: 1, newest: "2026-01-01T00:00:00Z" }],
		});
	});

	it("throws when the store is closed", async () => {
		const store = await storeOf([advisory("A"), affects("a")]);
		store.close();
		store.close();
		expect(() => store.lookup("npm", "a")).toThrow("closed");
	});
});

describe("one record in several feeds", () => {
	const older = advisory("A", { modified: "2026-01-01T00:00:00Z", severity: [low] });
	const newer = advisory("A", { modified: "2026-01-01T00:00:00.5Z", severity: [high] });
	it.each<[string, Added[]]>([
		[
			"newer first",
			[
				[newer, affects("new")],
				[older, affects("old")],
			],
		],
		[
			"newer last",
			[
				[older, affects("old")],
				[newer, affects("new")],
			],
		],
		[
			"three times",
			[
				[older, affects("old")],
				[newer, affects("new")],
				[newer, affects("again")],
			],
		],
	])("counts once, as it was modified last: %s", async (_, added) => {
		const dir = await tempFolder();
		await publish(dir, added);
		const store = openAdvisories(dir);
		const totals = inDatabase(currentSnapshot(dir).path, readTotals);
		expect(totals).toEqual({ records: 1, withdrawn: 0, packages: 1, affected: 1, scored: 1 });
		expect(idsOf(store, "npm", "new")).toEqual(["A 2.0.0"]);
		expect(idsOf(store, "npm", "old")).toEqual([]);
		expect(idsOf(store, "npm", "again")).toEqual([]);
		expect(store.severities(["A"])).toEqual([{ source: "A", ...high }]);
		expect(store.snapshot.sources).toEqual([{ ecosystem: "npm", records: 1, newest: newer.modified }]);
	});
});

describe("records of an older database", () => {
	const old = advisory("A", { modified: "2026-03-01T00:00:00Z", severity: [low] });
	const fresh = advisory("A", { modified: "2026-02-01T00:00:00Z", severity: [high] });

	/** Builds a database that takes records of `from` over before or after `fresh` is added to it. */
	async function rebuilt(carry: Partial<OldRecords>, order: "before" | "after" | "alone") {
		const from = await tempFolder();
		await publish(from, [
			[old, affects("old"), affects("old", "1", "Go")],
			[advisory("B"), affects("b")],
		]);
		const dir = await tempFolder();
		const writer = createDatabase(await newBuildingPath(dir));
		const carryOver = () => writer.carryOver({ from: currentSnapshot(from).path, ...npm, ...carry });
		if (order === "before") carryOver();
		if (order !== "alone") writer.add({ feed: "osv", part: "Go" }, fresh, [affects("new")]);
		if (order !== "before") carryOver();
		const content = writer.contentOf(npm, ["A", "B", "C"]);
		const finished = await newBuildingPath(dir);
		writer.finish(finished, { ...meta, taken: "x" });
		await publishSnapshot(dir, finished);
		return { content, store: openAdvisories(dir), meta: inDatabase(currentSnapshot(dir).path, readMeta) };
	}

	it.each(["before", "after"] as const)(
		"give way to fresh ones, though those are older: taken over %s",
		async (order) => {
			const { store } = await rebuilt({}, order);
			expect(store.lookup("npm", "new").map(({ advisory: { id } }) => id)).toEqual(["A"]);
			expect(store.lookup("npm", "old")).toEqual([]);
			expect(store.severities(["A"])).toEqual([{ source: "A", ...high }]);
			expect(idsOf(store, "npm", "b")).toEqual(["B 2.0.0"]);
		},
	);

	it("that are as good as fresh ones stay when they were modified later", async () => {
		const { store, content } = await rebuilt({ ids: ["A", "C"] }, "before");
		expect(idsOf(store, "npm", "old")).toEqual(["A 2.0.0"]);
		expect(store.lookup("npm", "b")).toEqual([]);
		expect(content).toEqual({ records: 1, withdrawn: 0, newest: "2026-03-01T00:00:00Z" });
	});

	it("are found by what they are about, and cut to what is taken", async () => {
		const { store, meta: written } = await rebuilt(
			{ part: "Go", holds: (ecosystem) => ecosystem === "Go", keeps: (ecosystem) => ecosystem === "Go" },
			"alone",
		);
		expect(store.snapshot.sources.map(({ ecosystem, records }) => [ecosystem, records])).toEqual([["Go", 1]]);
		expect(written).toEqual({ ...meta, taken: "x" });
	});

	it("are refused when the file is damaged", async () => {
		const from = join(await tempFolder(), "old.sqlite");
		await writeFile(from, "SQLite format 3\0 but no");
		const writer = createDatabase(await newBuildingPath(await tempFolder()));
		expect(errorOf(() => writer.carryOver({ from, ...npm }))).toMatchObject({ code: "advisories_malformed" });
		writer.discard();
	});
});

describe("withdrawn records", () => {
	const withdrawn = advisory("A", {
		modified: "2026-02-01T00:00:00Z",
		withdrawn: "2026-02-01T00:00:00Z",
		severity: [high],
	});
	it("affect nothing and give no vectors", async () => {
		const store = await storeOf([withdrawn, affects("a")], [advisory("B"), affects("a")]);
		expect(idsOf(store, "npm", "a")).toEqual(["B 2.0.0"]);
		expect(store.severities(["A"])).toEqual([]);
		expect(store.snapshot.sources).toEqual([{ ecosystem: "npm", records: 1, newest: "2026-01-01T00:00:00Z" }]);
	});

	it("take back what the same record said before, whichever comes first", async () => {
		const before: Added = [advisory("A", { severity: [high] }), affects("a")];
		for (const added of [
			[before, [withdrawn, affects("a")] as const],
			[[withdrawn, affects("a")] as const, before],
		]) {
			const store = await storeOf(...added);
			expect(store.lookup("npm", "a")).toEqual([]);
			expect(store.severities(["A"])).toEqual([]);
			expect(store.snapshot.sources).toEqual([]);
		}
	});
});

describe("vectors", () => {
	it("hold for the record, its aliases, and an upstream that is the only one", async () => {
		const store = await storeOf(
			[advisory("GHSA-1", { aliases: ["CVE-1"], related: ["CVE-9"], severity: [high] })],
			[advisory("DSA-1", { upstream: ["CVE-1"], severity: [low] })],
			[advisory("DSA-2", { upstream: ["CVE-1", "CVE-2"], severity: [high] })],
			[advisory("DSA-3", { upstream: ["CVE-3", "CVE-3"], severity: [low] })],
		);
		const sources = (...ids: string[]) => store.severities(ids).map(({ source }) => source);
		expect(sources("CVE-1")).toEqual(["DSA-1", "GHSA-1"]);
		expect(sources("CVE-2")).toEqual([]);
		expect(sources("CVE-3")).toEqual(["DSA-3"]);
		expect(sources("CVE-9")).toEqual([]);
		expect(sources("DSA-2")).toEqual(["DSA-2"]);
		expect(sources()).toEqual([]);
	});

	it("come once a record, however many of its identifiers are asked for", async () => {
		const store = await storeOf([advisory("GHSA-1", { aliases: ["CVE-1"], severity: [high, low] })]);
		expect(store.severities(["CVE-1", "GHSA-1", "CVE-1"])).toEqual([
			{ source: "GHSA-1", ...high },
			{ source: "GHSA-1", ...low },
		]);
	});
});

describe("snapshots", () => {
	it("are named by their content, and the same input gives the same content", async () => {
		const [one, two] = [await tempFolder(), await tempFolder()];
		const added: Added[] = [
			[advisory("B", { severity: [high] }), affects("b"), affects("a")],
			[advisory("A"), affects("a")],
		];
		const digest = await publish(one, added);
		expect(await publish(two, added)).toBe(digest);
		expect(await publish(two, added, { ...meta, kind: "starter" })).not.toBe(digest);
		expect(await verifySnapshot(one)).toEqual({ digest, actual: digest, problems: [] });
	});

	it("replace one another while a reader keeps its own", async () => {
		const dir = await tempFolder();
		await publish(dir, [[advisory("OLD"), affects("a")]]);
		const old = openAdvisories(dir);
		const digest = await publish(dir, [[advisory("NEW"), affects("a")]]);
		expect(readdirSync(join(dir, "snapshots"))).toEqual([`${digest.slice(7)}.sqlite`]);
		expect(idsOf(old, "npm", "a")).toEqual(["OLD 2.0.0"]);
		expect(idsOf(openAdvisories(dir), "npm", "a")).toEqual(["NEW 2.0.0"]);
		expect(readdirSync(dir).sort()).toEqual(["current.json", "snapshots"]);
	});

	it("are refused with what to do when there is none, or not one of ours", async () => {
		const dir = await tempFolder();
		expect(errorOf(() => openAdvisories(join(dir, "none")))).toMatchObject({
			code: "advisories_missing",
			hint: /db update/,
		});
		for (const text of ["", "{}", "null", '{"digest":"sha256:../../x"}', '{"digest":"md5:aa"}']) {
			await writeFile(join(dir, "current.json"), text);
			expect(errorOf(() => openAdvisories(dir)).code).toBe("advisories_malformed");
		}
		await publish(dir, [[advisory("A"), affects("a")]]);
		const { path } = currentSnapshot(dir);
		const whole = await readFile(path);
		const refused: [string, RegExp][] = [
			["PRAGMA user_version = 99", /schema is version 99/],
			["PRAGMA user_version = 0", /schema is version 0/],
			[`PRAGMA user_version = ${schemaVersion}; PRAGMA application_id = 7`, /not a Plimsoll advisory database/],
			[`PRAGMA application_id = ${applicationId}; DELETE FROM meta`, /damaged/],
			["DROP TABLE records", /damaged/],
		];
		for (const [change, message] of refused) {
			const database = new DatabaseSync(path);
			database.exec(change);
			database.close();
			expect(errorOf(() => openAdvisories(dir))).toMatchObject({ code: "advisories_malformed", message });
		}
		await writeFile(path, whole.subarray(0, 1000));
		expect(errorOf(() => openAdvisories(dir)).code).toBe("advisories_malformed");
		await rm(path);
		expect(errorOf(() => openAdvisories(dir)).code).toBe("advisories_missing");
	});

	it("show damage at look-up as an error, and all of it to verify", async () => {
		const dir = await tempFolder();
		const many = Array.from(
			{ length: 500 },
			(_, n): Added => [advisory(`A-${n}`, { summary: "x".repeat(200) }), affects(`p${n}`)],
		);
		const digest = await publish(dir, many);
		const { path } = currentSnapshot(dir);
		const file = await open(path, "r+");
		// All but the first pages, which hold the schema and the facts.
		const { size } = await file.stat();
		await file.write(Buffer.alloc(size - 8 * 4096, 0xff), 0, undefined, 8 * 4096);
		await file.close();
		const verdict = await verifySnapshot(dir);
		expect(verdict.digest).toBe(digest);
		expect(verdict.actual).not.toBe(digest);
		expect(verdict.problems.length).toBeGreaterThan(1);
		expect(errorOf(() => many.map((_, n) => openAdvisories(dir).lookup("npm", `p${n}`))).code).toBe(
			"advisories_malformed",
		);
	});

	it("with a byte appended are found by their digest", async () => {
		const dir = await tempFolder();
		await publish(dir, [[advisory("A"), affects("a")]]);
		await appendFile(currentSnapshot(dir).path, "x");
		expect((await verifySnapshot(dir)).problems).toHaveLength(1);
	});
});

describe("lockForUpdate", () => {
	it("lets one in at a time and names the holder", async () => {
		const dir = join(await tempFolder(), "made");
		const first = await lockForUpdate(dir);
		await expect(lockForUpdate(dir)).rejects.toThrow(`is running (process ${process.pid})`);
		first.release();
		(await lockForUpdate(dir)).release();
	});

	it("does not take a folder that cannot be written for a running update", async () => {
		const dir = await tempFolder();
		await mkdir(join(dir, "update.lock"));
		await expect(lockForUpdate(dir)).rejects.not.toBeInstanceOf(EngineError);
	});
});

it("leaves nothing when it is discarded", async () => {
	const dir = await tempFolder();
	const writer = createDatabase(await newBuildingPath(dir));
	writer.add(npm, advisory("A"), [affects("a")]);
	writer.discard();
	writer.discard();
	expect(readdirSync(dir)).toEqual([]);
});
