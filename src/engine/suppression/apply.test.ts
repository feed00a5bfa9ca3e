import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { addSummaries, type Finding, type Report, severities, summarise } from "#model";
import { applySuppressions } from "./apply.ts";
import { digestA, digestB, digestIndex, found, imageReport, indexReport, now } from "./report-fixture.ts";
import { everywhere, type Scope, type Statement } from "./types.ts";

function statement(over: Partial<Statement> = {}): Statement {
	return {
		file: "vex.json",
		place: "statement 1",
		kind: "vex",
		vulnerabilities: ["CVE-2026-1000"],
		scopes: [everywhere],
		status: "not_affected",
		reason: "Not reached.",
		time: 1,
		...over,
	};
}

function ignored(over: Partial<Statement> = {}): Statement {
	return statement({ file: "ignore", place: "line 1", kind: "ignore", status: "accepted", time: null, ...over });
}

function inImage(digest: string): Scope {
	return { ...everywhere, images: [{ kind: "digest", digest }] };
}

function apply(report: Report, ...statements: readonly Statement[]): Report {
	return applySuppressions(report, { statements, problems: [] }, now);
}

const suppressedBy = (report: Report) => report.findings.map(({ suppressed }) => suppressed?.by ?? null);

describe("an image", () => {
	const report = imageReport([
		found(),
		found({ id: "CVE-2026-1001", severity: "low" }),
		found({ id: "CVE-2026-1002" }),
	]);

	it("keeps every finding, in its order, and counts suppressed ones apart", () => {
		const marked = apply(report, statement(), statement({ vulnerabilities: ["CVE-2026-1001"] }));
		expect(marked.findings.map(({ id }) => id)).toEqual(report.findings.map(({ id }) => id));
		expect(marked.summary).toEqual({
			critical: 0,
			high: 1,
			medium: 0,
			low: 0,
			negligible: 0,
			unknown: 0,
			total: 1,
			fixable: 1,
			suppressed: 2,
		});
		expect(marked.status).toBe("complete");
		expect(marked.warnings).toEqual([]);
	});

	it("stays as it is when nothing is said, and is not changed itself", () => {
		const before = structuredClone(report);
		expect(applySuppressions(report, { statements: [], problems: [] }, now)).toBe(report);
		apply(report, statement());
		expect(report).toEqual(before);
	});

	it("says what could not be applied", () => {
		const marked = applySuppressions(report, { statements: [], problems: ["vex.json: nothing."] }, now);
		expect(marked.warnings).toEqual([{ code: "suppression_unused", message: "vex.json: nothing." }]);
	});
});

describe("who decides", () => {
	const affected = statement({ file: "b.json", status: "affected" });
	it.each<[string, readonly Statement[], string | null]>([
		["one", [statement()], "vex.json"],
		["one with an author", [statement({ author: "Ada" })], "vex.json (Ada)"],
		["affected", [affected], null],
		["the latest", [statement({ time: 2 }), { ...affected, time: 3 }], null],
		["the latest, wherever it stands", [{ ...affected, time: 3 }, statement({ time: 4 })], "vex.json"],
		["of two of one time, the later", [statement(), affected], null],
		["of two of one time, the later", [affected, statement()], "vex.json"],
		["a date against none", [statement({ time: 1 }), { ...affected, time: null }], "vex.json"],
		["a date before 1970 against none", [statement({ time: -1 }), { ...affected, time: null }], "vex.json"],
		["the ignore file, whatever VEX says", [ignored(), affected], "ignore"],
		["VEX before the ignore file, as it says more", [ignored(), statement()], "vex.json"],
		["an expired entry, never", [ignored({ expires: "2026-11-23" })], null],
		["the entry that has not expired", [ignored({ expires: "2020-01-01" }), ignored({ file: "c" })], "c"],
		["an entry on its last day", [ignored({ expires: "2026-11-24" })], "ignore"],
	])("%s", (_what, statements, by) => {
		expect(suppressedBy(apply(imageReport([found()]), ...statements))).toEqual([by]);
	});

	it("hands on all that a statement says", () => {
		const all = { author: "A", justification: "component_not_present", owner: "O", expires: "2030-01-01" };
		expect(apply(imageReport([found()]), ignored({ ...all, status: "fixed" })).findings[0]?.suppressed).toEqual({
			by: "ignore (A)",
			reason: "Not reached.",
			status: "fixed",
			justification: "component_not_present",
			owner: "O",
			expires: "2030-01-01",
		});
	});
});

