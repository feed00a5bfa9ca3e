import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { failureOf, osvRecord, tempFolder, writeBucket, writeZip } from "./bucket-fixture.ts";
import { openAdvisories } from "./database/reader.ts";
import { currentSnapshot, publishSnapshot } from "./database/snapshots.ts";
import { verifySnapshot } from "./database/verify.ts";
import { advisoriesStatus } from "./status.ts";
import type { UpdateProgress } from "./types.ts";
import { type UpdateOptions, updateAdvisories } from "./update.ts";

const noNetwork = () => Promise.reject(new Error("no network in this test"));
const may = new Date("2026-05-01T00:00:00Z");

function options(source: string, dir: string, more: Partial<UpdateOptions> = {}): UpdateOptions {
	return {
		source,
		dir,
		ecosystems: ["npm", "Debian", "Go"],
		kind: "full",
		fetch: noNetwork,
		clock: () => may,
		...more,
	};
}

const onDebian = (release: string, name: string) => ({
	package: { ecosystem: `Debian:${release}`, name },
	ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: "1.0-1" }] }],
});

/** A database that holds the one record OLD-1. */
async function withOldDatabase(): Promise<string> {
	const dir = await tempFolder();
	await updateAdvisories(options(await writeBucket(await tempFolder(), { npm: [osvRecord("OLD-1")] }), dir));
	return dir;
}

function idsIn(dir: string): string[] {
	const store = openAdvisories(dir);
	const ids = store.lookup("npm", "left-pad").map(({ advisory }) => advisory.id);
	store.close();
	return ids;
}

