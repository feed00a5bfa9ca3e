import { type Advisory, type Affected, type CvssScore, type Severity, severityFromScore } from "#model";
import { scoreVector } from "../advisories/cvss/score.ts";
import { severityOfWord } from "../advisories/cvss/severity-words.ts";
import type { AdvisoryStore, SourcedVector } from "../ports.ts";
import type { Identity } from "./identifiers.ts";

export interface Rating {
	readonly severity: Severity;
	/** The record that the severity came from; null when no source gives one. */
	readonly source: string | null;
	readonly cvss: readonly CvssScore[];
}

/**
 * Rates one vulnerability: the advisory's own vector first, then vectors that other records give for the same
 * identifiers, then the advisory's own word. Among vectors of one kind the newer CVSS version counts, then the
 * higher score, so that the answer does not depend on the order of the records.
 */
export function rate(
	advisory: Advisory,
	affected: readonly Affected[],
	identity: Identity,
	store: Pick<AdvisoryStore, "severities">,
): Rating {
	const ownVectors = identity.sole ? [...affected.flatMap((entry) => entry.severity ?? []), ...advisory.severity] : [];
	const own = score(ownVectors.map((vector) => ({ ...vector, source: advisory.id })));
	const lent = score(store.severities([identity.id, ...identity.aliases]).filter((v) => v.source !== advisory.id));
	const cvss = [...own, ...lent];
	const best = own[0] ?? lent[0];
	if (best) return { severity: severityFromScore(best.score), source: best.source, cvss };
	const word = affected.find((entry) => entry.severityWord)?.severityWord ?? advisory.severityWord;
	const severity = word === undefined ? null : severityOfWord(word);
	return severity ? { severity, source: advisory.id, cvss } : { severity: "unknown", source: null, cvss };
}

function score(vectors: readonly SourcedVector[]): CvssScore[] {
	const scored = vectors.flatMap(({ type, vector, source }): CvssScore[] => {
		const result = scoreVector(type, vector);
		return result ? [{ source, version: result.version, vector, score: result.score }] : [];
	});
	const distinct = new Map(scored.map((entry) => [`${entry.source} ${entry.vector}`, entry]));
	return [...distinct.values()].sort(
		(a, b) => b.version.localeCompare(a.version) || b.score - a.score || a.source.localeCompare(b.source),
	);
}
