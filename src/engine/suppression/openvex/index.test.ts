import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Report } from "#model";
import { applySuppressions } from "../apply.ts";
import { readJson } from "../json.ts";
import { bytesOf, digestA, found, imageReport, now } from "../report-fixture.ts";
import type { Suppressions } from "../types.ts";
import { openVex } from "./index.ts";

const good = readFileSync(new URL("testdata/good", import.meta.url));

function read(content: Uint8Array | object): Suppressions {
	return openVex.read(readJson(content instanceof Uint8Array ? content : bytesOf(content), "vex.json"), "vex.json");
}

function document(...statements: readonly object[]): object {
	return {
		"@context": "https://openvex.dev/ns/v0.2.0",
		author: "Ada",
		timestamp: "2026-10-01T00:00:00Z",
		version: 1,
		statements,
	};
}

function statement(over: object = {}): object {
	return {
		vulnerability: { name: "CVE-2026-1000" },
		products: [{ "@id": "pkg:deb/debian/libssl3" }],
		status: "not_affected",
		justification: "component_not_present",
		...over,
	};
}

/** The identifiers that are suppressed, of findings in libssl3 unless a report is given. */
function suppressed(content: Suppressions, report: Report = imageReport([found()])): readonly string[] {
	const { findings } = applySuppressions(report, content, now);
	return findings.flatMap(({ id, suppressed: by }) => (by ? [id] : []));
}

describe("a document of 0.2.0", () => {
	it("is read whole", () => {
		const { statements, problems } = read(good);
		expect(problems).toEqual([]);
		expect(statements.map(({ vulnerabilities, status, time }) => [vulnerabilities, status, time])).toEqual([
			[["CVE-2026-1000", "GHSA-AAAA-BBBB-CCCC", "DSA-6000-1"], "not_affected", Date.parse("2026-10-01T06:00:00.123Z")],
			[["CVE-2026-1001"], "fixed", Date.parse("2026-09-01T00:00:00Z")],
			[["CVE-2026-1002"], "not_affected", Date.parse("2026-10-01T06:00:00.123Z")],
			[["CVE-2026-1003"], "affected", Date.parse("2026-10-01T06:00:00.123Z")],
			[["CVE-2026-1004"], "under_investigation", Date.parse("2026-10-01T06:00:00.123Z")],
		]);
	});

	it("suppresses with reason, justification and author", () => {
		const cart = "pkg:npm/%40shop/cart@2.1.0";
		const findings = [
			found(),
			found({ id: "CVE-2026-1001", purl: "pkg:apk/wolfi/git@2.39.0-r1?arch=x86_64&distro=wolfi-20230201" }),
			...["CVE-2026-1002", "CVE-2026-1003", "CVE-2026-1004"].map((id) => found({ id, purl: cart })),
		];
		const report = applySuppressions(imageReport(findings), read(good), now);
		const by = "vex.json (Shop Security <security@shop.example>)";
		expect(report.findings.map((finding) => finding.suppressed)).toEqual([
			{
				by,
				reason: "The cipher is switched off at build time.",
				status: "not_affected",
				justification: "vulnerable_code_not_in_execute_path",
			},
			{ by, reason: "A patch was backported.", status: "fixed" },
			{
				by,
				reason: "The product's own protections prevent exploitation.",
				status: "not_affected",
				justification: "inline_mitigations_already_exist",
			},
			undefined,
			undefined,
		]);
		expect(report.summary).toMatchObject({ total: 2, suppressed: 3 });
	});

	it("says of subcomponents what holds in its image only", () => {
		const elsewhere = imageReport([found()], { digest: `sha256:${"c".repeat(64)}` });
		expect(suppressed(read(good), elsewhere)).toEqual([]);
		const other = imageReport([found({ purl: "pkg:deb/debian/zlib1g@1" })]);
		expect(suppressed(read(good), other)).toEqual([]);
	});

	it("says of an image without subcomponents what holds for all of its packages", () => {
		const content = read(document(statement({ products: [{ hashes: { "sha-256": "a".repeat(64) } }] })));
		expect(suppressed(content)).toEqual(["CVE-2026-1000"]);
		expect(suppressed(content, imageReport([found()], { digest: "" }))).toEqual([]);
	});
});

describe("0.0.1", () => {
	it("has texts for vulnerability, products and subcomponents", () => {
		const content = read({
			"@context": "https://openvex.dev/ns",
			author: "Ada",
			timestamp: "2023-01-08T18:02:03.647787998-06:00",
			version: "1",
			statements: [
				{
					vulnerability: "CVE-2026-1000",
					products: [`pkg:oci/web@${digestA}`],
					subcomponents: ["pkg:deb/debian/libssl3"],
					status: "not_affected",
				},
			],
		});
		expect(content.problems).toEqual([]);
		expect(suppressed(content)).toEqual(["CVE-2026-1000"]);
		expect(content.statements[0]?.reason).toBe("No reason is given.");
	});
});

describe("names of the vulnerability", () => {
	it.each([
		["cve-2026-1000", found(), true],
		["GHSA-aaaa-bbbb-cccc", found({ aliases: ["GHSA-AAAA-bbbb-cccc"] }), true],
		["GHSA-aaaa-bbbb-cccc", found({ id: "GHSA-aaaa-bbbb-cccc" }), true],
		["CVE-2026-2000", found({ aliases: ["DSA-6000-1"] }), false],
	])("%s", (name, finding, expected) => {
		const content = read(document(statement({ vulnerability: { name, aliases: ["DSA-6000-1"] } })));
		expect(suppressed(content, imageReport([finding])).length > 0).toBe(expected);
	});
});

