import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Ajv } from "ajv";
import ajvFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { type Report, type Severity, severities } from "#model";
import { markupReport, richIndexReport, richReport } from "../../testing/reports/rich-report.ts";
import * as samples from "../../testing/reports/sample-reports.ts";
import { renderSarif } from "./index.ts";
import { inMarkdown } from "./markdown.ts";

const reports: Readonly<Record<string, Report>> = {
	rich: richReport,
	"rich-index": richIndexReport,
	markup: markupReport,
	partial: samples.partialReport,
	clean: samples.cleanReport,
	failed: samples.failedReport,
	index: samples.indexReport,
	hostile: samples.hostileReport,
};

interface Result {
	readonly ruleId: string;
	readonly ruleIndex: number;
	readonly level: string;
	readonly message: { readonly text: string };
	readonly locations: readonly {
		readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } };
		readonly logicalLocations: readonly { readonly fullyQualifiedName: string }[];
	}[];
	readonly partialFingerprints: Readonly<Record<string, string>>;
	readonly suppressions?: readonly object[];
	readonly properties: Readonly<Record<string, unknown>>;
}
interface Run {
	readonly tool: {
		readonly driver: {
			readonly rules: readonly {
				readonly id: string;
				readonly help: { readonly markdown: string };
				readonly properties: { readonly "security-severity"?: string; readonly tags: readonly string[] };
			}[];
		};
	};
	readonly automationDetails: { readonly id: string };
	readonly invocations: readonly {
		readonly executionSuccessful: boolean;
		readonly toolExecutionNotifications: readonly {
			readonly level: string;
			readonly message: { readonly text: string };
		}[];
	}[];
	readonly results: readonly Result[];
}

function runOf(report: Report): Run {
	const log = JSON.parse(renderSarif(report)) as { readonly runs: readonly Run[] };
	expect(log.runs).toHaveLength(1);
	return log.runs[0] as Run;
}

function officialSchema(): (log: unknown) => unknown {
	const require = createRequire(import.meta.url);
	const file = require.resolve("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json");
	// One of its patterns is no pattern in Unicode mode.
	const ajv = ajvFormats.default(new Ajv({ strict: false, allErrors: true, unicodeRegExp: false }));
	// Draft 4, of which it uses nothing that later drafts read otherwise.
	const { $schema: _, id: __, ...schema } = JSON.parse(readFileSync(file, "utf8"));
	const validate = ajv.compile(schema);
	return (log) => (validate(log) ? null : validate.errors);
}