describe("names of vulnerabilities", () => {
	it.each<[string, readonly string[], readonly string[], boolean]>([
		["CVE-2026-1000", [], ["CVE-2026-1000"], true],
		["cve-2026-1000", [], ["CVE-2026-1000"], true],
		["GHSA-x", ["CVE-2026-1000"], ["CVE-2026-1000"], true],
		["CVE-2026-1000", ["GHSA-x"], ["GHSA-X"], true],
		["CVE-2026-1000", ["DSA-1"], ["DSA-1"], true],
		// An advisory on two CVEs is no other name of either.
		["CVE-2026-1000", ["DSA-1"], ["CVE-2026-2000", "DSA-1"], false],
		["DSA-1", [], ["CVE-2026-2000", "DSA-1"], true],
		["CVE-2026-1000", [], ["CVE-2026-100"], false],
	])("%s (%j) by %j: %j", (id, aliases, vulnerabilities, expected) => {
		const marked = apply(imageReport([found({ id, aliases })]), statement({ vulnerabilities }));
		expect(marked.summary.suppressed).toBe(expected ? 1 : 0);
	});
});

describe("an index", () => {
	const libc = found({ id: "CVE-2026-1001", severity: "low" });
	const amd64 = imageReport([found(), libc]);
	const arm64 = imageReport([found()], { digest: digestB, platform: "linux/arm64" });
	const index = indexReport([amd64, arm64]);

	it("sums its children, and unites them", () => {
		const marked = apply(index, statement());
		expect(marked.summary).toMatchObject({ total: 1, low: 1, high: 0, suppressed: 2 });
		expect(marked.unionSummary).toMatchObject({ total: 1, low: 1, high: 0, suppressed: 1 });
		expect(marked.manifests?.map(({ summary }) => summary.suppressed)).toEqual([1, 1]);
		expect(marked.findings).toEqual([]);
	});

	it.each([
		[digestA, [1, 0]],
		[digestB, [0, 1]],
		[digestIndex, [1, 1]],
	])("a statement on %s", (digest, expected) => {
		const marked = apply(index, statement({ scopes: [inImage(digest)] }));
		expect(marked.manifests?.map(({ summary }) => summary.suppressed)).toEqual(expected);
	});

	it("what counts on one platform counts in the union", () => {
		for (const digest of [digestA, digestB]) {
			const { unionSummary, summary } = apply(index, statement({ scopes: [inImage(digest)] }));
			expect(unionSummary).toMatchObject({ high: 1, low: 1, total: 2, suppressed: 0 });
			expect(summary).toMatchObject({ high: 1, low: 1, total: 2, suppressed: 1 });
		}
	});

	it("warns once, at the top", () => {
		const marked = apply(
			index,
			ignored({ expires: "2026-01-01" }),
			ignored({ vulnerabilities: ["CVE-1"], place: "line 2" }),
		);
		expect(marked.warnings).toEqual([
			{
				code: "suppression_expired",
				message: "ignore: 1 entry has expired, so 2 findings count again: CVE-2026-1000 (line 1), until 2026-01-01.",
			},
			{ code: "suppression_unused", message: "ignore: 1 entry matches no finding of this image: CVE-1 (line 2)." },
		]);
		expect(marked.manifests?.flatMap(({ warnings }) => warnings)).toEqual([]);
	});
});