describe("what cannot be applied is named, and suppresses nothing", () => {
	it.each([
		["no product", statement({ products: [] }), "1 statement names no product, so it applies to nothing: statement 1."],
		[
			"only a CPE",
			statement({ products: [{ "@id": "cpe:/a:openssl", identifiers: { cpe23: "cpe:2.3:a:openssl:openssl:3:*" } }] }),
			"1 product is named neither by a package URL nor as an image, so what the file says of it was not applied: cpe:/a:openssl.",
		],
		[
			"a product without any name",
			statement({ products: [{}] }),
			"1 product is named neither by a package URL nor as an image, so what the file says of it was not applied: statement 1 (without a name).",
		],
		[
			"a package in a package",
			statement({
				products: [
					{ "@id": "pkg:golang/example.com/tool", subcomponents: [{ "@id": "pkg:deb/debian/libssl3" }] },
					{
						"@id": "pkg:golang/example.com/tool",
						hashes: { "sha-256": "a".repeat(64) },
						subcomponents: [{ "@id": "pkg:deb/debian/libssl3" }],
					},
				],
			}),
			"1 statement is about a package inside another package; what else uses that package is not known, so it was not applied: statement 1.",
		],
		[
			"an unknown subcomponent",
			statement({ products: [{ "@id": "pkg:oci/web", subcomponents: [{ "@id": "libssl" }] }] }),
			"1 product is named neither by a package URL nor as an image, so what the file says of it was not applied: libssl.",
		],
		[
			"no vulnerability",
			statement({ vulnerability: {} }),
			"1 statement does not name its vulnerability and was not applied: statement 1.",
		],
		[
			"an unknown status",
			statement({ status: "ignored" }),
			"1 statement has a status that is unknown and was not applied: statement 1 (ignored).",
		],
		["no statement", 5, "1 statement does not name its vulnerability and was not applied: statement 1."],
	])("%s", (_what, given, problem) => {
		const content = read(document(given as object));
		expect(content.problems).toEqual([`vex.json: ${problem}`]);
		expect(suppressed(content)).toEqual([]);
	});

	it("a date that cannot be read counts as older than any other", () => {
		const content = read(
			document(statement({ status: "affected", timestamp: "1999-01-01T00:00:00Z" }), statement({ timestamp: "soon" })),
		);
		expect(content.problems).toEqual([
			"vex.json: 1 statement has a date that cannot be read, and counts as older than the others: statement 2.",
		]);
		expect(suppressed(content)).toEqual([]);
	});
});

describe("later statements override earlier ones", () => {
	const older = { timestamp: "2026-01-01T00:00:00Z" };
	const newer = { timestamp: "2026-02-01T00:00:00Z" };
	it.each([
		[[statement(older), statement({ ...newer, status: "affected" })], []],
		[[statement(newer), statement({ ...older, status: "affected" })], ["CVE-2026-1000"]],
		[[statement({ ...older, status: "under_investigation" }), statement(newer)], ["CVE-2026-1000"]],
		[[statement(newer), statement({ ...newer, status: "affected" })], []],
		// The document's own date is that of statements without one.
		[[statement({ status: "affected" }), statement(newer)], []],
		// 01:00 in the west is later than 01:00 in the east.
		[
			[
				statement({ timestamp: "2026-03-01T01:00:00-06:00" }),
				statement({ timestamp: "2026-03-01T01:00:00+06:00", status: "affected" }),
			],
			["CVE-2026-1000"],
		],
	])("%#", (statements, expected) => {
		expect(suppressed(read(document(...statements)))).toEqual(expected);
	});
});

describe("hostile documents", () => {
	it("texts are cut and made harmless", () => {
		const content = read({
			...document(statement({ impact_statement: `\u001b[31mred\r\n${"x".repeat(10_000)}` })),
			author: "\u202eevil\u0000",
		});
		const [only] = content.statements;
		expect(only?.author).toBe("evil");
		expect(only?.reason).toMatch(/^\[31mred x+…$/);
		expect(only?.reason.length).toBe(2000);
	});

	it("products times subcomponents are refused before they fill the memory", () => {
		const subcomponents = Array.from({ length: 20_000 }, (_, index) => `pkg:npm/a${index}`);
		const products = Array.from({ length: 20_000 }, (_, index) => `pkg:oci/b${index}`);
		const start = performance.now();
		expect(() => read(document(statement({ products, subcomponents })))).toThrow(
			"vex.json cannot be used: its statements name more than 1000000 products.",
		);
		expect(performance.now() - start).toBeLessThan(3000);
	});

	it("other things than texts, lists and objects read as absent", () => {
		const content = read(
			document(
				{ vulnerability: { name: 5, aliases: [null, {}, "a b", ""] }, products: "x", status: {} },
				statement({ vulnerability: { name: "CVE-1\u0000" } }),
				statement({ products: [null, 5, [], { "@id": 5, identifiers: [], hashes: 7, subcomponents: {} }] }),
			),
		);
		expect(content.statements.map(({ scopes }) => scopes)).toEqual([[]]);
		expect(content.problems).toHaveLength(2);
	});
});
