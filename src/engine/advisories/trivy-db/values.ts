/** The JSON values of trivy-db, schema 2 (aquasecurity/trivy-db, pkg/types). Pure; null for what is none of it. */
import type { Affected, AffectedOnly, FindingState, Rating, Severity, SeverityVector, Vulnerability } from "#model";

const severities: readonly Severity[] = ["unknown", "low", "medium", "high", "critical"];

/** By trivy-db's number; null means that the package is not affected. */
const states: readonly (FindingState | null)[] = [
	"affected",
	null,
	"affected",
	"fixed",
	"under_investigation",
	"wont_fix",
	"deferred",
	"end_of_life",
];

/** Longer texts are cut: a database of descriptions would be several times as large. */
const descriptionLimit = 1000;
const referenceLimit = 10;

type Json = Readonly<Record<string, unknown>>;

export interface EntryContext {
	readonly ecosystem: string;
	readonly name: string;
	/** The source whose rating counts first. */
	readonly ratedBy: string;
	readonly keepsUnfixed: boolean;
	readonly only: AffectedOnly | undefined;
}

/** An OS advisory: `{FixedVersion, Status, Severity, Entries, …}`. Empty when it affects nothing; null when it is malformed. */
export function osAffected(json: unknown, context: EntryContext): readonly Affected[] | null {
	const fields = objectOf(json);
	if (!fields) return null;
	const entries = listOf(fields["Entries"]);
	const all = entries.length > 0 ? entries.map(objectOf) : [fields];
	return all.flatMap((entry) => (entry ? osEntry({ ...fields, ...entry }, context) : []));
}

function osEntry(fields: Json, { ecosystem, name, ratedBy, keepsUnfixed, only }: EntryContext): readonly Affected[] {
	const fixed = textOf(fields["FixedVersion"]);
	const state = states[numberOf(fields["Status"])] ?? null;
	if (fixed === "" && (!keepsUnfixed || state === null)) return [];
	const severity = severities[numberOf(fields["Severity"])];
	const arches = textsOf(fields["Arches"]);
	const vendorIds = textsOf(fields["VendorIDs"]);
	const asked = { ...only, ...(arches.length > 0 ? { arches } : {}) };
	const introduced = textOf(fields["AffectedVersion"]) || "0";
	return [
		{
			ecosystem,
			name,
			ranges: [{ type: "ECOSYSTEM", events: [{ introduced }, ...(fixed === "" ? [] : [{ fixed }])] }],
			versions: [],
			...(severity && severity !== "unknown" ? { severityWord: severity } : {}),
			...(fixed === "" && state !== null && state !== "fixed" ? { state } : {}),
			...(Object.keys(asked).length > 0 ? { only: asked } : {}),
			ratedBy,
			...(vendorIds.length > 0 ? { vendorIds } : {}),
		},
	];
}

/** A language advisory: `{VulnerableVersions, PatchedVersions, UnaffectedVersions, …}`. */
export function languageAffected(json: unknown, { ecosystem, name, ratedBy }: EntryContext): Affected | null {
	const fields = objectOf(json);
	if (!fields) return null;
	const vendorIds = textsOf(fields["VendorIDs"]);
	return {
		ecosystem,
		name,
		ranges: [],
		versions: [],
		constraints: {
			vulnerable: textsOf(fields["VulnerableVersions"]),
			patched: textsOf(fields["PatchedVersions"]),
			unaffected: textsOf(fields["UnaffectedVersions"]),
		},
		ratedBy,
		...(vendorIds.length > 0 ? { vendorIds } : {}),
	};
}

/** One CVE of a Red Hat advisory. */
export interface RedHatStatement {
	readonly id: string;
	readonly affected: Affected;
}

/**
 * Red Hat's: under an RHSA the entries name the CVEs that it fixes, under a CVE they say what is not fixed.
 * `cpes` are the products by their number in the file.
 */