describe("updateAdvisories from a folder", () => {
	it("builds a database, tells what it read and how far it is", async () => {
		const dir = join(await tempFolder(), "db");
		const source = await writeBucket(await tempFolder(), {
			npm: [
				osvRecord("A-1", { modified: "2026-03-01T00:00:00Z" }),
				osvRecord("A-2", { withdrawn: "2026-02-01T00:00:00Z" }),
				osvRecord("A-3", { affected: "all of it" }),
			],
			"Debian:12": [osvRecord("D-1", { affected: [onDebian("12", "curl"), onDebian("13", "curl")] })],
			PyPI: [osvRecord("P-1")],
		});
		const feed = (ecosystem: string, [records, withdrawn, malformed]: readonly number[], newest: string) => {
			const fetchedAt = "2026-05-01T00:00:00.000Z";
			const url = join(source, ecosystem, "all.zip");
			return { feed: "osv", part: ecosystem, url, fetchedAt, records, withdrawn, malformed, newest };
		};
		const events: UpdateProgress[] = [];
		const result = await updateAdvisories(options(source, dir, { onProgress: (event) => events.push(event) }));
		expect(result).toEqual({
			digest: openAdvisories(dir).snapshot.digest,
			builtAt: "2026-05-01T00:00:00.000Z",
			kind: "full",
			source,
			feeds: [feed("Debian:12", [1, 0, 0], "2026-01-01T00:00:00Z"), feed("npm", [2, 1, 1], "2026-03-01T00:00:00Z")],
			records: 3,
			withdrawn: 1,
			malformed: 1,
			malformedRecords: [{ part: "npm", name: "A-3.json", problem: "affected is not a list" }],
			size: expect.any(Number),
			durationMs: 0,
		});
		expect(events.at(0)).toEqual({ type: "started", parts: ["Debian:12", "npm"] });
		expect(events).toContainEqual({ type: "records", part: "npm", done: 3, total: 3 });
		expect(events.at(-1)).toEqual({ type: "finishing" });
		expect(idsIn(dir)).toEqual(["A-1"]);
		// Debian:13 was not taken: what a record of Debian:12 says of it would pass for the whole of it.
		expect(openAdvisories(dir).snapshot.sources.map(({ ecosystem }) => ecosystem)).toEqual(["Debian:12", "npm"]);
		const status = advisoriesStatus(dir, () => new Date("2026-05-03T00:00:00Z"));
		expect(status).toMatchObject({
			digest: result.digest,
			size: result.size,
			ageMs: 2 * 24 * 3600 * 1000,
			source,
			totals: { records: 3, withdrawn: 1, packages: 2, affected: 2, scored: 0 },
		});
		expect(status.feeds).toEqual(result.feeds);
	});

	it("takes the ecosystem and leaves its releases where both are listed", async () => {
		const dir = await tempFolder();
		const record = osvRecord("D-1", { affected: [onDebian("12", "curl"), onDebian("13", "curl")] });
		const source = await writeBucket(await tempFolder(), { Debian: [record], "Debian:12": [record] });
		expect((await updateAdvisories(options(source, dir))).feeds.map(({ part }) => part)).toEqual(["Debian"]);
		const sources = openAdvisories(dir).snapshot.sources.map(({ ecosystem }) => ecosystem);
		expect(sources).toEqual(["Debian:12", "Debian:13"]);
	});

	it("finds the zips itself where there is no ecosystems.txt", async () => {
		const source = await tempFolder();
		await mkdir(join(source, "npm"));
		await mkdir(join(source, "Go"));
		await writeZip(join(source, "npm", "all.zip"), { "A-1.json": osvRecord("A-1") });
		const result = await updateAdvisories(options(source, await tempFolder()));
		expect(result.feeds.map(({ part }) => part)).toEqual(["npm"]);
	});

	it("leaves out listed versions that the ranges cover", async () => {
		const dir = await tempFolder();
		const affected = [{ package: { ecosystem: "npm", name: "left-pad" }, ranges: [], versions: ["1.0.0", "9.0.0"] }];
		affected[0]?.ranges.push({ type: "SEMVER", events: [{ introduced: "0" }, { fixed: "2.0.0" }] } as never);
		const source = await writeBucket(await tempFolder(), { npm: [osvRecord("A-1", { affected })] });
		const covers: UpdateOptions["covers"] = (ecosystem, ranges, version) =>
			ecosystem === "npm" && ranges.length === 1 && version < "2";
		await updateAdvisories(options(source, dir, { covers }));
		expect(openAdvisories(dir).lookup("npm", "left-pad")[0]?.affected.versions).toEqual(["9.0.0"]);
	});

	it("names malformed records without letting their names reach the terminal", async () => {
		const source = await tempFolder();
		await mkdir(join(source, "npm"));
		await writeZip(join(source, "npm", "all.zip"), {
			"A-1.json": osvRecord("A-1"),
			"\u001b[31mred.json": "{",
			"latin.json": Buffer.from([0x22, 0xe9, 0x22]),
			"README.txt": "not a record",
		});
		const result = await updateAdvisories(options(source, await tempFolder()));
		expect(result.malformed).toBe(2);
		expect(result.malformedRecords.map(({ name }) => name)).toEqual(["?[31mred.json", "latin.json"]);
	});

	it.each<[string, (source: string) => Promise<unknown>, RegExp]>([
		[
			"a zip is damaged",
			(source) => writeFile(join(source, "Go", "all.zip"), "PK but no"),
			/Go\/all\.zip is not a readable zip/,
		],
		[
			"a listed zip is missing",
			async (source) => {
				await rm(join(source, "Go"), { recursive: true });
				await writeFile(join(source, "ecosystems.txt"), "npm\nGo\n");
			},
			/lists Go but has no/,
		],
		[
			"a feed has only malformed records",
			(source) => writeZip(join(source, "Go", "all.zip"), { "x.json": "{}" }),
			/Go\/all\.zip holds no readable advisory; x\.json, for one: id is not/,
		],
	])("goes on when %s, with the older records of that feed", async (_, breakIt, message) => {
		const dir = await tempFolder();
		const onGo = { affected: [{ package: { ecosystem: "Go", name: "a" }, versions: ["1.0.0"] }] };
		const source = await tempFolder();
		await writeBucket(source, { npm: [osvRecord("OLD-1")], Go: [osvRecord("G-1", onGo)] });
		await updateAdvisories(options(source, dir));
		await writeBucket(source, { Go: [osvRecord("G-2", onGo)], npm: [osvRecord("NEW-1")] });
		await breakIt(source);
		const { feeds } = await updateAdvisories(options(source, dir));
		expect(feeds).toMatchObject([
			{ part: "Go", records: 1, failure: expect.stringMatching(message) },
			{ part: "npm", records: 1 },
		]);
		expect(idsIn(dir)).toEqual(["NEW-1"]);
		const store = openAdvisories(dir);
		expect(store.lookup("Go", "a").map(({ advisory }) => advisory.id)).toEqual(["G-1"]);
		store.close();
	});

	it("says that a feed has nothing, where there are no older records either", async () => {
		const dir = await tempFolder();
		const source = await writeBucket(await tempFolder(), { Go: [osvRecord("G-1")], npm: [osvRecord("A-1")] });
		await writeFile(join(source, "Go", "all.zip"), "PK but no");
		const { feeds } = await updateAdvisories(options(source, dir));
		expect(feeds[0]).toMatchObject({ part: "Go", records: 0, failure: expect.stringContaining("Go/all.zip") });
		expect(advisoriesStatus(dir, () => may).feeds).toEqual(feeds);
		expect(openAdvisories(dir).snapshot.sources.map(({ ecosystem }) => ecosystem)).toEqual(["npm"]);
	});

	it.each<[string, (source: string) => Promise<unknown>, RegExp]>([
		[
			"no ecosystem is known",
			(source) => writeFile(join(source, "ecosystems.txt"), "Hex\n../npm\n"),
			/has no advisories for any of npm, Debian, Go/,
		],
		[
			"there are no records",
			(source) => Promise.all(["npm", "Go"].map((name) => writeZip(join(source, name, "all.zip"), {}))),
			/holds no readable advisory/,
		],
		[
			"every zip is damaged",
			(source) => Promise.all(["npm", "Go"].map((name) => writeFile(join(source, name, "all.zip"), "PK but no"))),
			/Go\/all\.zip is not a readable zip/,
		],
	])("keeps the old database when %s", async (_, breakIt, message) => {
		const dir = await withOldDatabase();
		const source = await writeBucket(await tempFolder(), { Go: [osvRecord("G-1")], npm: [osvRecord("NEW-1")] });
		await breakIt(source);
		const error = await failureOf(updateAdvisories(options(source, dir)));
		expect(error).toMatchObject({ code: "advisories_source_unusable", message });
		expect(idsIn(dir)).toEqual(["OLD-1"]);
		expect(readdirSync(dir).sort()).toEqual(["current.json", "snapshots", "update.lock"]);
	});

	describe("with older records", () => {
		const on = (...ecosystems: string[]) => ({
			affected: ecosystems.map((ecosystem) => ({ package: { ecosystem, name: "a" }, versions: ["1.0.0"] })),
		});
		const everywhere = { ecosystems: ["Chainguard", "Debian", "Go", "Wolfi", "npm"] };
		const breakZip = (source: string, part: string) => writeFile(join(source, part, "all.zip"), "PK but no");

		/** Ecosystem to ids, as a scan sees them. */
		function holdings(dir: string) {
			const store = openAdvisories(dir);
			const found = store.snapshot.sources.map(({ ecosystem }) => [
				ecosystem,
				["a", "left-pad"].flatMap((name) => store.lookup(ecosystem, name)).map(({ advisory }) => advisory.id),
			]);
			store.close();
			return Object.fromEntries(found);
		}

		it.each([
			["read before", "npm"],
			["read after", "Chainguard"],
		])("kept under a smaller choice, gives way to the whole one of a zip that is %s", async (_, other) => {
			const dir = await tempFolder();
			const shared = osvRecord("BOTH-1", on("Go", other));
			const source = await writeBucket(await tempFolder(), { Go: [shared], [other]: [shared] });
			await updateAdvisories(options(source, dir, { ecosystems: ["Go"] }));
			expect(holdings(dir)).toEqual({ Go: ["BOTH-1"] });
			await breakZip(source, "Go");
			const { feeds } = await updateAdvisories(options(source, dir, everywhere));
			expect(feeds.find(({ part }) => part === "Go")).toHaveProperty("failure");
			expect(holdings(dir)).toEqual({ Go: ["BOTH-1"], [other]: ["BOTH-1"] });
		});

		it("keeps those of a part that fails, whatever they were filed under, and nothing of what is not taken", async () => {
			const dir = await tempFolder();
			const shared = osvRecord("CGA-1", on("Chainguard", "Wolfi"));
			const source = await writeBucket(await tempFolder(), {
				Chainguard: [shared],
				Wolfi: [shared, osvRecord("CGA-2", on("Wolfi"))],
				"Debian:12": [osvRecord("D-1", on("Debian:12"))],
				npm: [osvRecord("A-1")],
			});
			await updateAdvisories(options(source, dir, everywhere));
			await breakZip(source, "Wolfi");
			// What was listed by release is listed whole from now on.
			await mkdir(join(source, "Debian"));
			await breakZip(source, "Debian");
			await writeFile(join(source, "ecosystems.txt"), "Debian\nDebian:12\nWolfi\nnpm\n");
			const { feeds } = await updateAdvisories(options(source, dir, { ecosystems: ["Debian", "Wolfi", "npm"] }));
			expect(feeds.map(({ part, records, failure }) => [part, records, failure !== undefined])).toEqual([
				["Debian", 1, true],
				["Wolfi", 2, true],
				["npm", 1, false],
			]);
			expect(holdings(dir)).toEqual({ "Debian:12": ["D-1"], Wolfi: ["CGA-1", "CGA-2"], npm: ["A-1"] });
			// And once more: they are now filed under the part that stands for them.
			await updateAdvisories(options(source, dir, { ecosystems: ["Wolfi", "npm"] }));
			expect(holdings(dir)).toEqual({ Wolfi: ["CGA-1", "CGA-2"], npm: ["A-1"] });
		});

		it.each<[string, (source: string) => Promise<Partial<UpdateOptions>>]>([
			["of another kind", async () => ({ kind: "starter" })],
			["of another source", async (source) => ({ source: `${source}/` })],
		])("does not take those %s for its own", async (_, change) => {
			const dir = await tempFolder();
			const source = await writeBucket(await tempFolder(), {
				Go: [osvRecord("G-1", on("Go"))],
				npm: [osvRecord("A-1")],
			});
			await updateAdvisories(options(source, dir, await change(source)));
			await breakZip(source, "Go");
			const { feeds } = await updateAdvisories(options(source, dir));
			expect(feeds[0]).toMatchObject({ part: "Go", records: 0, failure: expect.any(String) });
			expect(holdings(dir)).toEqual({ npm: ["A-1"] });
		});

		/** All behind the schema and the facts. */
		const wipe = (bytes: Buffer) => bytes.fill(0xff, 12 * 4096, bytes.length - 4 * 4096);

		it.each<[string, (bytes: Buffer) => unknown, boolean]>([
			["damaged on the disk", wipe, false],
			[
				"changed on the disk so that SQLite sees nothing",
				(bytes) => bytes.write("lift", bytes.indexOf("left-pad")),
				false,
			],
			["published with damage in it", wipe, true],
		])("heals when they are %s", async (_, damage, named) => {
			const dir = await tempFolder();
			const many = Array.from({ length: 2000 }, (_, at) => osvRecord(`G-${at}`, on("Go")));
			const source = await writeBucket(await tempFolder(), { Go: many, npm: [osvRecord("A-1")] });
			await updateAdvisories(options(source, dir));
			const { path } = currentSnapshot(dir);
			const bytes = await readFile(path);
			damage(bytes);
			await writeFile(path, bytes);
			if (named) await publishSnapshot(dir, path);
			await breakZip(source, "npm");
			const { feeds } = await updateAdvisories(options(source, dir));
			expect(feeds).toMatchObject([
				{ part: "Go", records: 2000 },
				{ part: "npm", records: 0, failure: expect.stringContaining("npm/all.zip") },
			]);
			expect(await verifySnapshot(dir)).toMatchObject({ problems: [] });
			expect(readdirSync(dir).sort()).toEqual(["current.json", "snapshots", "update.lock"]);
		});
	});

	it("stores the listed versions of a package that has too many of them and of events as they are", async () => {
		const dir = await tempFolder();
		const versions = Array.from({ length: 2001 }, (_, at) => `1.${at}.0`);
		const events = Array.from({ length: 500 }, (_, at) => ({ introduced: `${at}.0.0` }));
		const ranges = [{ type: "SEMVER", events }];
		const affected = (count: number) => [
			{ package: { ecosystem: "npm", name: "left-pad" }, ranges, versions: versions.slice(0, count) },
		];
		const records = [2000, 2001].map((count) => osvRecord(`A-${count}`, { affected: affected(count) }));
		const source = await writeBucket(await tempFolder(), { npm: records });
		await updateAdvisories(options(source, dir, { covers: () => true }));
		const store = openAdvisories(dir);
		expect(store.lookup("npm", "left-pad").map((match) => match.affected.versions.length)).toEqual([0, 2001]);
		store.close();
	});

	it("says which folder is not there", async () => {
		const error = await failureOf(updateAdvisories(options("/nowhere/at/all", await tempFolder())));
		expect(error).toMatchObject({
			code: "advisories_source_unusable",
			message: expect.stringContaining("/nowhere/at/all"),
		});
	});

	it("stops when asked to", async () => {
		const dir = await withOldDatabase();
		const records = Array.from({ length: 2000 }, (_, n) => osvRecord(`N-${n}`));
		const source = await writeBucket(await tempFolder(), { npm: records });
		const stop = new AbortController();
		const onProgress = (event: UpdateProgress) => {
			if (event.type === "records" && event.done > 500) stop.abort();
		};
		const error = await failureOf(updateAdvisories(options(source, dir, { onProgress, signal: stop.signal })));
		expect(error.code).toBe("aborted");
		expect(idsIn(dir)).toEqual(["OLD-1"]);
	});

	it("refuses to run beside another update", async () => {
		const dir = await tempFolder();
		const source = await writeBucket(await tempFolder(), { npm: [osvRecord("A-1")] });
		const both = await Promise.allSettled([1, 2].map(() => updateAdvisories(options(source, dir))));
		expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
		expect(both.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "advisories_busy" } });
		expect(idsIn(dir)).toEqual(["A-1"]);
	});

	it.each<[string, (dir: string) => Promise<unknown>]>([
		["is a file", (dir) => writeFile(dir, "")],
		["cannot be locked", (dir) => mkdir(join(dir, "update.lock"), { recursive: true })],
		["cannot take the new snapshot", (dir) => mkdir(dir).then(() => writeFile(join(dir, "snapshots"), ""))],
	])("says that the folder cannot be written when it %s", async (_, spoil) => {
		const dir = join(await tempFolder(), "db");
		await spoil(dir);
		const source = await writeBucket(await tempFolder(), { npm: [osvRecord("A-1")] });
		const error = await failureOf(updateAdvisories(options(source, dir)));
		expect(error).toMatchObject({ code: "advisories_unwritable", message: expect.stringContaining(dir) });
	});

	it("does not take a mistake of the program for a full disk", async () => {
		const source = await writeBucket(await tempFolder(), { npm: [osvRecord("A-1")] });
		const onProgress = () => {
			throw new TypeError("oops");
		};
		await expect(updateAdvisories(options(source, await tempFolder(), { onProgress }))).rejects.toThrow(TypeError);
	});
});

