import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runCataloger, testdata, utf8 } from "../testing.ts";
import { osRelease } from "./index.ts";

function fact(path: string, content: string | Uint8Array) {
	return runCataloger(osRelease, { path, bytes: typeof content === "string" ? utf8(content) : content, chunk: 11 }).os;
}

describe("osRelease", () => {
	it.each([
		["etc/os-release", true],
		["usr/lib/os-release", true],
		["etc/debian_version", true],
		["etc/rocky-release", true],
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
		["etc/redhat-release", "Some Linux release 1.0\n"],
		["etc/redhat-release", "CentOS\n"],
	])("says nothing for %s: %j", (path, text) => {
		expect(fact(path, text)).toBeUndefined();
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
