import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runtimeProducts } from "#model";
import { all, inPieces, ofKind, testdata, unusable, utf8 } from "../feed-fixture.ts";
import { cpeAt } from "./cpe.ts";
import { readNvd } from "./index.ts";

const products = [
	{ name: "node", cpes: ["nodejs:node.js"] },
	{ name: "java", cpes: ["oracle:jdk", "oracle:jre"] },
];
const read = (bytes: Uint8Array, size = 1000) => all(readNvd(inPieces(bytes, size), { products }));

describe("readNvd", () => {
	it.each([1, 100_000])("reads what NVD knows, in pieces of %i bytes", async (size) => {
		const items = await read(testdata(import.meta.url, "good"), size);
		expect(items.map((item) => item.kind)).toEqual([
			"vulnerability",
			"advisory",
			"vulnerability",
			"vulnerability",
			"advisory",
		]);
		expect(ofKind(items, "vulnerability").map(({ vulnerability }) => vulnerability)).toEqual([
			{
				id: "CVE-2024-21890",
				description:
					"The permission model does not clarify that wildcards should be only used as the last character of a file path.",
				published: "2024-02-20T02:15:50.567Z",
				modified: "2024-11-21T08:55:12.340Z",
				cwes: ["CWE-22"],
				references: ["https://nodejs.org/en/blog/vulnerability/february-2024-security-releases/"],
				ratings: [
					{
						source: "cisa-adp",
						severity: "low",
						vectors: [{ type: "CVSS_V3", vector: "CVSS:3.1/AV:L/AC:L/PR:H/UI:N/S:U/C:L/I:L/A:N" }],
					},
					{
						source: "nvd",
						severity: "medium",
						vectors: [
							{ type: "CVSS_V3", vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:L/I:L/A:N" },
							{ type: "CVSS_V2", vector: "AV:N/AC:L/Au:N/C:P/I:N/A:N" },
						],
					},
				],
			},
			{
				id: "CVE-2024-0003",
				published: "2024-01-02T00:00:00Z",
				modified: "2024-01-03T00:00:00Z",
				cwes: [],
				references: [],
				ratings: [],
			},
			expect.objectContaining({ id: "CVE-2019-2602", description: "Java" }),
		]);
	});

	it("reads the versions of the products that are asked for", async () => {
		const items = await read(testdata(import.meta.url, "good"));
		const [node, java] = ofKind(items, "advisory");
		const range = (...events: object[]) => ({ type: "ECOSYSTEM", events });
		expect(node).toEqual({
			kind: "advisory",
			advisory: {
				id: "CVE-2024-21890",
				aliases: [],
				upstream: [],
				related: [],
				modified: "2024-11-21T08:55:12.340Z",
				published: "2024-02-20T02:15:50.567Z",
				severity: [],
				references: ["https://nvd.nist.gov/vuln/detail/CVE-2024-21890"],
			},
			affected: [
				{
					ecosystem: "NVD",
					name: "node",
					ranges: [
						range({ introduced: "20.0.0" }, { fixed: "20.11.1" }),
						// 21.0.0 itself is not affected, which no event can say.
						range({ introduced: "21.0.0" }, { lastAffected: "21.6.1" }),
					],
					versions: [],
					ratedBy: "nvd",
				},
			],
		});
		// Not what runs on Windows alone, not what names no version, not other products.
		expect(java?.affected).toEqual([
			{ ecosystem: "NVD", name: "node", ranges: [], versions: ["4.0.0", "4.0.1-rc.1"], ratedBy: "nvd" },
			{ ecosystem: "NVD", name: "java", ranges: [], versions: ["8.0.202", "11.0.2"], ratedBy: "nvd" },
		]);
	});

	it("names broken records and reads the rest", async () => {
		const items = await read(testdata(import.meta.url, "hostile"));
		expect(ofKind(items, "advisory")).toEqual([]);
		expect(
			ofKind(items, "vulnerability").map(({ vulnerability: { id, ratings, cwes } }) => [id, ratings, cwes]),
		).toEqual([
			["CVE-2024-0005", [], []],
			["CVE-2024-0006", [], []],
		]);
		expect(ofKind(items, "malformed").map(({ name, problem }) => `${name}: ${problem}`)).toEqual([
			"vulnerabilities[0]: vulnerabilities[0] is not an object",
			"vulnerabilities[1]: vulnerabilities[1].cve is not an object",
			"vulnerabilities[2]: vulnerabilities[2].cve.id is not a CVE",
			"CVE-2024-0001: published is not a date",
			"CVE-2024-0002: configurations is not a list",
			"CVE-2024-0003: configurations[0].nodes[0].cpeMatch[0].criteria is not a CPE 2.3 name",
			"CVE-2024-0004: configurations[0].nodes[0].cpeMatch[0].versionEndExcluding is not a string",
		]);
	});

	it.each([
		["an empty file", testdata(import.meta.url, "empty"), "it is empty"],
		["a file that was cut short", testdata(import.meta.url, "truncated"), "it ends early"],
		["a file of the old format", utf8('{"CVE_Items":[]}'), "it has no vulnerabilities"],
		["something else", utf8("<html></html>"), "it is no JSON object"],
	])("refuses %s", async (_, bytes, problem) => {
		expect(await unusable(readNvd(bytes, { products }))).toBe(`The NVD feed cannot be used: ${problem}.`);
	});

	it("compares names without their backslashes", async () => {
		const match = String.raw`{"vulnerable":true,"criteria":"cpe:2.3:a:erlang:erlang\\/otp:27.0:*:*:*:*:*:*:*"}`;
		const dates = '"published":"2024-01-02","lastModified":"2024-01-03"';
		const text = `{"vulnerabilities":[{"cve":{"id":"CVE-2024-0001",${dates},"configurations":[{"nodes":[{"cpeMatch":[${match}]}]}]}}]}`;
		const [item] = ofKind(await all(readNvd(utf8(text), { products: runtimeProducts })), "advisory");
		expect(item?.affected).toMatchObject([{ name: "erlang", versions: ["27.0"] }]);
	});

	it("knows the products of the model", async () => {
		const items = await all(readNvd(testdata(import.meta.url, "good"), { products: runtimeProducts }));
		expect(ofKind(items, "advisory").flatMap(({ affected }) => affected.map(({ name }) => name))).toContain("node");
	});
});

describe("cpeAt", () => {
	it("gives back the parts that a name was made of", () => {
		const part = fc.string({ minLength: 1, maxLength: 8 });
		fc.assert(
			fc.property(fc.array(part, { minLength: 11, maxLength: 11 }), (parts) => {
				const name = `cpe:2.3:${parts.map((text) => text.replaceAll(/[^A-Za-z0-9]/gu, String.raw`\$&`)).join(":")}`;
				expect(cpeAt(name, "x")).toEqual({
					part: parts[0],
					product: `${parts[1]}:${parts[2]}`,
					version: parts[3],
					update: parts[4],
					targetSoftware: parts[8],
				});
			}),
		);
	});
});
