/**
 * An OSV record into the model. Pure. What matching relies on (identifiers, dates, packages, ranges, versions) is
 * checked strictly, and a record that breaks a rule there is malformed as a whole; what is only shown is read leniently.
 * GIT ranges are left out: no package database tells commits.
 * https://ossf.github.io/osv-schema/
 */
import type { Advisory, Affected, AffectedRange, RangeEvent } from "#model";
import { lineAs, webAddresses } from "../feed-text.ts";
import {
	dateAt,
	isAbsent,
	isObject,
	type JsonObject,
	listAt,
	Malformed,
	objectAt,
	stringAt,
	stringsAt,
} from "../json.ts";
import { readErrata } from "./errata.ts";
import { limits } from "./limits.ts";
import { vectorsOf, wordInSeverity, wordInSpecific } from "./severity.ts";

export interface OsvRecord {
	readonly advisory: Advisory;
	/** In the record's order; packages without a range or version that can be evaluated are left out. */
	readonly affected: readonly Affected[];
}

/** Why a record could not be read: one clause with the field's path. */
export interface OsvProblem {
	readonly problem: string;
}

/** Never throws. */
export function translateOsv(json: unknown): OsvRecord | OsvProblem {
	try {
		const record = objectAt(json, "the record");
		return readErrata({ advisory: advisoryOf(record), affected: affectedOf(record["affected"]) });
	} catch (error) {
		if (error instanceof Malformed) return { problem: error.message };
		throw error;
	}
}

function advisoryOf(record: JsonObject): Advisory {
	const { summary, published, withdrawn, severity } = record as Record<string, unknown> & {
		summary?: unknown;
		published?: unknown;
		withdrawn?: unknown;
		severity?: unknown;
	};
	const word = wordInSpecific(record["database_specific"]) ?? wordInSeverity(severity);
	return {
		id: stringAt(record["id"], "id", limits.identifier),
		aliases: stringsAt(record["aliases"], "aliases", limits.identifiers, limits.identifier),
		upstream: stringsAt(record["upstream"], "upstream", limits.identifiers, limits.identifier),
		related: stringsAt(record["related"], "related", limits.identifiers, limits.identifier),
		...lineAs("summary", summary, limits.summary),
		modified: dateAt(record["modified"], "modified"),
		...(isAbsent(published) ? {} : { published: dateAt(published, "published") }),
		...(isAbsent(withdrawn) ? {} : { withdrawn: dateAt(withdrawn, "withdrawn") }),
		severity: vectorsOf(severity),
		...(word === undefined ? {} : { severityWord: word }),
		references: referencesOf(record["references"]),
	};
}

function referencesOf(value: unknown): readonly string[] {
	const urls = Array.isArray(value) ? value.filter(isObject).map((entry) => entry["url"]) : [];
	return webAddresses(urls, limits.references);
}

function affectedOf(value: unknown): readonly Affected[] {
	const affected: Affected[] = [];
	for (const [index, entry] of listAt(value, "affected", limits.affected).entries()) {
		const path = `affected[${index}]`;
		const fields = objectAt(entry, path);
		// A record about sources alone (GIT) names no package.
		if (isAbsent(fields["package"])) continue;
		const one = packageOf(fields, path);
		if (one.ranges.length > 0 || one.versions.length > 0) affected.push(one);
	}
	requireComparable(affected);
	return affected;
}

function requireComparable(affected: readonly Affected[]): void {
	for (const entries of Map.groupBy(affected, ({ ecosystem, name }) => `${ecosystem}\0${name}`).values()) {
		const events = entries.flatMap(({ ranges }) => ranges.flatMap((range) => range.events));
		const fixes = events.filter(({ fixed }) => fixed !== undefined).length;
		const versions = entries.reduce((sum, entry) => sum + entry.versions.length, 0);
		if (fixes * (events.length + versions) <= limits.comparisons) continue;
		throw new Malformed(`affected has ${fixes} fixes, ${events.length} events and ${versions} versions of one package`);
	}
}

function packageOf(fields: JsonObject, path: string): Affected {
	const pkg = objectAt(fields["package"], `${path}.package`);
	const severity = vectorsOf(fields["severity"]);
	const word =
		wordInSpecific(fields["ecosystem_specific"]) ??
		wordInSpecific(fields["database_specific"]) ??
		wordInSeverity(fields["severity"]);
	return {
		ecosystem: stringAt(pkg["ecosystem"], `${path}.package.ecosystem`, limits.identifier),
		name: stringAt(pkg["name"], `${path}.package.name`, limits.name),
		ranges: listAt(fields["ranges"], `${path}.ranges`, limits.ranges).flatMap((range, index) =>
			rangeOf(range, `${path}.ranges[${index}]`),
		),
		versions: stringsAt(fields["versions"], `${path}.versions`, limits.versions, limits.version),
		...(severity.length > 0 ? { severity } : {}),
		...(word === undefined ? {} : { severityWord: word }),
	};
}

function rangeOf(value: unknown, path: string): readonly AffectedRange[] {
	const range = objectAt(value, path);
	const type = range["type"];
	if (type === "GIT") return [];
	if (type !== "SEMVER" && type !== "ECOSYSTEM")
		throw new Malformed(`${path}.type is not one of SEMVER, ECOSYSTEM, GIT`);
	const events = listAt(range["events"], `${path}.events`, limits.ranges).flatMap((event, index) =>
		eventsOf(event, `${path}.events[${index}]`),
	);
	return events.length === 0 ? [] : [{ type, events }];
}

const eventFields = [
	["introduced", "introduced"],
	["fixed", "fixed"],
	["last_affected", "lastAffected"],
	["limit", "limit"],
] as const satisfies readonly (readonly [string, keyof RangeEvent])[];

/** One event; records older than the rule "one field each" may hold `introduced` and its end together. */
function eventsOf(value: unknown, path: string): readonly RangeEvent[] {
	const event = objectAt(value, path);
	const events: RangeEvent[] = [];
	for (const [osv, model] of eventFields) {
		const bound = event[osv];
		if (!isAbsent(bound)) events.push({ [model]: stringAt(bound, `${path}.${osv}`, limits.version) });
	}
	if (events.length === 0) throw new Malformed(`${path} is none of introduced, fixed, last_affected, limit`);
	return events;
}
