/** Severity words, worst first. `unknown` means that no source gave a severity; it is not a low one. */
export const severities = ["critical", "high", "medium", "low", "negligible", "unknown"] as const;
export type Severity = (typeof severities)[number];

/** 0 for critical … 5 for unknown: sorts worst first. */
export function severityRank(severity: Severity): number {
	return severities.indexOf(severity);
}

/**
 * The qualitative band of a CVSS base score, 0.0 to 10.0
 * (CVSS 3.1 §5, CVSS 4.0 §6: low < 4.0 ≤ medium < 7.0 ≤ high < 9.0 ≤ critical; 0.0 is "none").
 */
export function severityFromScore(score: number): Severity {
	if (score >= 9) return "critical";
	if (score >= 7) return "high";
	if (score >= 4) return "medium";
	return score > 0 ? "low" : "negligible";
}
