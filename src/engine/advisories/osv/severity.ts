/**
 * Severities as OSV records carry them: CVSS vectors in `severity`, words in the `…_specific` objects.
 * What cannot be read here is left out: a missing severity is unknown, a lost record would be a lost finding.
 * https://ossf.github.io/osv-schema/#severity-field
 */
import { type SeverityVector, severityFromScore } from "#model";
import { isObject } from "../json.ts";
import { limits } from "./limits.ts";

const vectorTypes: readonly string[] = ["CVSS_V2", "CVSS_V3", "CVSS_V4"] satisfies SeverityVector["type"][];

/** The CVSS vectors of a `severity` list. */
export function vectorsOf(severity: unknown): readonly SeverityVector[] {
	if (!Array.isArray(severity)) return [];
	const vectors: SeverityVector[] = [];
	for (const entry of severity) {
		if (vectors.length === limits.vectors) break;
		if (!isObject(entry)) continue;
		const { type, score } = entry as { type?: unknown; score?: unknown };
		if (!isVectorType(type) || typeof score !== "string") continue;
		const vector = score.trim();
		if (vector !== "" && vector.length <= limits.vector && !/[^\x21-\x7e]/.test(vector)) vectors.push({ type, vector });
	}
	return vectors;
}

function isVectorType(type: unknown): type is SeverityVector["type"] {
	return typeof type === "string" && vectorTypes.includes(type);
}

/** The word that a `severity` list gives where the feed has its own scale (type `Ubuntu`), lower case. */
export function wordInSeverity(severity: unknown): string | undefined {
	if (!Array.isArray(severity)) return undefined;
	for (const entry of severity) {
		if (!isObject(entry) || entry["type"] !== "Ubuntu") continue;
		const word = cleanWord(entry["score"]);
		if (word !== undefined) return word;
	}
	return undefined;
}

/**
 * The word in a `database_specific` or `ecosystem_specific` object: `severity` (GitHub), `urgency` (Debian), or the band
 * of a bare CVSS 3 score (RubySec).
 */
export function wordInSpecific(specific: unknown): string | undefined {
	if (!isObject(specific)) return undefined;
	const score = specific["cvss_v3_score"];
	const band = typeof score === "number" && score >= 0 && score <= 10 ? severityFromScore(score) : undefined;
	return cleanWord(specific["severity"]) ?? cleanWord(specific["urgency"]) ?? band;
}

function cleanWord(value: unknown): string | undefined {
	if (typeof value !== "string") return undefined;
	const word = value.trim().toLowerCase();
	return word.length <= limits.word && /^[a-z][a-z *_-]*$/.test(word) ? word : undefined;
}
