import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { runCataloger, testdata } from "../testing.ts";
import { buildBerkeleyDb, buildNdb, buildSqlite, numbered } from "./database-fixtures.ts";
import { buildHeader, fileTags, packageTags } from "./header-fixture.ts";
import { rpm, storeDatabase } from "./index.ts";

const path = "var/lib/rpm/Packages";

function read(bytes: Uint8Array, at = path, chunk = 4099) {
	return runCataloger(rpm, { path: at, bytes, chunk });
}

describe("rpm", () => {
	it.each([
		["var/lib/rpm/Packages", true],
		["var/lib/rpm/Packages.db", true],
		["var/lib/rpm/rpmdb.sqlite", true],
		["usr/lib/sysimage/rpm/Packages", true],
		["usr/lib/sysimage/rpm/Packages.db", true],
		["usr/lib/sysimage/rpm/rpmdb.sqlite", true],
		["usr/share/rpm/rpmdb.sqlite", true],
		["var/lib/rpm/rpmdb.sqlite-wal", true],
		["var/lib/rpm/rpmdb.sqlite-journal", true],
		["var/lib/rpmmanifest/container-manifest-2", true],
		["var/lib/rpmmanifest/container-manifest-1", false],
		["var/lib/rpm/rpmdb.sqlite-shm", false],
		["var/lib/rpm/Name", false],
		["var/lib/rpm/__db.001", false],
		["opt/root/var/lib/rpm/Packages", false],
	])("wants %s: %s", (path, wanted) => {
		expect(rpm.wants({ path, size: 1, mode: 0o644 })).toBe(wanted);
	});

	it("names every fixed path of a list of packages, and no other", () => {
		expect(rpm.databases).toHaveLength(10);
		expect(rpm.databases?.every((path) => rpm.wants({ path, size: 0, mode: 0o644 }))).toBe(true);
		expect(rpm.wants({ path: "var/lib/rpm/rpmdb.sqlite-wal", size: 0, mode: 0o644 })).toBe(false);
	});

	it("reads a database that rpm 4.18 wrote, keys left out", () => {
		const at = "usr/lib/sysimage/rpm/rpmdb.sqlite";
		const { packages, owned, warnings } = read(testdata(import.meta.url, "good"), at);
		expect(warnings).toEqual([]);
		expect(packages).toEqual([
			{
				type: "rpm",
				name: "alpha",
				version: "2:1.2.3~rc1^git5-4.el9",
				arch: "x86_64",
				source: { name: "alpha", version: "2:1.2.3~rc1^git5-4.el9" },
				modularity: "nodejs:18:9010020221009220316:rhel9",
				path: at,
			},
			{
				type: "rpm",
				name: "beta-tools",
				version: "9-4.el9",
				arch: "noarch",
				source: { name: "alpha", version: "1.2.3~rc1^git5-4.el9" },
				modularity: "nodejs:18:9010020221009220316:rhel9",
				path: at,
			},
		]);
		expect(owned).toEqual([
			{
				owner: "alpha",
				paths: [
					"etc/a.conf",
					"usr/lib/python3",
					"usr/lib/python3/site-packages",
					"usr/lib/python3/site-packages/a.dist-info",
					"usr/lib/python3/site-packages/a.dist-info/METADATA",
				],
			},
		]);
	});

	it("finds nothing in an empty database, without a warning", () => {
		expect(read(testdata(import.meta.url, "empty"))).toEqual({ packages: [], warnings: [] });
	});

	it("keeps what is there of a truncated database and says that something is missing", () => {
		const { packages, warnings } = read(testdata(import.meta.url, "truncated"));
		expect(packages.map(({ name }) => name)).toEqual(["alpha"]);
		expect(warnings).toMatchObject([{ code: "package_database_malformed", path }]);
		expect(warnings[0]?.message).toMatch(/may hide packages: the entry at page \d+ lies outside the file\.$/);
	});

	it("survives a hostile database: one warning, good entries kept", () => {
		const { packages, owned, warnings } = read(testdata(import.meta.url, "hostile"));
		expect(packages.map(({ name, version }) => `${name} ${version}`)).toEqual([
			"before 1.0-1.el9",
			"constructor 1.0-1.el9",
			"no-epoch 1.0-1.el9",
			"many-files 1.0-1.el9",
			"after 1.0-1.el9",
		]);
		expect(owned).toBeUndefined();
		expect(warnings).toHaveLength(1);
		expect(warnings[0]?.message).toMatch(/^9 entries .* header 2 has no name that can be one\.$/);
	});

	it("says so where a file is no database at all", () => {
		for (const bytes of [Buffer.from("x"), Buffer.alloc(5000), Buffer.from("SQLite format 2\0".padEnd(4096))]) {
			expect(read(bytes)).toMatchObject({ packages: [], warnings: [{ code: "package_database_malformed", path }] });
		}
	});

	const headers = numbered([
		buildHeader(packageTags("first", fileTags(["/usr/bin/a", "/usr/bin/b", "/etc/a"]))),
		buildHeader(packageTags("second", { ...fileTags(["/opt/long"]), oldFilenames: ["x".repeat(70_000)] })),
		buildHeader(packageTags("third", { epoch: { int32: [4_294_967_295] } })),
	]);

	it.each([
		["SQLite", buildSqlite(headers)],
		["ndb", buildNdb(headers)],
		["Berkeley DB", buildBerkeleyDb(headers)],
		["Berkeley DB, big-endian", buildBerkeleyDb(headers, 512, false)],
	])("reads the same in %s, however the file is cut into chunks", (_, bytes) => {
		for (const chunk of [997, 65_536, bytes.length]) {
			expect(read(bytes, path, chunk)).toMatchObject({
				packages: [
					{ name: "first", version: "1.0-1.el9" },
					{ name: "second", version: "1.0-1.el9" },
					{ name: "third", version: "4294967295:1.0-1.el9" },
				],
				owned: [
					{ owner: "first", paths: ["usr/bin/a", "usr/bin/b", "etc/a"] },
					{ owner: "second", paths: ["opt/long"] },
				],
				warnings: [],
			});
		}
	});

	it.each([
		["announced", 5, 1],
		["not announced", 1, 5],
	])("does not read a database over the limit (%s)", (_, announced, real) => {
		const sink = storeDatabase({ path, size: announced * 1024 * 1024, mode: 0o644 }, 4 * 1024 * 1024);
		for (let part = 0; part < real; part++) sink.write(Buffer.alloc(1024 * 1024));
		expect(sink.end()).toMatchObject({ packages: [], warnings: [{ code: "file_too_large", path }] });
	});
});

