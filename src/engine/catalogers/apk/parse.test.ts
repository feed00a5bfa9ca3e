import fc from "fast-check";
import { describe, expect, it } from "vitest";
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
