import type { Buffer } from "node:buffer";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCataloger } from "../testing.ts";
import { buildBerkeleyDb, buildNdb, buildSqlite, type Headers } from "./database-fixtures.ts";
import { rpm } from "./index.ts";
import { askRpm, headersOf, makeDatabase, programsPresent, type RpmAnswer, writeBerkeleyDb } from "./rpm-oracle.ts";

/** Our answer on a database in the oracle's words; there must be no warning. */
function ownAnswer(bytes: Buffer): RpmAnswer {
	const { packages, owned = [], warnings } = runCataloger(rpm, { path: "var/lib/rpm/Packages", bytes, chunk: 65_536 });
	expect(warnings).toEqual([]);
	return {
		packages: packages
			.map(({ name, version, arch, source, modularity }) => {
				const epoch = /^\d+:/.exec(version)?.[0].length ?? 0;
				const file = source ? `${source.name}-${source.version.slice(epoch)}.src.rpm` : "(none)";
				return `${name} ${version} ${arch} ${file} ${modularity ?? "(none)"}`;
			})
			.sort(),
		files: owned.flatMap(({ owner, paths }) => paths.map((path) => `${owner} /${path}`)).sort(),
	};
}

/** CI must have the programs: there these tests run and fail without them. */
const mayRun = programsPresent || process.env["CI"] !== undefined;

describe.skipIf(!mayRun)("rpm, against the real one (skipped where rpm, rpmbuild and perl are not installed)", () => {
	const folder = mkdtempSync(join(tmpdir(), "plimsoll-rpm-"));
	let real: RpmAnswer;
	let headers: Headers;
	let written: Buffer;

	beforeAll(() => {
		const made = makeDatabase(folder);
		headers = made.headers;
		written = readFileSync(join(made.dbpath, "rpmdb.sqlite"));
		real = askRpm(made.dbpath, "sqlite");
	});
	afterAll(() => rmSync(folder, { recursive: true }));

	/** A database folder of its own, as rpm wants it. */
	function place(name: string): string {
		const dbpath = mkdtempSync(join(folder, `${name}-`));
		mkdirSync(dbpath, { recursive: true });
		return dbpath;
	}

	it("has a database with all that matters", () => {
		expect(real.packages).toEqual([
			"alpha 2:1.2.3~rc1^git5-4.el9 x86_64 alpha-1.2.3~rc1^git5-4.el9.src.rpm nodejs:18:9010020221009220316:rhel9",
			"beta-tools 9-4.el9 noarch alpha-1.2.3~rc1^git5-4.el9.src.rpm nodejs:18:9010020221009220316:rhel9",
			"gamma 2:1.2.3~rc1^git5-4.el9 noarch alpha-1.2.3~rc1^git5-4.el9.src.rpm nodejs:18:9010020221009220316:rhel9",
		]);
		expect(real.files).toHaveLength(405);
		expect(real.files).toContain("alpha /usr/lib/python3/site-packages/a.dist-info/METADATA");
		expect(real.files).toContain(`gamma ${folder}/share/gamma/file number 400 ä`);
		expect(real.files.filter((file) => file.includes("README"))).toEqual([]);
		expect(headers.size).toBe(4);
	});

	it("reads what rpm wrote as rpm reads it: files left out at installation are not owned", () => {
		expect(ownAnswer(written)).toEqual(real);
	});

	it.each([512, 1024, 4096, 65_536])("reads SQLite's own file with pages of %i bytes", (pageSize) => {
		expect(ownAnswer(buildSqlite(headers, pageSize))).toEqual(real);
	});

	it.each([
		[512, true],
		[4096, true],
		[4096, false],
		[32_768, false],
	])("reads Berkeley DB's own file as rpm does: pages of %i bytes, little-endian %s", (pageSize, littleEndian) => {
		const dbpath = place("bdb");
		writeBerkeleyDb(join(dbpath, "Packages"), headers, pageSize, littleEndian);
		const bytes = readFileSync(join(dbpath, "Packages"));
		expect(ownAnswer(bytes)).toEqual(real);
		expect(askRpm(dbpath, "bdb_ro")).toEqual(real);
	});

	it("reads a large hash of Berkeley DB, of which half was deleted", () => {
		const many = new Map([...Array(2000).keys()].map((at) => [at + 1, [...headers.values()][at % 4] ?? written]));
		const file = join(place("large"), "Packages");
		writeBerkeleyDb(file, many, 4096, true);
		const { packages, warnings } = runCataloger(rpm, { path: "var/lib/rpm/Packages", bytes: readFileSync(file) });
		expect(warnings).toEqual([]);
		expect(packages).toHaveLength(1500);
	});

	it.each([
		["Berkeley DB", (of: Headers) => buildBerkeleyDb(of)],
		["Berkeley DB, small pages", (of: Headers) => buildBerkeleyDb(of, 512)],
		["Berkeley DB, big-endian", (of: Headers) => buildBerkeleyDb(of, 4096, false)],
	])("has a builder of %s that rpm reads", (_, build) => {
		const dbpath = place("built");
		writeFileSync(join(dbpath, "Packages"), build(headers));
		expect(askRpm(dbpath, "bdb_ro")).toEqual(real);
		expect(ownAnswer(build(headers))).toEqual(real);
	});

	it("reads the same from ndb, which Debian's rpm cannot", () => {
		expect(ownAnswer(buildNdb(headers))).toEqual(real);
	});
});

