import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assertSurvivesMutations } from "../mutations-fixture.ts";
import { runCataloger, testdata, utf8 } from "../testing.ts";
import { apk } from "./index.ts";

const path = "lib/apk/db/installed";

function read(bytes: Uint8Array) {
	return runCataloger(apk, { path, bytes, chunk: 5 });
}

describe("apk", () => {
	it.each([
		["lib/apk/db/installed", true],
		["usr/lib/apk/db/installed", true],
		["lib/apk/db/scripts.tar", false],
		["opt/lib/apk/db/installed", false],
	])("wants %s: %s", (file, wanted) => {
		expect(apk.wants({ path: file, size: 1, mode: 0o644 })).toBe(wanted);
	});

	it("reads packages, their origins and their files", () => {
		expect(read(testdata(import.meta.url, "installed"))).toEqual({
			packages: [
				{
					type: "apk",
					name: "alpine-baselayout",
					version: "3.4.0-r0",
					arch: "x86_64",
					source: { name: "alpine-baselayout", version: "3.4.0-r0" },
					path,
				},
				{
					type: "apk",
					name: "ssl_client",
					version: "1.36.1-r29",
					arch: "x86_64",
					source: { name: "busybox", version: "1.36.1-r29" },
					path,
				},
				{
					type: "apk",
					name: ".build-deps",
					version: "20240101.120000",
					arch: "noarch",
					source: { name: ".build-deps", version: "20240101.120000" },
					path,
				},
			],
			owned: [
				{ owner: "alpine-baselayout", paths: ["init", "etc/motd", "etc/crontabs/root"] },
				{ owner: "ssl_client", paths: ["usr/bin/ssl_client"] },
			],
			warnings: [],
		});
	});

	it("finds nothing in an empty database, without a warning", () => {
		expect(read(testdata(import.meta.url, "empty"))).toEqual({ packages: [], owned: [], warnings: [] });
	});

	it("keeps whole records of a truncated database and says that one is broken", () => {
		const { packages, warnings } = read(testdata(import.meta.url, "truncated"));
		expect(packages.map(({ name }) => name)).toEqual(["musl"]);
		expect(warnings).toMatchObject([{ code: "package_database_malformed", path }]);
		expect(warnings[0]?.message).toContain("line 7 has no V (version) line for zlib");
	});

	it("says so when two records stand together without an empty line", () => {
		const { packages, warnings } = read(utf8("P:good\nV:1-r0\nP:openssl\nV:1.1.1c-r0\n\n"));
		expect(packages.map(({ name }) => name)).toEqual(["good"]);
		expect(warnings[0]?.message).toContain("line 1 names a second package or version (line 3)");
		expect(read(utf8("P:a\nV:1-r0\nP:a\n\n")).warnings).toEqual([]);
	});

	it("survives a hostile database: one warning, good records kept", () => {
		const { packages, owned, warnings } = read(testdata(import.meta.url, "hostile"));
		expect(packages.map(({ name, version, source }) => [name, version, source?.name])).toEqual([
			["before", "1-r0", "before"],
			["odd", "2-r0", "odd"],
			["after", "3-r0", "after"],
		]);
		expect(owned).toEqual([{ owner: "after", paths: ["outside", "a/b"] }]);
		expect(warnings).toHaveLength(1);
		expect(warnings[0]?.message).toMatch(/^6 records .* line 4 has no P \(name\) line\.$/);
	});

	it("keeps every package of a database whose other lines are Latin-1", () => {
		const bytes = Uint8Array.from(Buffer.from("P:a\nV:1-r0\nm:Nat\xe1n\nF:\xe4\nR:b\n\nP:c\nV:2-r0\n\n", "latin1"));
		const { packages, warnings } = read(bytes);
		expect(packages.map(({ name }) => name)).toEqual(["a", "c"]);
		expect(warnings).toEqual([]);
	});

	it("warns of a database in UTF-16", () => {
		const bytes = Uint8Array.from(Buffer.from("\ufeffP:a\nV:1-r0\n\n", "utf16le"));
		expect(read(bytes)).toMatchObject({ packages: [], warnings: [{ code: "package_database_malformed" }] });
	});

	it("warns of names and versions of monstrous length", () => {
		const { packages, warnings } = read(
			utf8(`P:${"a".repeat(5000)}\nV:1\n\nP:b\nV:${"1".repeat(5000)}\n\nP:c\nV:1-r0\n`),
		);
		expect(packages.map(({ name }) => name)).toEqual(["c"]);
		expect(warnings[0]?.message).toMatch(/^2 records /);
		expect(warnings[0]?.message.length).toBeLessThan(300);
	});

	it("stops at 200,000 records, and says so", () => {
		const bytes = utf8("P:a\nV:1\n\n".repeat(200_001));
		const { packages, warnings } = runCataloger(apk, { path, bytes });
		expect(packages).toHaveLength(200_000);
		expect(warnings[0]?.message).toContain("line 600001 and all after it were not read");
	});

	it.each([
		["a small file of long paths", `P:a\nV:1\nF:${"f".repeat(1_000_000)}\n${"R:b\n".repeat(200_000)}`, 67],
		["a million paths", `P:a\nV:1\n${"R:b\n".repeat(1_500_000)}`, 1_032_444],
		["nothing but line ends", "\n".repeat(10_000_000), 0],
	])("keeps its memory in bounds for %s", (_, text, kept) => {
		const { owned = [], warnings } = runCataloger(apk, { path, bytes: utf8(text) });
		expect(owned.reduce((sum, { paths }) => sum + paths.length, 0)).toBe(kept);
		expect(warnings).toEqual([]);
	});

	it("keeps the packages before and after damage, and never throws", () => {
		const good = testdata(import.meta.url, "installed");
		assertSurvivesMutations(good, (damaged) => {
			const { packages, warnings } = runCataloger(apk, { path, bytes: damaged });
			for (const pkg of packages) expect(`${pkg.name} ${pkg.version}`).toMatch(/^[\w.+~-]+ [\x21-\x7e]+$/);
			for (const { code } of warnings) expect(code).toBe("package_database_malformed");
		});
	});

	it("never throws, whatever the bytes", () => {
		const line = fc.constantFrom("P:a", "V:1-r0", "F:", "R:x", "", ":", "o:", "Ä:x", "\r");
		const text = fc
			.array(fc.oneof(line, fc.string({ maxLength: 6 })), { maxLength: 30 })
			.map((lines) => utf8(lines.join("\n")));
		fc.assert(
			fc.property(fc.oneof(text, fc.uint8Array({ maxLength: 200 })), (bytes) => {
				for (const pkg of read(bytes).packages) expect(pkg.version).toMatch(/^[\x21-\x7e]+$/);
			}),
		);
	});
});