describe("rpm, files beside the database", () => {
	/** The first bytes of a write-ahead log: its header and one frame's. */
	function wal(salt: number): Buffer {
		const bytes = Buffer.alloc(4152);
		for (const [at, word] of [0x377f0682, 3_007_000, 4096, 0, 1234, 5678].entries()) bytes.writeUInt32BE(word, 4 * at);
		bytes.writeUInt32BE(salt, 40);
		bytes.writeUInt32BE(5678, 44);
		return bytes;
	}

	it.each([
		["-wal", wal(1234), 1],
		["-wal", wal(1233), 0],
		["-wal", wal(1234).subarray(0, 40), 0],
		["-wal", Buffer.alloc(4152), 0],
		["-journal", Buffer.from("d9d505f920a163d70000000100000000", "hex"), 1],
		["-journal", Buffer.alloc(512), 0],
		["-journal", Buffer.from("d9d505", "hex"), 0],
	])("warns of changes in %s that were never brought home (%#)", (end, bytes, warnings) => {
		const at = `var/lib/rpm/rpmdb.sqlite${end}`;
		const result = read(bytes, at, 7);
		expect(result.packages).toEqual([]);
		expect(result.warnings.map(({ code, path }) => [code, path])).toEqual(
			Array.from({ length: warnings }, () => ["package_database_malformed", at]),
		);
	});
});
