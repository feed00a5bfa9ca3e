import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assertSurvivesMutations } from "../mutations-fixture.ts";
import { runCataloger, testdata, utf8 } from "../testing.ts";
import { osRelease } from "./index.ts";

function read(path: string, content: string | Uint8Array) {
	return runCataloger(osRelease, { path, bytes: typeof content === "string" ? utf8(content) : content, chunk: 11 });
}

function fact(path: string, content: string | Uint8Array) {
	return read(path, content).os;
}

describe("osRelease", () => {
	it.each([
		["etc/os-release", true],
		["usr/lib/os-release", true],
		["etc/debian_version", true],
		["etc/rocky-release", true],
		["var/lib/ubuntu-advantage/status.json", true],
		["x86_64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release", true],
		["opt/etc/os-release", false],
		["etc/issue", false],
	])("wants %s: %s", (path, wanted) => {
		expect(osRelease.wants({ path, size: 1, mode: 0o644 })).toBe(wanted);
	});

	it("reads os-release", () => {
		expect(fact("etc/os-release", testdata(import.meta.url, "good"))).toEqual({
			source: "os-release",
			path: "etc/os-release",
			id: "debian",
			versionId: "12",
			prettyName: "Debian GNU/Linux 12 (bookworm)",
		});
	});

	it.each(["empty", "truncated", "hostile"])("says nothing when os-release is %s", (name) => {
		expect(fact("etc/os-release", testdata(import.meta.url, name))).toBeUndefined();
	});

	it.each([
		["truncated", testdata(import.meta.url, "truncated")],
		["hostile", testdata(import.meta.url, "hostile")],
		["UTF-16", Uint8Array.from(Buffer.from("\ufeffID=debian\n", "utf16le"))],
		["binary", Uint8Array.from({ length: 300 }, (_, i) => i % 256)],
	])("warns of an os-release that names nothing: %s", (_, bytes) => {
		const { warnings } = read("etc/os-release", bytes);
		expect(warnings).toMatchObject([{ code: "package_file_malformed", path: "etc/os-release" }]);
		expect(warnings[0]?.message).toContain("no usable ID line");
	});

	it("reads os-release with a byte order mark, and with bytes of Latin-1 in names", () => {
		expect(fact("etc/os-release", "\ufeffID=debian\n")?.id).toBe("debian");
		const latin1 = Uint8Array.from(Buffer.from('ID=debian\nPRETTY_NAME="Schr\xf6dinger"\n', "latin1"));
		expect(fact("etc/os-release", latin1)).toMatchObject({ id: "debian", prettyName: "Schr\ufffddinger" });
	});

	it("warns of no empty file, and of none that need not name a system", () => {
		expect(read("etc/os-release", testdata(import.meta.url, "empty")).warnings).toEqual([]);
		expect(read("etc/redhat-release", "nonsense").warnings).toEqual([]);
	});

	it("keeps the relatives, once each and in their order", () => {
		expect(fact("etc/os-release", 'ID=x\nID_LIKE="rhel  CentOS rhel ../x fedora"')?.idLike).toEqual([
			"rhel",
			"centos",
			"fedora",
		]);
		expect(fact("etc/os-release", "ID=x\nID_LIKE=")).not.toHaveProperty("idLike");
		const many = Array.from({ length: 5000 }, (_, i) => `a${i}`).join(" ");
		expect(fact("etc/os-release", `ID=x\nID_LIKE="${many}"`)?.idLike).toHaveLength(8);
	});

	it.each([
		["2029-06-30", "2029-06-30"],
		["2029-02-30", undefined],
		["2029-6-30", undefined],
		["9999-12-31", undefined],
		["soon", undefined],
	])("keeps the end of support %s as %s", (text, supportEnd) => {
		const os = fact("etc/os-release", `ID=x\nSUPPORT_END="${text}"`);
		expect(os).toEqual({
			source: "os-release",
			path: "etc/os-release",
			id: "x",
			versionId: "",
			...(supportEnd ? { supportEnd } : {}),
		});
	});

	it.each([
		["ID=debian", "debian"],
		["ID='debian'", "debian"],
		['ID="debian" # comment', "debian"],
		["  ID=Debian  ", "debian"],
		["ID=debian\r\nNAME=x\r\n", "debian"],
		["ID=old\nID=new", "new"],
		['ID="de\\"bian"', undefined],
		["# ID=debian", undefined],
		["ID=", undefined],
	])("reads %j as %s", (text, id) => {
		expect(fact("usr/lib/os-release", text)?.id).toBe(id);
	});

	it("resolves quotes and escapes as a shell does", () => {
		const text = `ID=x\nPRETTY_NAME="a \\"b\\" \\$c \\d 'e'"`;
		expect(fact("etc/os-release", text)?.prettyName).toBe(`a "b" $c \\d 'e'`);
	});

	it("strips control characters from names, which go to terminals", () => {
		expect(fact("etc/os-release", 'ID=x\nPRETTY_NAME="a\u001b[31mb\u202ec"')?.prettyName).toBe("a[31mbc");
	});

	it.each([
		["etc/alpine-release", "3.18.9\n", "alpine", "3.18.9"],
		["etc/debian_version", "trixie/sid\n", "debian", "trixie/sid"],
		["etc/lsb-release", "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04\n", "ubuntu", "22.04"],
		["etc/redhat-release", "Red Hat Enterprise Linux Server release 7.9 (Maipo)\n", "rhel", "7.9"],
		["etc/redhat-release", "CentOS Linux release 7.9.2009 (Core)\n", "centos", "7.9.2009"],
		["etc/rocky-release", "Rocky Linux release 9.3 (Blue Onyx)\n", "rocky", "9.3"],
		["etc/almalinux-release", "AlmaLinux release 9.4 (Seafoam Ocelot)\n", "almalinux", "9.4"],
		["etc/oracle-release", "Oracle Linux Server release 8.8\n", "ol", "8.8"],
		["etc/fedora-release", "Fedora release 39 (Thirty Nine)\n", "fedora", "39"],
		["etc/system-release", "Amazon Linux release 2 (Karoo)\n", "amzn", "2"],
		["etc/system-release", "Amazon Linux AMI release 2018.03\n", "amzn", "2018.03"],
	])("reads %s: %j", (path, text, id, versionId) => {
		expect(fact(path, text)).toMatchObject({ path, id, versionId });
	});

	it.each([
		["etc/alpine-release", ""],
		["etc/alpine-release", "no version here\n"],
		["etc/lsb-release", "LSB_VERSION=core-4.1\n"],
		["etc/redhat-release", " release 1.0\n"],
		["etc/redhat-release", "\u0430\u0431 release 1.0\n"],
		["etc/photon-release", "Photon\n"],
		["etc/SuSE-release", "Some Linux 11\nVERSION = 11\n"],
		["etc/redhat-release", "CentOS\n"],
	])("says nothing for %s: %j", (path, text) => {
		expect(fact(path, text)).toBeUndefined();
	});

	it.each([
		["a run of blanks", `ID=debian\nNAME=${" ".repeat(250_000)}x`],
		["many lines", `ID=debian\n${"A=1\n".repeat(60_000)}`],
		["quotes that never end", `ID=debian\nNAME="${"\\".repeat(250_000)}`],
		["one long name", `ID=debian\n${"A".repeat(250_000)}`],
	])("is not slowed down by %s", (_, text) => {
		const start = performance.now();
		expect(runCataloger(osRelease, { path: "etc/os-release", bytes: utf8(text) }).os?.id).toBe("debian");
		expect(performance.now() - start).toBeLessThan(1000);
	});

	it("does not read a file that is too large for a release file", () => {
		const { os, warnings } = runCataloger(osRelease, { path: "etc/os-release", bytes: new Uint8Array(300_000) });
		expect(os).toBeUndefined();
		expect(warnings).toMatchObject([{ code: "file_too_large" }]);
	});

	it.each([
		["etc/os-release", testdata(import.meta.url, "good")],
		["etc/lsb-release", utf8('DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04\nDISTRIB_DESCRIPTION="Ubuntu 22.04 LTS"\n')],
		["etc/redhat-release", utf8("Red Hat Enterprise Linux Server release 7.9 (Maipo)\n")],
		["etc/openEuler-release", utf8("openEuler release 22.03 (LTS-SP3)\n")],
		["etc/SuSE-release", utf8("SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4\n")],
		["etc/apk/repositories", utf8("https://dl.example.org/alpine/v3.19/main\n")],
	])("survives damage to %s", (path, good) => {
		assertSurvivesMutations(good, (damaged) => {
			const { os, packages } = runCataloger(osRelease, { path, bytes: damaged });
			expect(packages).toEqual([]);
			expect(`${os?.id ?? ""}${os?.versionId ?? ""}`).toMatch(/^[\x21-\x7e]{0,128}$/);
			expect(os?.prettyName ?? "").not.toMatch(/[\p{Cc}\p{Cf}]/u);
		});
	});

	it("never throws and never gives blanks or control characters, whatever the bytes", () => {
		const paths = ["etc/os-release", "etc/lsb-release", "etc/redhat-release", "etc/debian_version"];
		fc.assert(
			fc.property(
				fc.constantFrom(...paths),
				fc.oneof(
					fc.string(),
					fc.string().map((id) => `ID=${id}\nVERSION_ID=${id}`),
				),
				(path, text) => {
					const os = fact(path, text);
					expect(`${os?.id ?? ""}${os?.versionId ?? ""}`).toMatch(/^[\x21-\x7e]*$/);
				},
			),
		);
	});
});
