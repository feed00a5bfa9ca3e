import { describe, expect, it } from "vitest";
import { all, inPieces, ofKind, testdata, unusable, utf8 } from "../feed-fixture.ts";
import { lineStart } from "./extras.ts";
import { readAmazon } from "./index.ts";

const read = (bytes: Uint8Array, size = 100) => readAmazon(inPieces(bytes, size), { release: "2" });

describe("readAmazon", () => {
	it.each([1, 1000])("gives one advisory an ALAS, in pieces of %i bytes", async (size) => {
		const range = (introduced: string, fixed: string) => ({ type: "ECOSYSTEM", events: [{ introduced }, { fixed }] });
		const entry = { ecosystem: "Amazon Linux:2", versions: [], ratedBy: "amazon" };
		expect(await all(read(testdata(import.meta.url, "good"), size))).toEqual([
			{
				kind: "advisory",
				advisory: {
					id: "ALAS2-2023-2340",
					aliases: [],
					upstream: ["CVE-2023-5363", "CVE-2023-3446"],
					related: [],
					summary: "Amazon Linux 2 - ALAS2-2023-2340: important priority package update for openssl",
					modified: "2023-11-15T01:02:03Z",
					published: "2023-11-09T20:41:00Z",
					severity: [],
					severityWord: "important",
					references: [],
				},
				affected: [
					{ ...entry, name: "openssl", ranges: [range("0", "1:1.0.2k-24.amzn2.0.12")] },
					{ ...entry, name: "openssl-libs", ranges: [range("0", "1.0.2k-24.amzn2.0.12")] },
				],
			},
			{
				kind: "advisory",
				advisory: {
					id: "ALAS2POSTGRESQL14-2023-001",
					aliases: [],
					upstream: ["CVE-2022-41862"],
					related: [],
					summary: "Amazon Linux 2 - Postgresql14",
					modified: "2023-02-17T00:00:00Z",
					published: "2023-02-17T00:00:00Z",
					severity: [],
					severityWord: "medium",
					references: [],
				},
				affected: [
					{ ...entry, name: "postgresql", ranges: [range("14", "14.7-1.amzn2.0.1")] },
					{ ...entry, name: "postgresql-libs", ranges: [range("2:14", "2:15.1-1.amzn2.0.1")] },
					{ ...entry, name: "postgis", ranges: [range("0", "3.3.2-2.amzn2")] },
				],
			},
		]);
	});

	it("names broken advisories and reads the rest", async () => {
		const items = await all(read(testdata(import.meta.url, "hostile")));
		expect(
			ofKind(items, "advisory").map(({ advisory, affected }) => [advisory.id, advisory.upstream, affected.length]),
		).toEqual([["ALAS2-8", ["CVE-2024-0001"], 1]]);
		expect(ofKind(items, "advisory")[0]?.advisory.severityWord).toBeUndefined();
		expect(ofKind(items, "malformed").map(({ name, problem }) => `${name}: ${problem}`)).toEqual([
			"update 1: id is empty",
			"update 2: id holds control characters",
			"ALAS2-1: issued is not a date",
			"ALAS2-2: issued is not a date",
			"ALAS2-3: a package has no package name",
			"ALAS2-4: a has no version",
			"ALAS2-5: a has an epoch that is no number",
			"ALAS2-6: a has no version",
			expect.stringContaining("update 9: it cannot be read"),
		]);
	});

	it.each([
		["an empty file", testdata(import.meta.url, "empty"), "it is no XML"],
		["a file that was cut short", testdata(import.meta.url, "truncated"), "it ends early"],
		["a page", utf8("<html></html>"), "it is no XML document of updates"],
		[
			"entities",
			utf8('<!DOCTYPE updates [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><updates/>'),
			"it declares a document type, which a feed has no use for",
		],
	])("refuses %s", async (_, bytes, problem) => {
		expect(await unusable(read(bytes))).toBe(`The Amazon Linux 2 feed cannot be used: ${problem}.`);
	});
});

it.each([
	["ALAS2-2023-2340", "5.10.1-1", "0"],
	["ALAS2KERNEL-5.10-2022-001", "5.10.82-83.359.amzn2", "5.10"],
	["ALAS2KERNEL-5.10-2022-001", "5.4.1-1", "0"],
	["ALAS2GOLANG1.19-2023-001", "1.19.10-1.amzn2.0.2", "1.19"],
	["ALAS2NGINX1-2023-005", "1:1.22.1-1.amzn2.0.3", "1:1"],
	["ALAS2DOCKER-2023-001", "20.10.25-1.amzn2", "0"],
	["ALAS2CORRETTO8-2023-001", "1:1.8.0_392.b08-1.amzn2", "0"],
	["ALAS2023-2023-001", "3.0.8-1.amzn2023", "0"],
	["ALAS2023LIVEPATCH-2023-001", "1.0-1", "0"],
	["ALAS-2018-939", "4.9-1", "0"],
])("a range of %s that ends at %s begins at %s", (id, fixed, start) => {
	expect(lineStart(id, fixed)).toBe(start);
});