describe("renderSarif", () => {
	const faultsOf = officialSchema();

	it.each(Object.entries(reports))("%s is valid by the official schema", (_, report) => {
		expect(faultsOf(JSON.parse(renderSarif(report)))).toBeNull();
	});

	it("the schema would find a fault", () => {
		const log = JSON.parse(renderSarif(richReport));
		log.runs[0].results[0].level = "fatal";
		expect(faultsOf(log)).not.toBeNull();
		const other = JSON.parse(renderSarif(richReport));
		other.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri = "a b";
		expect(faultsOf(other)).not.toBeNull();
	});

	it.each(Object.entries(reports))("%s: each result has its rule", (_, report) => {
		const { tool, results } = runOf(report);
		const ids = tool.driver.rules.map((rule) => rule.id);
		expect(new Set(ids).size).toBe(ids.length);
		for (const { ruleId, ruleIndex } of results) expect(ids[ruleIndex]).toBe(ruleId);
	});

	it.each(Object.entries(reports))("%s: keeps within what GitHub takes", (_, report) => {
		const { tool, results } = runOf(report);
		for (const rule of tool.driver.rules) expect(rule.properties.tags.length).toBeLessThanOrEqual(20);
		for (const { locations } of results) expect(locations.length).toBeLessThanOrEqual(1000);
		const ranks = results.map(({ properties }) => severities.indexOf(properties["severity"] as Severity));
		expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
	});

	it("keeps every finding, the most severe first, and marks the suppressed ones", () => {
		const { results } = runOf(richReport);
		expect(results).toHaveLength(richReport.findings.length);
		expect(results[0]).toMatchObject({ ruleId: "CVE-2026-1001", level: "error" });
		const suppressed = results.filter((result) => result.suppressions);
		expect(suppressed.map(({ ruleId }) => ruleId).toSorted()).toEqual([
			"CVE-2010-4756",
			"CVE-2025-8008",
			"GHSA-xxxx-yyyy-zzzz",
		]);
		expect(suppressed.find(({ ruleId }) => ruleId.startsWith("GHSA"))?.suppressions).toEqual([
			{
				kind: "external",
				status: "accepted",
				justification:
					"not affected (vex/shop.openvex.json (Shop Security)): The rounding module is not bundled. [vulnerable_code_not_in_execute_path]",
			},
		]);
	});

	it("rates rules so that GitHub shows the report's own severity", () => {
		const rules = new Map(runOf(richReport).tool.driver.rules.map((rule) => [rule.id, rule.properties]));
		expect(rules.get("CVE-2026-1001")?.["security-severity"]).toBe("9.8");
		expect(rules.get("CVE-2026-1001")?.tags).toEqual(
			expect.arrayContaining(["security", "KEV", "external/cwe/cwe-416"]),
		);
		expect(rules.get("CVE-2026-5005")?.["security-severity"]).toBe("8.2");
		// nvd's score is 9.8, but the report's severity is medium: not from that score.
		expect(rules.get("CVE-2026-7007")?.["security-severity"]).toBe("5.5");
		expect(rules.get("CVE-2026-4004")).not.toHaveProperty("security-severity");
	});

	it("says in one sentence what is installed, where it is mended and where it comes from", () => {
		expect(runOf(richReport).results[0]?.message.text).toBe(
			"libssl3 3.0.11-1~deb12u2 has CVE-2026-1001 (critical): Use after free in the handling of renegotiated sessions allows remote code execution. It is known to be exploited. Fixed in 3.0.14-1~deb12u2. Brought by layer 0: ADD file:4b1be1de1a1e5aa608c688cad2824587262081866180d7368feb79d33ca05953 in /",
		);
	});

	it("has the same fingerprints whatever tag, digest, version and time", () => {
		const prints = (report: Report): readonly object[] =>
			runOf(report).results.map((result) => result.partialFingerprints);
		const other: Report = {
			...richReport,
			createdAt: "2027-01-01T00:00:00.000Z",
			artifact: { ...richReport.artifact, name: "registry.example/shop/web:2.0", digest: `sha256:${"7".repeat(64)}` },
			findings: richReport.findings.map((finding) => ({
				...finding,
				package: { ...finding.package, version: `${finding.package.version}.1` },
			})),
		};
		expect(prints(other)).toEqual(prints(richReport));
		const all = prints(richIndexReport).map((each) => JSON.stringify(each));
		expect(new Set(all).size).toBe(all.length);
		const elsewhere = { ...richReport, artifact: { ...richReport.artifact, name: "registry.example/shop/api:1" } };
		expect(prints(elsewhere)[0]).not.toEqual(prints(richReport)[0]);
	});

	it("gives each image its own set of alerts", () => {
		expect(runOf(richReport).automationDetails.id).toBe("plimsoll/registry.example/shop/web/");
	});

	it("tells that a scan was not complete", () => {
		expect(runOf(richReport).invocations[0]?.executionSuccessful).toBe(true);
		const [partial] = runOf(samples.partialReport).invocations;
		expect(partial?.executionSuccessful).toBe(false);
		expect(partial?.toolExecutionNotifications.map(({ level }) => level)).toEqual(["warning", "warning", "note"]);
		expect(partial?.toolExecutionNotifications[1]?.message.text).toContain("torn/package.json");
		const [failed] = runOf(samples.failedReport).invocations;
		expect(failed).toMatchObject({ executionSuccessful: false, toolExecutionNotifications: [{ level: "error" }] });
		// One child of an index is enough.
		const index: Report = { ...samples.evenIndexReport, manifests: [samples.failedReport] };
		expect(runOf(index).invocations[0]?.executionSuccessful).toBe(false);
	});

	it("makes relative addresses of any path", () => {
		const uris = runOf(markupReport).results.flatMap(({ locations }) =>
			locations.map(({ physicalLocation }) => physicalLocation.artifactLocation.uri),
		);
		expect(uris).toContain(
			"registry.example/shop/web/srv/etc/%3Cscript%3Ealert(%22x%22)%3C/script%3E/a%20b%23c%3Fd%252e%3Ae.json",
		);
		const base = "https://code.example/repository/";
		const port = { ...markupReport, artifact: { ...markupReport.artifact, name: "localhost:5000/web:1" } };
		for (const report of [markupReport, port, { ...port, artifact: { ...port.artifact, name: "dir:/../root" } }]) {
			for (const { locations } of runOf(report).results) {
				const { uri } = locations[0]?.physicalLocation.artifactLocation ?? { uri: "" };
				expect(new URL(uri, base).href.startsWith(base), uri).toBe(true);
				expect(URL.canParse(uri), uri).toBe(false);
			}
		}
	});

	it("lets no title make a link or a heading", () => {
		const { results, tool } = runOf(markupReport);
		for (const { message } of results) expect(message.text).not.toContain("](");
		const { markdown } = tool.driver.rules[0]?.help ?? { markdown: "" };
		expect(markdown).toContain(String.raw`\[click\](javascript:alert(1)) &lt;script&gt;`);
		expect(markdown).toContain("\\`\\`\\`\n\\# heading");
		expect(markdown).not.toMatch(/<(?!https?:)/);
	});

	it.each(["rich", "rich-index", "partial"])("golden: %s", (name) => {
		const file = new URL(`../../../../test/golden/report-${name}.sarif`, import.meta.url);
		const text = renderSarif(reports[name] ?? samples.cleanReport);
		if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, text);
		expect(existsSync(file), `${file.pathname} is missing: run with UPDATE_GOLDEN=1`).toBe(true);
		expect(text).toBe(readFileSync(file, "utf8"));
	});
});

describe("inMarkdown", () => {
	it.each([
		["plain 3.0.11-1 (a, b)!", "plain 3.0.11-1 (a, b)!"],
		["# no heading", String.raw`\# no heading`],
		["1. no list", String.raw`1\. no list`],
		["- no list", String.raw`\- no list`],
		["a | b", String.raw`a \| b`],
		["![x](y)", String.raw`!\[x\](y)`],
		["<b>&amp;", "&lt;b&gt;&amp;amp;"],
		["see https://evil.example", String.raw`see https\://evil.example`],
		["WWW.evil.example", String.raw`WWW\.evil.example`],
		["@octocat", String.raw`\@octocat`],
		["\\[x]", String.raw`\\\[x\]`],
	])("%s", (text, markdown) => {
		expect(inMarkdown(text)).toBe(markdown);
	});
});
