import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { orderingOf } from "../../matching/ordering.ts";
import { evaluate } from "../../matching/ranges.ts";
import { apk } from "../../versions/apk/index.ts";
import { all, ofKind, testdata, unusable, utf8 } from "../feed-fixture.ts";
import { zipRecords } from "../osv/index.ts";
import { readSecdb, type SecdbFile } from "./index.ts";

const modified = "2026-11-23T00:00:00Z";
const alpine = (bytes: Uint8Array, name = "v3.19/main.json"): SecdbFile => ({ distribution: "Alpine", name, bytes });
const file = (distroversion: string, packages: Record<string, unknown>): SecdbFile =>
	alpine(
		utf8(
			JSON.stringify({
				distroversion,
				packages: Object.entries(packages).map(([name, secfixes]) => ({ pkg: { name, secfixes } })),
			}),
		),
	);

/** `id [aliases]: ecosystem name <version|version` a line. */
async function lines(files: readonly SecdbFile[]): Promise<string[]> {
	const items = await all(readSecdb(files, { modified }));
	expect(ofKind(items, "malformed")).toEqual([]);
	return ofKind(items, "advisory").flatMap(({ advisory, affected }) =>
		affected.map(({ ecosystem, name, ranges }) => {
			const fixed = ranges.map(({ events }) => events[1]?.fixed).join("|");
			return `${advisory.id} [${advisory.aliases.join(" ")}]: ${ecosystem} ${name} <${fixed}`;
		}),
	);
}

