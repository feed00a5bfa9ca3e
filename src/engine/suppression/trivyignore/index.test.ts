import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { applySuppressions } from "../apply.ts";
import { readIgnore } from "../read.ts";
import { bytesOf, found, imageReport, now } from "../report-fixture.ts";
import type { Suppressions } from "../types.ts";
import { readTrivyIgnore, readTrivyIgnoreYaml } from "./index.ts";

const lines = readFileSync(new URL("testdata/good", import.meta.url), "utf8");
const yaml = readFileSync(new URL("testdata/good.yaml", import.meta.url));

async function readYaml(text: string): Promise<Suppressions> {
	return readIgnore(bytesOf(text), ".trivyignore.yaml", now);
}

describe(".trivyignore", () => {
	it("is read with its comments as reasons", () => {
		const { statements, problems } = readTrivyIgnore(lines, ".trivyignore");
		expect(problems).toEqual([]);
		expect(
			statements.map(({ vulnerabilities, place, reason, expires }) => [...vulnerabilities, place, reason, expires]),
		).toEqual([
			["CVE-2026-1000", "line 5", "Nobody reaches the parser: it reads our own files only.", undefined],
			["CVE-2026-1001", "line 6", "Nobody reaches the parser: it reads our own files only.", "2027-01-31"],
			["CVE-2026-1002", "line 8", "No reason is given.", undefined],
			["GHSA-AAAA-BBBB-CCCC", "line 9", "until the upgrade", "2026-11-23"],
			["AVD-DS-0002", "line 12", "Misconfigurations have names, too", undefined],
		]);
	});

	it("reads lines that end as Windows ends them", () => {
		expect(readTrivyIgnore(lines.replaceAll("\n", "\r\n"), "x")).toEqual(readTrivyIgnore(lines, "x"));
	});

	it.each([
		["CVE-2026-1000 exp:2026-13-01"],
		["CVE-2026-1000 exp:2026-02-30"],
		["CVE-2026-1000 exp:soon"],
		["CVE-2026-1000 exp 2026-12-31"],
		["CVE-2026-1000 exp:2026-12-31 CVE-2026-1001"],
		["CVE-2026-1000 CVE-2026-1001"],
		["CVE-\u0000"],
		["C".repeat(201)],
	])("a line that is not of that form is named and not applied: %j", (line) => {
		const { statements, problems } = readTrivyIgnore(`# why\n${line}\n`, "x");
		expect(statements).toEqual([]);
		expect(problems).toEqual([
			expect.stringMatching(/^x: 1 line cannot be understood and was not applied: line 2 \("C/),
		]);
	});

	it.each(["", "\n", "# nothing", "\n\n# a\n\n# b"])("may be empty: %j", (text) => {
		expect(readTrivyIgnore(text, "x")).toEqual({ statements: [], problems: [] });
	});

	it("a million lines are read in no time", () => {
		const start = performance.now();
		expect(
			readTrivyIgnore(`${"#\n".repeat(500_000)}${" ".repeat(500_000)}\n${"a ".repeat(500_000)}`, "x").statements,
		).toEqual([]);
		expect(performance.now() - start).toBeLessThan(2000);
	});
});

describe(".trivyignore.yaml", () => {
	it("is read", async () => {
		const { statements, problems } = await readIgnore(yaml, ".trivyignore.yaml", now);
		expect(problems).toEqual([]);
		expect(
			statements.map(({ vulnerabilities, place, reason, expires }) => [...vulnerabilities, place, reason, expires]),
		).toEqual([
			["CVE-2026-1000", "line 3", "Accept the risk", undefined],
			["CVE-2026-1001", "line 8", "No reason is given.", undefined],
			["CVE-2026-1002", "line 12", "No reason is given.", "2026-11-24"],
			["GHSA-AAAA-BBBB-CCCC", "line 14", "No reason is given.", "2026-11-23"],
		]);
	});

	it("holds for paths and packages, and until the end of its last day", async () => {
		const setuptools = "usr/local/lib/python3.9/site-packages/setuptools-58.1.0.dist-info/METADATA";
		const python = "pkg:pypi/setuptools@58.1.0";
		const findings = [
			found({ purl: python, paths: [setuptools] }),
			found({ purl: python, paths: [setuptools, "srv/vendor/a.whl"] }),
			// One of its files is not ignored: the package is still there.
			found({ purl: python, paths: [setuptools, "opt/METADATA"] }),
			found({ purl: python, paths: [] }),
			found({ id: "CVE-2026-1001" }),
			found({ id: "CVE-2026-1001", purl: "pkg:npm/%40shop/cart@2.1.0" }),
			found({ id: "CVE-2026-1001", purl: "pkg:npm/%40shop/cart@2.1.1" }),
			found({ id: "CVE-2026-1002" }),
			found({ id: "CVE-2026-1003", aliases: ["GHSA-aaaa-bbbb-cccc"] }),
		];
		const report = applySuppressions(imageReport(findings), await readIgnore(yaml, ".trivyignore.yaml", now), now);
		expect(report.findings.map(({ suppressed }) => suppressed?.status ?? null)).toEqual([
			"accepted",
			"accepted",
			null,
			null,
			"accepted",
			"accepted",
			null,
			"accepted",
			null,
		]);
		expect(report.findings[7]?.suppressed?.expires).toBe("2026-11-24");
		expect(report.warnings).toEqual([
			{
				code: "suppression_expired",
				message:
					".trivyignore.yaml: 1 entry has expired, so 1 finding counts again: GHSA-AAAA-BBBB-CCCC (line 14), until 2026-11-23.",
			},
		]);
	});

	it.each([
		["- id: CVE-1\n  path: [a]", "line 2 (unknown field path)"],
		["- paths: [a]", "line 2 (no id)"],
		["- id:", "line 2 (no id)"],
		["- id: CVE-1\n  paths: a", "line 2 (paths is not a list of texts)"],
		["- id: CVE-1\n  paths: [[a]]", "line 2 (paths is not a list of texts)"],
		["- id: CVE-1\n  paths: ['[a-z]']", "line 2 (in a path, only *, ** and ? are understood in it)"],
		["- id: CVE-1\n  purls: [libssl3]", "line 2 (purls is not a list of package URLs)"],
		["- id: CVE-1\n  purls: ['pkg:oci/web']", "line 2 (purls is not a list of package URLs)"],
		["- id: CVE-1\n  expired_at: soon", "line 2 (expired_at is not a date)"],
		["- id: CVE-1\n  expired_at: 2026-02-31", "line 2 (expired_at is not a date)"],
		["- CVE-1", "line 2 (it is not a map)"],
	])("an entry that is not of that form is named and not applied: %j", async (entry, what) => {
		const { statements, problems } = await readYaml(`vulnerabilities:\n${entry}\n`);
		expect(statements).toEqual([]);
		expect(problems).toEqual([`.trivyignore.yaml: 1 entry cannot be understood and was not applied: ${what}.`]);
	});

	it("names a section that is none", async () => {
		const { problems } = await readYaml("vulnerabilities: []\nmisconfiguration: []\n");
		expect(problems).toEqual([
			".trivyignore.yaml: 1 entry cannot be understood and was not applied: line 2 (misconfiguration).",
		]);
	});

	it("must be a map of lists", async () => {
		await expect(readYaml("vulnerabilities: CVE-1\n")).rejects.toThrow("line 1: vulnerabilities is not a list.");
		expect(() => readTrivyIgnoreYaml({ kind: "list", line: 1, items: [] }, "x")).toThrow(
			"it is not a map of sections.",
		);
		expect(await readYaml("secrets:\n")).toEqual({ statements: [], problems: [] });
	});
});
