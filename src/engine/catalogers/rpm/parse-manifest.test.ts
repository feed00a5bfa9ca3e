import { describe, expect, it } from "vitest";
import { runCataloger, utf8 } from "../testing.ts";
import { rpm } from "./index.ts";

const path = "var/lib/rpmmanifest/container-manifest-2";

function read(text: string | Uint8Array) {
	return runCataloger(rpm, { path, bytes: typeof text === "string" ? utf8(text) : text, chunk: 11 });
}

function line(changes: Partial<Record<number, string>> = {}): string {
	const fields = [
		"mariner-release",
		"2.0-12.cm2",
		"1653816591",
		"1653753130",
		"Microsoft Corporation",
		"(none)",
		"580",
		"noarch",
		"0",
		"mariner-release-2.0-12.cm2.src.rpm",
	];
	return fields.map((field, at) => changes[at] ?? field).join("\t");
}

describe("container-manifest-2", () => {
	it("lists packages with their sources", () => {
		const openssl = line({ 0: "openssl-libs", 1: "1.1.1k-15.cm2", 8: "1", 9: "openssl-1.1.1k-15.cm2.src.rpm" });
		expect(read(`${line()}\r\n${openssl}`)).toEqual({
			packages: [
				{
					type: "rpm",
					name: "mariner-release",
					version: "2.0-12.cm2",
					arch: "noarch",
					source: { name: "mariner-release", version: "2.0-12.cm2" },
					path,
				},
				{
					type: "rpm",
					name: "openssl-libs",
					version: "1:1.1.1k-15.cm2",
					arch: "noarch",
					source: { name: "openssl", version: "1:1.1.1k-15.cm2" },
					path,
				},
			],
			warnings: [],
		});
	});

	it("takes the epoch from either field, keys for no packages, other vendors for third parties", () => {
		const text = [
			line({ 0: "a", 5: "3", 8: "(none)" }),
			line({ 0: "b", 5: "(none)", 8: "99999999999" }),
			line({ 0: "gpg-pubkey" }),
			line({ 0: "c", 4: "Example Ltd" }),
			line({ 0: "d", 4: "(none)", 7: "(none)", 9: "(none)" }),
		].join("\n");
		const { packages, warnings } = read(text);
		expect(packages.map((pkg) => [pkg.name, pkg.version, pkg.thirdParty, pkg.arch, pkg.source?.name])).toEqual([
			["a", "3:2.0-12.cm2", undefined, "noarch", "mariner-release"],
			["b", "2.0-12.cm2", undefined, "noarch", "mariner-release"],
			["c", "2.0-12.cm2", "Example Ltd", "noarch", "mariner-release"],
			["d", "2.0-12.cm2", "no vendor named", undefined, undefined],
		]);
		expect(warnings).toEqual([]);
	});

	it.each([
		["nine fields", line().split("\t").slice(0, 9).join("\t"), "has 9 fields, not 10"],
		["eleven fields", `${line()}\tx`, "has more than 10 fields, not 10"],
		["no name", line({ 0: "" }), "has no name that can be one"],
		["a name with an escape sequence", line({ 0: "a\u001b[2J" }), "has no name that can be one"],
		["no release", line({ 1: "2.0" }), "has no version that can be one, for mariner-release"],
		["an empty release", line({ 1: "2.0-" }), "has no version that can be one, for mariner-release"],
		["no version", line({ 1: "-1" }), "has no version that can be one, for mariner-release"],
		["a cut line", "mariner-rel", "has 1 fields, not 10"],
	])("warns of a line with %s and reads on", (_, broken, reason) => {
		const { packages, warnings } = read(`${line({ 0: "before" })}\n${broken}\n\n${line({ 0: "after" })}\n`);
		expect(packages.map(({ name }) => name)).toEqual(["before", "after"]);
		expect(warnings).toMatchObject([{ code: "package_database_malformed", path }]);
		expect(warnings[0]?.message).toMatch(new RegExp(`entry at line 2 ${reason}\\.$`));
	});

	it.each([
		["empty", new Uint8Array(), 0],
		["UTF-16", new Uint8Array([...line()].flatMap((letter) => [letter.charCodeAt(0), 0])), 1],
		["all zeros", new Uint8Array(100_000), 1],
		["a million line ends", utf8("\n".repeat(1_000_000)), 0],
		["a million tabs", utf8("\t".repeat(1_000_000)), 1],
		["a million broken lines", utf8("x\n".repeat(1_000_000)), 1],
	])("survives a file that is %s", (_, bytes, warnings) => {
		const result = runCataloger(rpm, { path, bytes });
		expect(result.packages).toEqual([]);
		expect(result.warnings).toHaveLength(warnings);
	});
});