describe("readSecdb", () => {
	it("gives one advisory a vulnerability", async () => {
		const bytes = testdata(import.meta.url, "good");
		expect(await lines([alpine(bytes)])).toEqual([
			"CVE-2017-10911 []: Alpine:v3.19 xen <4.9.0-r1",
			"CVE-2017-10912 []: Alpine:v3.19 xen <4.9.0-r1",
			"CVE-2017-7228 [XSA-212]: Alpine:v3.19 xen <4.9.0-r0|4.9.0-r2",
			"CVE-2023-5363 []: Alpine:v3.19 openssl <3.1.4-r1",
			"CVE-2023-6237 []: Alpine:v3.19 openssl <3.1.4-r5",
			"CVE-2024-0727 []: Alpine:v3.19 openssl <3.1.4-r5",
			"XSA-235 []: Alpine:v3.19 xen <4.9.0-r1",
			"XSA-9 []: Alpine:v3.19 xen <4.9.0-r2",
		]);
		const items = await all(readSecdb([alpine(bytes)], { modified }));
		expect(ofKind(items, "advisory")[3]).toEqual({
			kind: "advisory",
			advisory: {
				id: "CVE-2023-5363",
				aliases: [],
				upstream: [],
				related: [],
				modified,
				severity: [],
				references: [],
			},
			affected: [
				{
					ecosystem: "Alpine:v3.19",
					name: "openssl",
					ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: "3.1.4-r1" }] }],
					versions: [],
				},
			],
		});
	});

	it("joins branches and repositories", async () => {
		const files = [
			file("v3.19", { a: { "1-r0": ["CVE-2024-0001"] } }),
			file("v3.18", { a: { "1-r1": ["CVE-2024-0001"] }, b: { "0": ["CVE-2024-0001"] } }),
			file("v3.19", { a: { "1-r2": ["CVE-2024-0001"] }, c: { "3-r0": ["CVE-2024-0001"], "0": ["CVE-2024-0001"] } }),
			file("edge", { a: { "0": ["CVE-2024-0002"] } }),
		];
		const expected = [
			"CVE-2024-0001 []: Alpine:v3.18 a <1-r1",
			"CVE-2024-0001 []: Alpine:v3.19 a <1-r0|1-r2",
			"CVE-2024-0001 []: Alpine:v3.19 c <3-r0",
		];
		expect(await lines(files)).toEqual(expected);
		expect(await lines(files.toReversed())).toEqual(expected);
	});

	it("takes the CVEs alone where each name is an entry of its own", async () => {
		const packages = [
			{
				pkg: {
					name: "a",
					secfixes: { "1-r0": ["GHSA-aaaa-2222-cccc", "CVE-2024-0001"], "2-r0": ["GHSA-dddd-3333-ffff"] },
				},
			},
		];
		const bytes = utf8(JSON.stringify({ reponame: "os", packages }));
		expect(await lines([{ distribution: "Wolfi", name: "security.json", bytes }])).toEqual([
			"CVE-2024-0001 []: Wolfi a <1-r0",
			"GHSA-dddd-3333-ffff []: Wolfi a <2-r0",
		]);
		expect(await lines([{ distribution: "Chainguard", name: "security.json", bytes }])).toHaveLength(2);
		expect(await lines([file("v3.19", { a: { "1-r0": ["GHSA-aaaa-2222-cccc", "CVE-2024-0001"] } })])).toHaveLength(2);
	});

	it("names broken packages and reads the rest", async () => {
		const items = await all(readSecdb([alpine(testdata(import.meta.url, "hostile"))], { modified }));
		expect(ofKind(items, "advisory").map(({ advisory, affected }) => [advisory.id, affected[0]?.name])).toEqual([
			["CVE-2024-0007", "__proto__"],
			["CVE-2024-0008", "f"],
			["CVE-2024-0009", "g"],
		]);
		expect(ofKind(items, "malformed").map(({ name, problem }) => `${name}: ${problem}`)).toEqual([
			"v3.19/main.json: packages[0]: the entry is not an object",
			"v3.19/main.json: packages[1]: pkg is not an object",
			"v3.19/main.json: packages[2]: pkg.name is empty",
			"v3.19/main.json: packages[3]: pkg.name holds control characters",
			"v3.19/main.json: packages[4]: pkg.secfixes of b has a version that is none",
			"v3.19/main.json: packages[5]: pkg.secfixes of c is not a list",
			"v3.19/main.json: packages[6]: pkg.secfixes of d[0] is not a string",
			"v3.19/main.json: packages[7]: pkg.secfixes of e has a version that is none",
		]);
	});

	it.each([
		["an empty file", testdata(import.meta.url, "empty"), "not JSON"],
		["a file that was cut short", testdata(import.meta.url, "truncated"), "not JSON"],
		["another document", utf8("{}"), "it has no list of packages"],
		["a file of no branch", utf8('{"packages":[]}'), "distroversion is not a string"],
		["a file of an unknown branch", utf8('{"packages":[],"distroversion":"../v3"}'), "distroversion is none"],
	])("refuses %s by its name", async (_, bytes, problem) => {
		const message = await unusable(readSecdb([alpine(bytes)], { modified }));
		expect(message).toContain(problem);
		expect(message).toContain("secdb (v3.19/main.json)");
	});

	it("means the highest of several fixed versions, in whatever order they come", async () => {
		const number = fc.integer({ min: 0, max: 30 });
		await fc.assert(
			fc.asyncProperty(fc.array(number, { minLength: 1, maxLength: 4 }), number, async (fixed, installed) => {
				const secfixes = Object.fromEntries(fixed.map((n) => [`1.${n}-r0`, ["CVE-2024-0001"]]));
				const [item] = ofKind(await all(readSecdb([file("v3.19", { a: secfixes })], { modified })), "advisory");
				const verdict = evaluate(item?.affected ?? [], `1.${installed}-r0`, orderingOf(apk));
				const highest = Math.max(...fixed);
				expect(verdict).toMatchObject(
					installed < highest ? { affected: true, fixed: `1.${highest}-r0` } : { affected: false },
				);
			}),
		);
	});

	const pack = resolve(process.env["PLIMSOLL_TESTDATA"] ?? "../shared/testdata", "osv");
	it.skipIf(!existsSync(pack))(
		"reads real facts back that were made secdb of (skipped without PLIMSOLL_TESTDATA)",
		async () => {
			const facts = new Map<string, string[]>();
			for await (const record of zipRecords(join(pack, "Alpine:v3.11/all.zip"))) {
				if ("problem" in record) throw new Error(record.problem);
				const { upstream, affected } = JSON.parse(new TextDecoder().decode(record.bytes)) as OsvFacts;
				for (const { package: pkg, ranges, database_specific: specific } of affected) {
					if (pkg.ecosystem !== "Alpine:v3.11") continue;
					const versions = specific?.secdb_fixed_versions ?? ranges.map(({ events }) => events[1]?.fixed ?? "");
					facts.set(`${upstream[0]} ${pkg.name}`, versions.toSorted());
				}
			}
			expect(facts.size).toBeGreaterThan(1800);
			const packages: Record<string, Record<string, string[]>> = {};
			for (const [key, versions] of facts) {
				const [id = "", name = ""] = key.split(" ");
				for (const version of versions) ((packages[name] ??= {})[version] ??= []).push(id);
			}
			const read = await lines([file("v3.11", packages)]);
			expect(read.sort()).toEqual(
				[...facts]
					.map(
						([key, versions]) =>
							key.replace(/ .*/, "") + ` []: Alpine:v3.11 ${key.replace(/.* /, "")} <${versions.join("|")}`,
					)
					.sort(),
			);
		},
	);
});

interface OsvFacts {
	readonly upstream: readonly string[];
	readonly affected: readonly {
		readonly package: { readonly ecosystem: string; readonly name: string };
		readonly ranges: readonly { readonly events: readonly { readonly fixed?: string }[] }[];
		readonly database_specific?: { readonly secdb_fixed_versions?: readonly string[] };
	}[];
}
