import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assertSurvivesMutations } from "../mutations-fixture.ts";
import { runCataloger, testdata, utf8 } from "../testing.ts";
import { dpkg } from "./index.ts";

const status = "var/lib/dpkg/status";

function read(text: string | Uint8Array, path = status) {
	return runCataloger(dpkg, { path, bytes: typeof text === "string" ? utf8(text) : text, chunk: 7 });
}

describe("dpkg", () => {
	it.each([
		["var/lib/dpkg/status", true],
		["var/lib/dpkg/status.d/base", true],
		["var/lib/dpkg/status.d/base.md5sums", true],
		["var/lib/dpkg/info/libc6:amd64.md5sums", true],
		["var/lib/dpkg/status.d/", false],
		["var/lib/dpkg/status.d/deeper/base", false],
		["var/lib/dpkg/info/libc6:amd64.list", false],
		["var/lib/dpkg/info/deeper/libc6.md5sums", false],
		["var/lib/dpkg/status-old", false],
		["opt/chroot/var/lib/dpkg/status", false],
	])("wants %s: %s", (path, wanted) => {
		expect(dpkg.wants({ path, size: 1, mode: 0o644 })).toBe(wanted);
	});

	it("reads installed packages with their sources, and leaves removed ones out", () => {
		const { packages, warnings } = read(testdata(import.meta.url, "installed"));
		expect(warnings).toEqual([]);
		expect(packages).toEqual([
			{
				type: "deb",
				name: "bsdutils",
				version: "1:2.38.1-5+deb12u3",
				arch: "amd64",
				source: { name: "util-linux", version: "2.38.1-5+deb12u3" },
				path: status,
			},
			{
				type: "deb",
				name: "tzdata",
				version: "2024a-0+deb12u1",
				arch: "all",
				source: { name: "tzdata", version: "2024a-0+deb12u1" },
				path: status,
			},
			{
				type: "deb",
				name: "docker-ce-cli",
				version: "5:27.0.3-1~debian.12~bookworm",
				arch: "amd64",
				source: { name: "docker-ce", version: "5:27.0.3-1~debian.12~bookworm" },
				thirdParty: "Docker",
				path: status,
			},
			expect.objectContaining({ name: "held", version: "1.0-1" }),
			expect.objectContaining({ name: "halfway", version: "2.0-1" }),
			expect.objectContaining({ name: "triggered", version: "3.0", arch: "i386" }),
		]);
	});

	it.each([
		["install ok installed", true],
		["hold ok installed", true],
		["deinstall ok installed", true],
		["install ok half-configured", true],
		["install reinstreq half-installed", true],
		["install ok unpacked", true],
		["install ok triggers-pending", true],
		["deinstall ok config-files", false],
		["purge ok not-installed", false],
		["install", true],
	])("a package of status %s counts: %s", (words, counts) => {
		const { packages } = read(`Package: a\nStatus: ${words}\nVersion: 1\n`);
		expect(packages).toHaveLength(counts ? 1 : 0);
	});

	it("reads a part of status.d, which has no Status field", () => {
		const { packages, warnings } = read(
			"Package: tzdata\nVersion: 2024a\nArchitecture: all",
			"var/lib/dpkg/status.d/tzdata",
		);
		expect(warnings).toEqual([]);
		expect(packages).toMatchObject([{ name: "tzdata", version: "2024a", path: "var/lib/dpkg/status.d/tzdata" }]);
	});

	it("finds nothing in an empty database, without a warning", () => {
		expect(read(testdata(import.meta.url, "empty"))).toEqual({ packages: [], warnings: [] });
	});

	it("keeps whole entries of a truncated database and says that one is broken", () => {
		const { packages, warnings } = read(testdata(import.meta.url, "truncated"));
		expect(packages.map(({ name }) => name)).toEqual(["whole"]);
		expect(warnings).toMatchObject([{ code: "package_database_malformed", path: status }]);
		expect(warnings[0]?.message).toContain("line 6 has no Version field for cut-off");
	});

	it("survives a hostile database: one warning, good entries kept", () => {
		const { packages, warnings } = read(testdata(import.meta.url, "hostile"));
		expect(packages.map(({ name, version, thirdParty }) => [name, version, thirdParty])).toEqual([
			["before", "1.0", undefined],
			["odd", "2.0", undefined],
			["constructor", "3.0", undefined],
			["after", "1.1", undefined],
		]);
		expect(packages.at(-1)?.source).toEqual({ name: "after", version: "1.1" });
		expect(warnings).toHaveLength(1);
		expect(warnings[0]?.message).toMatch(/^7 entries .* line 5 has no Package field\.$/);
	});

	it.each([
		["Source: glibc", { name: "glibc", version: "2.36-9" }],
		["Source: glibc (2.36-8)", { name: "glibc", version: "2.36-8" }],
		["Source: glibc  ( 1:2.36 )", { name: "glibc", version: "1:2.36" }],
		["Source:", { name: "libc6", version: "2.36-9" }],
		["Source: glibc (2.36", { name: "glibc", version: "2.36-9" }],
	])("understands %s", (line, source) => {
		expect(read(`Package: libc6\nVersion: 2.36-9\n${line}\n`).packages[0]?.source).toEqual(source);
	});

	it.each([
		["Docker <support@docker.com>", "Docker"],
		["HashiCorp", "HashiCorp"],
		["Google Cloud CLI Authors <cloudsdk-eng@google.com>", "Google Cloud CLI"],
		["Someone <someone@users.noreply.gitlab.com>", undefined],
		["Debian MySQL Maintainers <pkg-mysql-maint@lists.alioth.debian.org>", undefined],
		["Docker fans <docker.com@example.org>", undefined],
	])("takes %s for %s", (maintainer, vendor) => {
		const [pkg] = read(`Package: a\nVersion: 1\nMaintainer: ${maintainer}\n`).packages;
		expect(pkg?.thirdParty).toBe(vendor);
	});

	it.each([
		["var/lib/dpkg/info/libc6:amd64.md5sums", "libc6"],
		["var/lib/dpkg/info/tzdata.md5sums", "tzdata"],
		["var/lib/dpkg/status.d/libssl3.md5sums", "libssl3"],
	])("lists the files that %s owns", (path, owner) => {
		const sums = `${"0".repeat(32)}  usr/lib/a b.so\n${"f".repeat(32)}  ./etc/c\nnonsense\n`;
		expect(read(sums, path)).toEqual({
			packages: [],
			owned: [{ owner, paths: ["usr/lib/a b.so", "etc/c"] }],
			warnings: [],
		});
	});

	it("keeps every package of a database whose other fields are Latin-1", () => {
		const text = "Package: a\nVersion: 1\nMaintainer: Jos\xe9 <x@debian.org>\n\nPackage: b\nVersion: 2\n";
		const { packages, warnings } = read(Uint8Array.from(Buffer.from(text, "latin1")));
		expect(packages.map(({ name }) => name)).toEqual(["a", "b"]);
		expect(warnings).toEqual([]);
	});

	it("warns of a database in UTF-16", () => {
		const bytes = Uint8Array.from(Buffer.from("\ufeffPackage: a\nVersion: 1\n\n", "utf16le"));
		expect(read(bytes)).toMatchObject({ packages: [], warnings: [{ code: "package_database_malformed" }] });
	});

	it("warns of names and versions of monstrous length", () => {
		const { packages, warnings } = read(
			`Package: ${"a".repeat(5000)}\nVersion: 1\n\nPackage: b\nVersion: ${"1".repeat(5000)}\n\nPackage: c\nVersion: 1\n`,
		);
		expect(packages.map(({ name }) => name)).toEqual(["c"]);
		expect(warnings[0]?.message).toMatch(/^2 entries /);
		expect(warnings[0]?.message.length).toBeLessThan(300);
	});

	it("stops at 200,000 entries, and says so", () => {
		const bytes = utf8("Package: a\nVersion: 1\n\n".repeat(200_001));
		const { packages, warnings } = runCataloger(dpkg, { path: status, bytes });
		expect(packages).toHaveLength(200_000);
		expect(warnings[0]?.message).toContain("line 600001 and all after it were not read");
	});

	it.each([
		["one field of a million lines", `Package: a\nVersion: 1\nStatus: install\n${" ok\n".repeat(1_000_000)}`],
		["a source with a long gap", `Package: a\nVersion: 1\nSource: b${" ".repeat(1_000_000)}x\n`],
		["a source that is never closed", `Package: a\nVersion: 1\nSource: b (${"1".repeat(1_000_000)}\n`],
		["a maintainer of brackets", `Package: a\nVersion: 1\nMaintainer: ${"<".repeat(1_000_000)}\n`],
		["blanks alone", " ".repeat(5_000_000)],
	])("is not slowed down by %s", (_, text) => {
		const start = performance.now();
		expect(runCataloger(dpkg, { path: status, bytes: utf8(text) }).packages.length).toBeLessThan(2);
		expect(performance.now() - start).toBeLessThan(2000);
	});

	it("keeps no more than half a million of a package's files", () => {
		const bytes = utf8(`${"0".repeat(32)}  a\n`.repeat(500_001));
		const { owned } = runCataloger(dpkg, { path: "var/lib/dpkg/info/a.md5sums", bytes });
		expect(owned?.[0]?.paths).toHaveLength(500_000);
	});

	it("keeps the packages before and after damage, and never throws", () => {
		assertSurvivesMutations(testdata(import.meta.url, "installed"), (damaged) => {
			const { packages, warnings } = runCataloger(dpkg, { path: status, bytes: damaged });
			for (const pkg of packages) expect(`${pkg.name} ${pkg.version}`).toMatch(/^[\w.+-]+ [\x21-\x7e]+$/);
			for (const { code } of warnings) expect(code).toBe("package_database_malformed");
		});
		const sums = utf8(`${"0".repeat(32)}  usr/lib/a b.so\n${"f".repeat(32)}  ./etc/c\n`);
		assertSurvivesMutations(sums, (damaged) => {
			const { warnings } = runCataloger(dpkg, { path: "var/lib/dpkg/info/a.md5sums", bytes: damaged });
			expect(warnings).toEqual([]);
		});
	});

	it("never throws, whatever the bytes", () => {
		const line = fc.constantFrom(
			"Package: a",
			"Version: 1",
			"Status: install ok installed",
			" x",
			"",
			":",
			"Source: (",
			"\r",
		);
		const text = fc
			.array(fc.oneof(line, fc.string({ maxLength: 8 })), { maxLength: 30 })
			.map((lines) => utf8(lines.join("\n")));
		fc.assert(
			fc.property(fc.oneof(text, fc.uint8Array({ maxLength: 200 })), (bytes) => {
				for (const pkg of read(bytes).packages) expect(pkg.version).toMatch(/^[\x21-\x7e]+$/);
				read(bytes, "var/lib/dpkg/info/a.md5sums");
			}),
		);
	});
});
