/** Ratings in an NVD record: those of NVD's own analysts and of CISA, not those that others contributed. */
import { type Rating, type Severity, type SeverityVector, severities } from "#model";
import { isObject, type JsonObject } from "../json.ts";

/** Sources of metrics that are read, and what their ratings are called. */
const raters: ReadonlyMap<string, string> = new Map([
	["nvd@nist.gov", "nvd"],
	["134c704f-9b21-4f2e-91b3-4a467353bcc0", "cisa-adp"],
]);

/** The newest first, as its word is the one that counts. */
const lists = [
	["cvssMetricV40", "CVSS_V4"],
	["cvssMetricV31", "CVSS_V3"],
	["cvssMetricV30", "CVSS_V3"],
	["cvssMetricV2", "CVSS_V2"],
] as const satisfies readonly (readonly [string, SeverityVector["type"]])[];

/** Characters of a CVSS vector; a complete CVSS 4.0 vector has 190. */
const mostVector = 512;
/** Metrics that one list may hold; each source gives one. */
const mostMetrics = 32;

/** One a source, ordered by source. What cannot be read is left out: it is only a rating. */
export function ratingsOf(metrics: unknown): readonly Rating[] {
	const ratings = new Map<string, { severity?: Severity; vectors: SeverityVector[] }>();
	if (!isObject(metrics)) return [];
	for (const [list, type] of lists) {
		const entries = metrics[list];
		if (!Array.isArray(entries)) continue;
		for (const metric of entries.slice(0, mostMetrics).filter(isObject)) {
			const rater = typeof metric["source"] === "string" ? raters.get(metric["source"]) : undefined;
			const data = metric["cvssData"];
			const vector = isObject(data) ? data["vectorString"] : undefined;
			if (rater === undefined || !isVector(vector)) continue;
			const rating = ratings.get(rater) ?? { vectors: [] };
			rating.vectors.push({ type, vector });
			const severity = severityOf(metric);
			if (severity !== null) rating.severity ??= severity;
			ratings.set(rater, rating);
		}
	}
	return [...ratings].map(([source, rating]) => ({ source, ...rating })).sort((a, b) => (a.source < b.source ? -1 : 1));
}

function isVector(value: unknown): value is string {
	return typeof value === "string" && value.length <= mostVector && /^[\x21-\x7e]+$/.test(value);
}

/** CVSS 2 has its word beside the data, later versions in it. */
function severityOf(metric: JsonObject): Severity | null {
	const data = metric["cvssData"];
	const word = (isObject(data) ? data["baseSeverity"] : undefined) ?? metric["baseSeverity"];
	if (typeof word !== "string") return null;
	const lower = word.toLowerCase();
	return lower === "none" ? "negligible" : (severities.find((severity) => severity === lower) ?? null);
}
