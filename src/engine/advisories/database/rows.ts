/**
 * The compact JSON in the `body` columns: empty lists are left out, and an event is its kind's first letter
 * and its bound (`i0`, `f1.2.3`). `decode(encode(x))` equals x; a change here raises `schemaVersion`.
 */
import type { Advisory, Affected, AffectedOnly, AffectedRange, FindingState, RangeEvent, SeverityVector } from "#model";

interface AdvisoryBody {
	readonly a?: readonly string[];
	readonly u?: readonly string[];
	readonly l?: readonly string[];
	readonly s?: string;
	readonly p?: string;
	readonly v?: readonly VectorBody[];
	readonly w?: string;
	readonly r?: readonly string[];
}

interface AffectedBody {
	/** The type's first letter, then the events. */
	readonly r?: readonly (readonly string[])[];
	readonly n?: readonly string[];
	readonly v?: readonly VectorBody[];
	readonly w?: string;
	readonly t?: FindingState;
	/** Vulnerable, patched, unaffected. */
	readonly c?: readonly (readonly string[])[];
	readonly o?: AffectedOnly;
	readonly b?: string;
	readonly i?: readonly string[];
}

/** `2`, `3` or `4`, then the vector. */
export type VectorBody = string;

export function some<T>(list: readonly T[]): readonly T[] | undefined {
	return list.length === 0 ? undefined : list;
}

/** All of an advisory but what has its own column: id, modified, withdrawn. */
export function encodeAdvisory(advisory: Advisory): string {
	// JSON.stringify leaves out what is undefined.
	return JSON.stringify({
		a: some(advisory.aliases),
		u: some(advisory.upstream),
		l: some(advisory.related),
		s: advisory.summary,
		p: advisory.published,
		v: some(advisory.severity.map(encodeVector)),
		w: advisory.severityWord,
		r: some(advisory.references),
	});
}

export function decodeAdvisory(id: string, modified: string, body: string): Advisory {
	const { a = [], u = [], l = [], s, p, v = [], w, r = [] } = JSON.parse(body) as AdvisoryBody;
	return {
		id,
		aliases: a,
		upstream: u,
		related: l,
		...(s === undefined ? {} : { summary: s }),
		modified,
		...(p === undefined ? {} : { published: p }),
		severity: v.map(decodeVector),
		...(w === undefined ? {} : { severityWord: w }),
		references: r,
	};
}

/** All of it but the ecosystem and the name. */
export function encodeAffected(affected: Affected): string {
	const { constraints } = affected;
	return JSON.stringify({
		r: some(affected.ranges.map(({ type, events }) => [type.slice(0, 1), ...events.map(encodeEvent)])),
		n: some(affected.versions),
		v: some((affected.severity ?? []).map(encodeVector)),
		w: affected.severityWord,
		t: affected.state,
		c: constraints && [constraints.vulnerable, constraints.patched, constraints.unaffected],
		o: affected.only,
		b: affected.ratedBy,
		i: some(affected.vendorIds ?? []),
	});
}

export function decodeAffected(ecosystem: string, name: string, body: string): Affected {
	const { r = [], n = [], v, w, t, c, o, b, i } = JSON.parse(body) as AffectedBody;
	const [vulnerable = [], patched = [], unaffected = []] = c ?? [];
	return {
		ecosystem,
		name,
		ranges: r.map(decodeRange),
		versions: n,
		...(v === undefined ? {} : { severity: v.map(decodeVector) }),
		...(w === undefined ? {} : { severityWord: w }),
		...(t === undefined ? {} : { state: t }),
		...(c === undefined ? {} : { constraints: { vulnerable, patched, unaffected } }),
		...(o === undefined ? {} : { only: o }),
		...(b === undefined ? {} : { ratedBy: b }),
		...(i === undefined ? {} : { vendorIds: i }),
	};
}

function encodeEvent(event: RangeEvent): string {
	if (event.introduced !== undefined) return `i${event.introduced}`;
	if (event.fixed !== undefined) return `f${event.fixed}`;
	if (event.lastAffected !== undefined) return `l${event.lastAffected}`;
	return `m${event.limit ?? ""}`;
}

const eventKinds = { i: "introduced", f: "fixed", l: "lastAffected", m: "limit" } as const;

function decodeRange([type, ...events]: readonly string[]): AffectedRange {
	return {
		type: type === "S" ? "SEMVER" : "ECOSYSTEM",
		events: events.map((event) => ({ [eventKinds[event[0] as keyof typeof eventKinds]]: event.slice(1) })),
	};
}

export function encodeVector({ type, vector }: SeverityVector): VectorBody {
	return type.slice(-1) + vector;
}

export function decodeVector(body: VectorBody): SeverityVector {
	return { type: `CVSS_V${body[0]}` as SeverityVector["type"], vector: body.slice(1) };
}