const pack = resolve(process.env["PLIMSOLL_TESTDATA"] ?? "../shared/testdata");
const packPresent = existsSync(join(pack, "images"));
const absence = packPresent ? "" : " (skipped: no test data at PLIMSOLL_TESTDATA or ../shared/testdata)";

describe.skipIf(!packPresent)(`rpm, on the AlmaLinux 9 image of the test data${absence}`, () => {
	/** The reference scanner's packages: target, type, name, version, source name and version, architecture, module. */
	function referencePackages(): string[] {
		const text = readFileSync(join(pack, "expected/synth-almalinux-9.packages.tsv"), "utf8");
		return text
			.trimEnd()
			.split("\n")
			.map((line) => line.split("\t").slice(2).join(" ").trim());
	}

	function database(): Buffer {
		const folder = mkdtempSync(join(tmpdir(), "plimsoll-rpm-"));
		try {
			execFileSync("tar", ["-xf", join(pack, "images/synth-almalinux-9.oci.tar"), "-C", folder]);
			const json = (digest: string) => JSON.parse(readFileSync(join(folder, "blobs", digest), "utf8"));
			const index = JSON.parse(readFileSync(join(folder, "index.json"), "utf8"));
			const manifest = json(index.manifests[0].digest.replace(":", "/"));
			const layer = join(folder, "blobs", manifest.layers[0].digest.replace(":", "/"));
			execFileSync("tar", ["-xzf", layer, "-C", folder, "var/lib/rpm/rpmdb.sqlite"]);
			expect(headersOf(join(folder, "var/lib/rpm/rpmdb.sqlite")).size).toBe(160);
			return readFileSync(join(folder, "var/lib/rpm/rpmdb.sqlite"));
		} finally {
			rmSync(folder, { recursive: true });
		}
	}

	it("finds the reference's packages, versions, sources and modules", () => {
		const { packages, warnings } = runCataloger(rpm, { path: "var/lib/rpm/rpmdb.sqlite", bytes: database() });
		expect(warnings).toEqual([]);
		const found = packages.map(({ name, version, source, arch, modularity = "" }) =>
			`${name} ${version} ${source?.name} ${source?.version} ${arch} ${modularity}`.trim(),
		);
		expect(found.sort()).toEqual(referencePackages().sort());
		expect(packages.filter(({ thirdParty }) => thirdParty)).toEqual([]);
	});
});