/** Starts an update in a process of its own, kills it with SIGKILL at `moment`, and waits until it is gone. */
async function killAt(moment: string, source: string, dir: string): Promise<void> {
	const script = `
		import { updateAdvisories } from ${JSON.stringify(new URL("./update.ts", import.meta.url).href)};
		const moment = (event) => event.type === "records" ? event.type + (event.done > 500 ? "-half" : "") : event.type;
		await updateAdvisories({
			source: ${JSON.stringify(source)}, dir: ${JSON.stringify(dir)}, ecosystems: ["npm"], kind: "full",
			fetch, clock: () => new Date(),
			onProgress: (event) => {
				if (moment(event) !== ${JSON.stringify(moment)}) return;
				process.stdout.write("now\\n");
				Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
			},
		});
	`;
	const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
		cwd: import.meta.dirname,
		stdio: ["ignore", "pipe", "inherit"],
	});
	const exit = once(child, "exit");
	await once(child.stdout, "data");
	child.kill("SIGKILL");
	expect((await exit)[1]).toBe("SIGKILL");
}

describe("an update that is killed", () => {
	it.each(["started", "records-half", "finishing"])(
		"at %s leaves the old database, and the next one cleans up",
		async (moment) => {
			const dir = await withOldDatabase();
			const records = Array.from({ length: 1500 }, (_, n) => osvRecord(`NEW-${n}`));
			const source = await writeBucket(await tempFolder(), { npm: records });
			await killAt(moment, source, dir);
			expect(idsIn(dir)).toEqual(["OLD-1"]);
			if (moment !== "started") expect(readdirSync(dir).join()).toContain("building-");
			await updateAdvisories(options(source, dir));
			expect(idsIn(dir)).toHaveLength(1500);
			expect(readdirSync(dir).sort()).toEqual(["current.json", "snapshots", "update.lock"]);
		},
	);
});
