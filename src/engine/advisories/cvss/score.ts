/**
 * Base scores of CVSS vectors. The library computes; this file decides what is a vector, as the library forgives too
 * much: it scores vectors with missing, repeated or misplaced values. Temporal, threat and environmental metrics are left out:
 * they speak of another day and another place.
 * https://www.first.org/cvss/v4-0/specification-document https://www.first.org/cvss/v2/guide
 */
import calculator from "ae-cvss-calculator";
import type { CvssScore, SeverityVector } from "#model";

export interface VectorScore {
	readonly version: CvssScore["version"];
	/** Base score, 0.0 to 10.0, one decimal. */
	readonly score: number;
}

interface Scheme {
	readonly version: CvssScore["version"];
	/** What a vector begins with; CVSS 2 has none. */
	readonly prefix: string;
	/** Its base metrics and the values that each may have, of one letter each. */
	readonly baseMetrics: Readonly<Record<string, string>>;
	/** Of a vector of the base metrics alone. */
	readonly score: (vector: string) => number | undefined;
}

const base3 = { AV: "NALP", AC: "LH", PR: "NLH", UI: "NR", S: "UC", C: "NLH", I: "NLH", A: "NLH" };

const schemes: readonly Scheme[] = [
	{
		version: "4.0",
		prefix: "CVSS:4.0/",
		baseMetrics: {
			AV: "NALP",
			AC: "LH",
			AT: "NP",
			PR: "NLH",
			UI: "NPA",
			VC: "HLN",
			VI: "HLN",
			VA: "HLN",
			SC: "HLN",
			SI: "HLN",
			SA: "HLN",
		},
		score: (vector) => new calculator.Cvss4P0(vector).calculateScores().base,
	},
	{
		version: "3.1",
		prefix: "CVSS:3.1/",
		baseMetrics: base3,
		score: (vector) => new calculator.Cvss3P1(vector).calculateScores().base,
	},
	{
		version: "3.0",
		prefix: "CVSS:3.0/",
		baseMetrics: base3,
		score: (vector) => new calculator.Cvss3P0(vector).calculateScores().base,
	},
	{
		version: "2.0",
		prefix: "",
		baseMetrics: { AV: "LAN", AC: "HML", Au: "MSN", C: "NPC", I: "NPC", A: "NPC" },
		score: (vector) => new calculator.Cvss2(vector).calculateScores().base,
	},
];

/** Feeds repeat vectors a lot (some 3,000 different ones in the public bucket); hostile ones must not fill the memory. */
const mostCached = 10_000;
const cache = new Map<string, VectorScore | null>();

/**
 * The base score of a vector; null when it is malformed or incomplete. Never throws. The vector's own prefix tells
 * the version; `type` counts only where there is none (CVSS 2, with or without parentheses).
 */
export function scoreVector(type: SeverityVector["type"], vector: string): VectorScore | null {
	const key = `${type} ${vector}`;
	const known = cache.get(key);
	if (known !== undefined) return known;
	const score = compute(type, vector);
	if (cache.size >= mostCached) cache.clear();
	cache.set(key, score);
	return score;
}

function compute(type: SeverityVector["type"], vector: string): VectorScore | null {
	const bare = vector.startsWith("(") && vector.endsWith(")") ? vector.slice(1, -1) : vector;
	const scheme = schemes.find(({ prefix }) => bare.startsWith(prefix));
	if (!scheme || (scheme.prefix === "" && type !== "CVSS_V2")) return null;
	const metrics = metricsOf(bare.slice(scheme.prefix.length));
	if (!metrics) return null;
	const base: string[] = [];
	for (const [name, values] of Object.entries(scheme.baseMetrics)) {
		const value = metrics.get(name);
		if (value?.length !== 1 || !values.includes(value)) return null;
		base.push(`${name}:${value}`);
	}
	const score = scheme.score(scheme.prefix + base.join("/"));
	return score === undefined ? null : { version: scheme.version, score };
}

/** `AV:N/AC:L` as a map; null when a part has another form or a metric comes twice. */
function metricsOf(text: string): ReadonlyMap<string, string> | null {
	const metrics = new Map<string, string>();
	for (const part of text.split("/")) {
		const match = /^([A-Za-z]{1,4}):([A-Za-z]{1,8})$/.exec(part);
		if (!match?.[1] || !match[2] || metrics.has(match[1])) return null;
		metrics.set(match[1], match[2]);
	}
	return metrics;
}