export function redHatAffected(
	key: string,
	json: unknown,
	context: EntryContext,
	cpes: ReadonlyMap<string, string>,
): readonly RedHatStatement[] | null {
	const fields = objectOf(json);
	if (!fields) return null;
	return listOf(fields["Entries"]).flatMap((value): RedHatStatement[] => {
		const entry = objectOf(value);
		if (!entry) return [];
		const products = listOf(entry["Affected"]).flatMap((index) => cpes.get(numberText(index)) ?? []);
		return listOf(entry["Cves"]).flatMap((cve): RedHatStatement[] => {
			const named = objectOf(cve);
			const id = textOf(named?.["ID"]) || key;
			const vendorIds = id === key ? [] : [key];
			const [affected] = osEntry(
				{ ...entry, Severity: named?.["Severity"], VendorIDs: vendorIds },
				{ ...context, only: { ...context.only, products } },
			);
			return affected ? [{ id, affected }] : [];
		});
	});
}

/** A row of the bucket `vulnerability`. */
export function vulnerabilityOf(id: string, json: unknown): Vulnerability | null {
	const fields = objectOf(json);
	if (!fields) return null;
	const title = textOf(fields["Title"]);
	const description = textOf(fields["Description"]);
	const published = dateOf(fields["PublishedDate"]);
	const modified = dateOf(fields["LastModifiedDate"]);
	return {
		id,
		...(title === "" ? {} : { title: oneLine(title, 400) }),
		...(description === "" ? {} : { description: oneLine(description, descriptionLimit) }),
		...(published === null ? {} : { published }),
		...(modified === null ? {} : { modified }),
		cwes: textsOf(fields["CweIDs"]),
		references: textsOf(fields["References"])
			.filter((url) => /^https?:\/\/[^\s\p{Cc}]+$/u.test(url))
			.slice(0, referenceLimit),
		ratings: ratingsOf(fields),
	};
}

/** Trivy's own choice among the sources, for vulnerabilities that the advisory's source does not rate. */
const chosenByTrivy = "trivy-db";

function ratingsOf(fields: Json): readonly Rating[] {
	const words = objectOf(fields["VendorSeverity"]) ?? {};
	const scores = objectOf(fields["CVSS"]) ?? {};
	const sources = [...new Set([...Object.keys(words), ...Object.keys(scores)])].sort();
	const ratings = sources.map((source): Rating => {
		const severity = severities[numberOf(words[source])] ?? "unknown";
		return { source, ...(severity === "unknown" ? {} : { severity }), vectors: vectorsOf(objectOf(scores[source])) };
	});
	const chosen = severities.find((severity) => severity === textOf(fields["Severity"]).toLowerCase()) ?? "unknown";
	return chosen === "unknown" ? ratings : [...ratings, { source: chosenByTrivy, severity: chosen, vectors: [] }];
}

function vectorsOf(fields: Json | null): readonly SeverityVector[] {
	const named = [
		["CVSS_V2", "V2Vector"],
		["CVSS_V3", "V3Vector"],
		["CVSS_V4", "V40Vector"],
	] as const;
	return named.flatMap(([type, field]): SeverityVector[] => {
		const vector = textOf(fields?.[field]);
		return /^[\x21-\x7e]{1,512}$/.test(vector) ? [{ type, vector }] : [];
	});
}

export function objectOf(value: unknown): Json | null {
	return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : null;
}

export function listOf(value: unknown): readonly unknown[] {
	return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string {
	return typeof value === "string" ? value : "";
}

function textsOf(value: unknown): readonly string[] {
	return listOf(value).filter((entry): entry is string => typeof entry === "string");
}

/** A number as a key; hostile values need not have a text. */
export function numberText(value: unknown): string {
	return typeof value === "number" ? String(value) : "";
}

function numberOf(value: unknown): number {
	return typeof value === "number" ? value : 0;
}

function dateOf(value: unknown): string | null {
	const time = typeof value === "string" ? Date.parse(value) : Number.NaN;
	return Number.isNaN(time) ? null : new Date(time).toISOString();
}

function oneLine(text: string, most: number): string {
	const line = text
		.slice(0, most * 2)
		.replaceAll(/[\s\p{Cc}]+/gu, " ")
		.trim();
	return line.length <= most ? line : `${line.slice(0, most - 1).toWellFormed()}…`;
}
