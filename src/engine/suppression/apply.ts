import { addSummaries, distinctFindings, type Finding, type Report, summarise } from "#model";
import { type ImageIdentity, identityOf } from "./image-match.ts";
import { type Matcher, matcherOver } from "./match.ts";
import { notesOn, type Usage } from "./notes.ts";
import type { Statement, Suppressions } from "./types.ts";
import { judge } from "./verdict.ts";

/**
 * Marks the findings that somebody said do not count, counts the rest anew, and notes what had no effect: entries that
 * have expired, statements that match nothing, and what could not be applied. No finding is taken out. Pure.
 */
export function applySuppressions(report: Report, suppressions: Suppressions, now: Date): Report {
	const { statements, problems } = suppressions;
	if (statements.length === 0 && problems.length === 0) return report;
	const usage: Marks = { matched: new Set(), expired: new Map(), images: [] };
	const marked = mark(report, { match: matcherOver(statements), today: now.toISOString().slice(0, 10), usage });
	return { ...marked, warnings: [...marked.warnings, ...notesOn(report, suppressions, usage)] };
}

/** Filled in while findings are marked. */
interface Marks extends Usage {
	readonly matched: Set<Statement>;
	readonly expired: Map<Statement, number>;
	readonly images: ImageIdentity[];
}

interface Marking {
	readonly match: Matcher;
	readonly today: string;
	readonly usage: Marks;
}

function mark(report: Report, marking: Marking, indexDigest?: string): Report {
	if (report.manifests !== undefined) {
		const manifests = report.manifests.map((child) => mark(child, marking, report.artifact.digest));
		return {
			...report,
			manifests,
			summary: addSummaries(manifests.map((child) => child.summary)),
			unionSummary: summarise(distinctFindings([...manifests.map(open), ...manifests])),
		};
	}
	const image = identityOf(report, indexDigest);
	marking.usage.images.push(image);
	const place = { image, os: report.artifact.os };
	const findings = report.findings.map((finding): Finding => {
		const statements = marking.match(finding, place);
		if (statements.length === 0) return finding;
		const { suppression, expired } = judge(statements, marking.today);
		for (const statement of statements) marking.usage.matched.add(statement);
		for (const statement of expired)
			marking.usage.expired.set(statement, (marking.usage.expired.get(statement) ?? 0) + 1);
		return suppression === null ? finding : { ...finding, suppressed: suppression };
	});
	return { ...report, findings, summary: summarise(findings) };
}

/** What counts in one child counts in the union, though it is suppressed in another one: it must come first there. */
function open(report: Report): Report {
	return { ...report, findings: report.findings.filter(({ suppressed }) => !suppressed) };
}
