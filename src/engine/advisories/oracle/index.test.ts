import { describe, expect, it } from "vitest";
import { all, inPieces, ofKind, testdata, unusable, utf8 } from "../feed-fixture.ts";
import { readOracle } from "./index.ts";

const read = (bytes: Uint8Array, size = 100) => readOracle(inPieces(bytes, size));

describe("readOracle", () => {
	it.each([1, 1000])("gives one advisory an ELSA, in pieces of %i bytes", async (size) => {
		const entry = (release: string, name: string, fixed: string, only?: object) => ({
			ecosystem: `Oracle Linux:${release}`,
			name,
			ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed }] }],
			versions: [],
			...(only ? { only } : {}),
			ratedBy: "oracle-oval",
		});
		const advisory = (id: string, summary: string, date: string, upstream: string[], word?: string) => ({
			id,
			aliases: [],
			upstream,
			related: [],
			summary,
			modified: `${date}T00:00:00Z`,
			published: `${date}T00:00:00Z`,
			severity: [],
			...(word ? { severityWord: word } : {}),
			references: [`https://linux.oracle.com/errata/${id}.html`],
		});
		expect(await all(read(testdata(import.meta.url, "good"), size))).toEqual([
			{
				kind: "advisory",
				advisory: advisory(
					"ELSA-2024-0001",
					"ELSA-2024-0001: openssl security & bug fix update (MODERATE)",
					"2024-01-23",
					["CVE-2023-5363"],
					"moderate",
				),
				affected: [
					entry("9", "openssl", "1:3.0.7-25.0.1.el9_3", { arches: ["aarch64", "x86_64"] }),
					entry("9", "openssl-fips-provider", "3.0.7-25.0.1.el9_3_fips", { arches: ["x86_64"] }),
				],
			},
			{
				kind: "vulnerability",
				vulnerability: {
					id: "CVE-2023-5363",
					cwes: [],
					references: [],
					ratings: [
						{
							source: "oracle-oval",
							vectors: [{ type: "CVSS_V3", vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H" }],
						},
					],
				},
			},
			{
				kind: "advisory",
				advisory: advisory("ELSA-2024-0002", "ELSA-2024-0002: nodejs:18 security update (IMPORTANT)", "2024-02-01", [
					"CVE-2023-44487",
					"CVE-2023-45143",
				]),
				affected: [entry("8", "nodejs", "1:18.18.2-1.module+el8.8.0+90062+1f8d7e5b", { module: "nodejs:18" })],
			},
			{
				kind: "advisory",
				advisory: advisory("ELSA-2024-0003", "ELSA-2024-0003: glibc (IMPORTANT)", "2024-03-01", [], "important"),
				affected: [
					entry("7", "glibc", "2:2.34-83.0.1.ksplice1.el8"),
					entry("8", "glibc", "2:2.34-83.0.1.ksplice1.el8"),
					entry("7", "perl-Git", "2.43.0-1.module_el8.0.0", { module: "*" }),
					entry("8", "perl-Git", "2.43.0-1.module_el8.0.0", { module: "*" }),
				],
			},
		]);
	});

	it("names broken definitions and reads the rest", async () => {
		const items = await all(read(testdata(import.meta.url, "hostile")));
		expect(ofKind(items, "advisory").map(({ advisory }) => advisory.id)).toEqual(["ELSA-12"]);
		expect(ofKind(items, "malformed").map(({ name, problem }) => `${name}: ${problem}`)).toEqual([
			"definition 1: the reference to its ELSA is not a string",
			"definition 2: the reference to its ELSA is none",
			"ELSA-3: issued is not a date",
			"ELSA-4: a criterion is not understood: a is newer than 0:1-1",
			"ELSA-5: a has no version",
			"ELSA-6: a criterion has no package name",
			"ELSA-7: its criteria have the operator XOR",
			"ELSA-8: its criteria have a condition among alternatives",
			"ELSA-9: it does not tell the release",
			"ELSA-10: a has an epoch that is no number",
			"ELSA-11: its criteria are negated",
			"ELSA-13: a criterion is not understood: ",
		]);
	});

	it.each([
		["an empty file", testdata(import.meta.url, "empty"), "it is no XML"],
		["a file that was cut short", testdata(import.meta.url, "truncated"), "it ends early"],
		["a page", utf8("<html></html>"), "it is no XML document of oval_definitions"],
		["packed bytes", Uint8Array.of(0x42, 0x5a, 0x68, 0x39, 0x31, 0x41, 0x59), "it is no XML"],
	])("refuses %s", async (_, bytes, problem) => {
		expect(await unusable(read(bytes))).toBe(`The Oracle Linux feed cannot be used: ${problem}.`);
	});
});
