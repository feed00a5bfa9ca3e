import {
	type Advisory,
	type Affected,
	type CvssScore,
	compareText,
	type Rating,
	type Severity,
	severityFromScore,
	type Vulnerability,
} from "#model";
import { scoreVector } from "../advisories/cvss/score.ts";
import { severityOfWord } from "../advisories/cvss/severity-words.ts";
import type { AdvisoryStore, SourcedVector } from "../ports.ts";
import type { Identity } from "./identifiers.ts";

export interface Judged {
	readonly severity: Severity;
	/** The record or the rater that the severity came from; null when no source gives one. */
	readonly source: string | null;
	readonly cvss: readonly CvssScore[];
	/** How near to the package whoever rated it is, 0 for the nearest. */
	readonly distance: number;
}

export interface Rated {
	readonly advisory: Advisory;
	readonly affected: readonly Affected[];
	readonly identity: Identity;
	/** What is known of the vulnerability under any of its names. */
	readonly known: readonly Vulnerability[];
}

/** After the feed's own judgement; whoever is not named comes later, by name. */
const raters = [
	"trivy-db",
	"nvd",
	"ghsa",
	"redhat",
	"debian",
	"ubuntu",
	"amazon",
	"oracle-oval",
	"suse-cvrf",
	"photon",
	"alma",
	"rocky",
];

/**
 * Rates one vulnerability of one package. Who knows the package best counts first: the feed's word for this package,
 * the rater that the feed names, the advisory's own vector, its own word. Then vectors that other records give for
 * the same identifiers, then other raters. An advisory on several vulnerabilities speaks of their worst, so its own
 * word counts for one of them only when nobody else says anything.
 * Among vectors of one kind the newer CVSS version counts, then the higher score, so that the answer does not depend
 * on the order of the records.
 */
export function rate(rated: Rated, store: Pick<AdvisoryStore, "severities">): Judged {
	const { advisory, affected, identity, known } = rated;
	const ownVectors = identity.sole ? [...affected.flatMap((entry) => entry.severity ?? []), ...advisory.severity] : [];
	const own = score(ownVectors.map((vector) => ({ ...vector, source: advisory.id })));
	const lent = score(store.severities([identity.id, ...identity.aliases]).filter((v) => v.source !== advisory.id));
	const ratings = known.flatMap((one) => one.ratings);
	const fromRaters = score(ratings.flatMap(({ source, vectors }) => vectors.map((vector) => ({ ...vector, source }))));
	const named = affected.find((entry) => entry.ratedBy)?.ratedBy;
	const word = advisory.severityWord;
	const answers: readonly (() => Answer | null)[] = [
		() => byWord(affected.find((entry) => entry.severityWord)?.severityWord, named ?? advisory.id),
		() => byRating(ratings.filter(({ source }) => source === named)),
		() => byScore(own),
		() => (identity.sole ? byWord(word, advisory.id) : null),
		() => byScore(lent),
		() => byRating(inOrder(ratings)),
		() => byWord(word, advisory.id),
	];
	const cvss = distinct([...own, ...lent, ...fromRaters]);
	for (const [distance, answer] of answers.entries()) {
		const found = answer();
		if (found) return { ...found, cvss, distance };
	}
	return { severity: "unknown", source: null, cvss, distance: answers.length };
}

type Answer = Pick<Judged, "severity" | "source">;

function byWord(word: string | undefined, source: string): Answer | null {
	const severity = word === undefined ? null : severityOfWord(word);
	return severity && { severity, source };
}

function byScore([best]: readonly CvssScore[]): Answer | null {
	return best ? { severity: severityFromScore(best.score), source: best.source } : null;
}

/** A rater's own word before the band of its score: Red Hat's differ on purpose. */
function byRating(ratings: readonly Rating[]): Answer | null {
	for (const { source, severity, vectors } of ratings) {
		if (severity && severity !== "unknown") return { severity, source };
		const scored = byScore(score(vectors.map((vector) => ({ ...vector, source }))));
		if (scored) return scored;
	}
	return null;
}

function inOrder(ratings: readonly Rating[]): Rating[] {
	const rank = ({ source }: Rating) => (raters.includes(source) ? raters.indexOf(source) : raters.length);
	return ratings.toSorted((a, b) => rank(a) - rank(b) || compareText(a.source, b.source));
}

function score(vectors: readonly SourcedVector[]): CvssScore[] {
	const scored = vectors.flatMap(({ type, vector, source }): CvssScore[] => {
		const result = scoreVector(type, vector);
		return result ? [{ source, version: result.version, vector, score: result.score }] : [];
	});
	return distinct(scored).sort(
		(a, b) => b.version.localeCompare(a.version) || b.score - a.score || a.source.localeCompare(b.source),
	);
}

function distinct(scores: readonly CvssScore[]): CvssScore[] {
	return [...new Map(scores.map((entry) => [`${entry.source} ${entry.vector}`, entry])).values()];
}
