/** VEX documents and ignore files: what they say is held against a report, too. */
import type { Finding, Report } from "#model";
import { applySuppressions } from "../../../src/engine/suppression/apply.ts";
import { readIgnore, readVex } from "../../../src/engine/suppression/read.ts";
import { found, imageReport, indexReport, now } from "../../../src/engine/suppression/report-fixture.ts";
import type { Suppressions } from "../../../src/engine/suppression/types.ts";
import { testdataOf, texts } from "../inputs.ts";
import { holdWarning } from "../rules.ts";
import { type FuzzTarget, hold, holdText } from "../target.ts";
import { refusal } from "./feed.ts";

const findings: readonly Finding[] = [
	found(),
	found({
		id: "GHSA-aaaa-bbbb-cccc",
		aliases: ["CVE-2026-1001"],
		purl: "pkg:npm/%40a/b@1.0.0",
		paths: ["srv/node_modules/@a/b/package.json"],
	}),
	found({
		id: "CVE-2026-1002",
		purl: "pkg:rpm/redhat/openssl@3.0?arch=x86_64",
		source: { name: "openssl", version: "3.0" },
	}),
];
const reports: readonly Report[] = [imageReport(findings), indexReport([imageReport(findings)])];

function holdSuppressions(suppressions: Suppressions): void {
	for (const { reason, author, owner, vulnerabilities } of suppressions.statements) {
		for (const text of [reason, author, owner]) if (text !== undefined) holdText(text, "what a statement says", 3000);
		hold(vulnerabilities.length > 0, () => "a statement is about no vulnerability");
		for (const name of vulnerabilities) holdText(name, "a vulnerability", 300);
	}
	for (const problem of suppressions.problems) holdText(problem, "a problem", 3000);
	for (const report of reports) {
		const marked = applySuppressions(report, suppressions, now);
		hold(marked.findings.length === report.findings.length, () => "a finding is gone");
		for (const warning of marked.warnings) holdWarning({ code: warning.code, message: warning.message }, "");
	}
}

function vexTarget(kind: string, words: readonly string[]): FuzzTarget {
	return {
		name: `suppression/${kind}`,
		seeds: () => testdataOf(`suppression/${kind}`),
		words: [
			...words,
			"CVE-2026-1000",
			"pkg:deb/debian/libssl3@3.0.11-1~deb12u2",
			"pkg:oci/web@sha256%3Aab",
			"not_affected",
			"2026-01-01T00:00:00Z",
		],
		format: "json",
		async run(input) {
			await refusal(["suppression_malformed"], () => holdSuppressions(readVex(input, "a.json")));
		},
	};
}

function ignoreTarget(
	name: string,
	file: string,
	seeds: () => readonly Uint8Array[],
	words: readonly string[],
): FuzzTarget {
	return {
		name,
		seeds,
		words: [
			...words,
			"\n",
			"#",
			": ",
			"- ",
			"CVE-2026-1000",
			"*",
			"&a ",
			"*a",
			"{",
			"}",
			"[",
			"]",
			"|",
			">",
			"'",
			'"',
			"---\n",
			"<<: ",
			"!!js/function",
			"2026-12-31",
		],
		async run(input) {
			await refusal(["suppression_malformed"], async () => holdSuppressions(await readIgnore(input, file, now)));
		},
	};
}

const yaml = /\.yaml$/;

export const suppressionTargets: readonly FuzzTarget[] = [
	vexTarget("openvex", [
		"@context",
		"statements",
		"vulnerability",
		"products",
		"subcomponents",
		"@id",
		"identifiers",
		"justification",
		"impact_statement",
		"timestamp",
		"supplier",
	]),
	vexTarget("csaf-vex", [
		"document",
		"product_tree",
		"branches",
		"full_product_names",
		"relationships",
		"product_groups",
		"vulnerabilities",
		"product_status",
		"known_not_affected",
		"flags",
		"threats",
		"product_ids",
		"group_ids",
		"product_identification_helper",
	]),
	vexTarget("cyclonedx-vex", [
		"bomFormat",
		"vulnerabilities",
		"analysis",
		"state",
		"affects",
		"ref",
		"components",
		"bom-ref",
		"purl",
		"detail",
		"response",
	]),
	ignoreTarget("suppression/ignore-file", ".plimsoll-ignore.yaml", () => testdataOf("suppression/ignore-file"), [
		"version: 1\n",
		"ignore:\n",
		"id: ",
		"reason: ",
		"owner: ",
		"expires: ",
		"packages: ",
		"paths: ",
	]),
	ignoreTarget(
		"suppression/trivyignore",
		".trivyignore",
		() => [...testdataOf("suppression/trivyignore", /^(?!.*yaml)/), ...texts("CVE-2026-1000 exp:2026-12-31 # why\n")],
		["exp:", "GHSA-"],
	),
	ignoreTarget("suppression/trivyignore:yaml", ".trivyignore.yaml", () => testdataOf("suppression/trivyignore", yaml), [
		"vulnerabilities:\n",
		"id: ",
		"paths:\n",
		"purls:\n",
		"statement: ",
		"expired_at: ",
	]),
];