describe("statements that match nothing", () => {
	const report = imageReport([found()]);
	const other = { vulnerabilities: ["CVE-2026-9999"] };
	it.each<[string, readonly Statement[], readonly string[]]>([
		["an entry", [ignored(other)], ["ignore: 1 entry matches no finding of this image: CVE-2026-9999 (line 1)."]],
		[
			"an entry for this image",
			[ignored({ ...other, scopes: [inImage(digestA)] })],
			["ignore: 1 entry matches no finding of this image: CVE-2026-9999 (line 1)."],
		],
		["an entry for another image", [ignored({ ...other, scopes: [inImage(digestB)] })], []],
		[
			"an expired entry",
			[ignored({ ...other, expires: "2020-01-01" })],
			["ignore: 1 entry matches no finding of this image: CVE-2026-9999 (line 1)."],
		],
		[
			"a file of VEX",
			[statement(other), statement(other)],
			["vex.json: its 2 statements do not match any finding of this image: CVE-2026-9999 (statement 1)."],
		],
		[
			"a file of VEX on another image",
			[statement({ scopes: [inImage(digestB)] })],
			["vex.json: its 1 statement does not match any finding of this image: CVE-2026-1000 (statement 1)."],
		],
		["VEX on packages, beside one that matches", [statement(), statement(other)], []],
		[
			"VEX on this image, beside one that matches",
			[statement(), statement({ ...other, scopes: [inImage(digestA)] })],
			["vex.json: 1 statement names this image but matches no finding of this image: CVE-2026-9999 (statement 1)."],
		],
		[
			"VEX that says affected",
			[statement(), statement({ ...other, status: "affected", scopes: [inImage(digestA)] })],
			[],
		],
		["VEX that was overridden", [statement(), statement({ status: "affected", time: 5 })], []],
		["an entry that VEX made needless", [statement(), ignored()], []],
		[
			"many",
			Array.from({ length: 7 }, (_, index) => ignored({ vulnerabilities: [`CVE-${index}`] })),
			[
				"ignore: 7 entries match no finding of this image: CVE-0 (line 1), CVE-1 (line 1), CVE-2 (line 1), CVE-3 (line 1), CVE-4 (line 1) and 2 more.",
			],
		],
	])("%s", (_what, statements, messages) => {
		expect(apply(report, ...statements).warnings).toEqual(
			messages.map((message) => ({ code: "suppression_unused", message })),
		);
	});

	it("are not spoken of when the scan failed", () => {
		expect(apply({ ...report, findings: [], status: "failed" }, ignored(other)).warnings).toEqual([]);
	});
});

// Whatever is said, nothing disappears: the counts always add up to the findings.
test("no statement takes a finding out of the report", () => {
	const ids = ["CVE-1", "CVE-2", "CVE-3"];
	const finding = fc
		.record({ id: fc.constantFrom(...ids), severity: fc.constantFrom(...severities) })
		.map((shape): Finding => found(shape));
	const child = fc
		.record({ findings: fc.array(finding, { maxLength: 6 }), digest: fc.constantFrom(digestA, digestB) })
		.map(({ findings, digest }) => imageReport(findings, { digest }));
	const said = fc.record({
		kind: fc.constantFrom("vex" as const, "ignore" as const),
		vulnerabilities: fc.subarray(ids, { minLength: 1 }),
		status: fc.constantFrom("not_affected", "fixed", "accepted", "affected", "under_investigation"),
		time: fc.option(fc.integer({ min: 0, max: 3 })),
		scopes: fc.constantFrom([everywhere], [inImage(digestA)], [inImage(digestIndex)], []),
		expires: fc.constantFrom("2026-11-23", "2026-11-24", "2027-01-01"),
	});
	fc.assert(
		fc.property(fc.array(child, { maxLength: 3 }), fc.array(said, { maxLength: 6 }), (children, statements) => {
			const index = indexReport(children);
			const marked = apply(index, ...statements.map((over) => statement(over as Partial<Statement>)));
			const bare = (report: Report) => report.findings.map(({ id, severity, package: pkg }) => [id, severity, pkg]);
			expect(marked.manifests?.map(bare)).toEqual(children.map(bare));
			for (const part of marked.manifests ?? []) {
				expect(part.summary).toEqual(summarise(part.findings));
				expect(part.summary.total + part.summary.suppressed).toBe(part.findings.length);
			}
			expect(marked.summary).toEqual(addSummaries((marked.manifests ?? []).map(({ summary }) => summary)));
			const { unionSummary: union, summary } = marked;
			const before = index.unionSummary;
			expect((union?.total ?? 0) + (union?.suppressed ?? 0)).toBe(before?.total);
			expect(union?.total).toBeLessThanOrEqual(summary.total);
		}),
		{ numRuns: 2000 },
	);
});

test("100,000 statements on 2,000 findings take no longer than reading them", () => {
	const purl = (index: number) => `pkg:npm/p${index}@1.0.0`;
	const findings = Array.from({ length: 2000 }, (_, index) => found({ id: `CVE-${index}`, purl: purl(index) }));
	const statements = Array.from({ length: 100_000 }, (_, index) =>
		statement({ vulnerabilities: [`CVE-${index % 2500}`, `GHSA-${index}`], place: `statement ${index}` }),
	);
	const start = performance.now();
	const marked = apply(imageReport(findings), ...statements);
	expect(performance.now() - start).toBeLessThan(3000);
	expect(marked.summary.suppressed).toBe(2000);
});
