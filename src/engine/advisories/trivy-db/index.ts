/**
 * trivy-db (aquasecurity/trivy-db, schema 2) into our database: a bucket a distribution's release or a language feed, a
 * bucket a package in it, a JSON value a vulnerability. What it says is kept as it says it, so that a scan with it
 * answers as Trivy does.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Affected, AffectedOnly } from "#model";
import type { DatabaseWriter, RecordSource } from "../database/writer.ts";
import { type BoltEntry, type BoltFile, openBolt } from "./bolt.ts";
import { type Bucket, bucketOf } from "./buckets.ts";
import {
	languageAffected,
	listOf,
	numberText,
	objectOf,
	osAffected,
	redHatAffected,
	textOf,
	vulnerabilityOf,
} from "./values.ts";

export { BoltError } from "./bolt.ts";

export const trivyFeed = "trivy-db";

export interface TrivyDbOptions {
	/** RFC 3339. The file's advisories carry no dates, so this is when it was built. */
	readonly builtAt: string;
	readonly signal: AbortSignal;
	/** Called now and then with how many entries were read. */
	readonly onRecords: (done: number) => void;
	readonly onMalformed: (bucket: string, name: string, problem: string) => void;
}

/** What one top bucket held. */
export interface TrivyBucket {
	readonly name: string;
	readonly records: number;
	readonly malformed: number;
}

export interface TrivyDbContent {
	readonly buckets: readonly TrivyBucket[];
	/** Top buckets that are not known here; their advisories are missing. */
	readonly unknown: readonly string[];
}

/** Entries between two looks at the event loop. */
const entriesPerTurn = 2000;

/** Sources of the release's own ratings, where the file does not say. */
interface Source {
	readonly ID?: unknown;
	readonly BaseID?: unknown;
}

/** Reads the file at `path` into `writer`. Throws `BoltError` when the file is damaged. */
export async function readTrivyDb(
	path: string,
	writer: DatabaseWriter,
	options: TrivyDbOptions,
): Promise<TrivyDbContent> {
	const file = openBolt(path);
	try {
		return await readAll(file, writer, options);
	} finally {
		file.close();
	}
}

async function readAll(file: BoltFile, writer: DatabaseWriter, options: TrivyDbOptions): Promise<TrivyDbContent> {
	const tops = new Map<string, Extract<BoltEntry, { kind: "bucket" }>>();
	for (const entry of file.entries()) if (entry.kind === "bucket") tops.set(entry.key.toString(), entry);
	const reading: Reading = {
		...options,
		writer,
		sources: sourcesIn(tops.get("data-source")),
		cpes: cpesIn(tops.get("Red Hat CPE"), writer),
		done: 0,
	};
	const buckets: TrivyBucket[] = [];
	const unknown: string[] = [];
	for (const [name, top] of tops) {
		if (name === "data-source" || name === "Red Hat CPE") continue;
		const bucket = name === "vulnerability" ? null : bucketOf(name);
		if (name !== "vulnerability" && bucket === null) unknown.push(name);
		else if (bucket?.kind !== "other") buckets.push(await readBucket(name, top.entries(), bucket, reading));
	}
	return { buckets, unknown };
}

interface Reading extends TrivyDbOptions {
	readonly writer: DatabaseWriter;
	/** By top bucket: whose ratings count first. */
	readonly sources: ReadonlyMap<string, string>;
	readonly cpes: ReadonlyMap<string, string>;
	done: number;
}

/** `bucket` null: the bucket of the vulnerabilities themselves. */
async function readBucket(
	name: string,
	entries: Iterable<BoltEntry>,
	bucket: Bucket | null,
	reading: Reading,
): Promise<TrivyBucket> {
	let records = 0;
	let malformed = 0;
	const count = async (sound: boolean, key: string): Promise<void> => {
		records += sound ? 1 : 0;
		malformed += sound ? 0 : 1;
		if (!sound) reading.onMalformed(name, key, "its value is not what trivy-db's schema 2 says");
		if (++reading.done % entriesPerTurn !== 0) return;
		reading.onRecords(reading.done);
		await nextTurn();
		reading.signal.throwIfAborted();
	};
	for (const entry of entries) {
		const key = entry.key.toString();
		if (entry.kind === "value") {
			if (bucket === null)
				await count(isName(key) && addVulnerability({ feed: trivyFeed, part: name }, key, entry.value, reading), key);
			continue;
		}
		if (bucket === null) continue;
		for (const inner of entry.entries()) {
			if (inner.kind !== "value") continue;
			const id = inner.key.toString();
			const sound = isName(key) && isName(id) && addAdvisory(name, bucket, key, id, inner.value, reading);
			await count(sound, `${key} ${id}`);
		}
	}
	reading.onRecords(reading.done);
	return { name, records, malformed };
}

/** What people see in reports, or packages are looked up by. */
function isName(key: string): boolean {
	return key !== "" && key.length <= 1024 && !/\p{Cc}/u.test(key);
}

function addVulnerability(source: RecordSource, id: string, value: Buffer, { writer }: Reading): boolean {
	const vulnerability = vulnerabilityOf(id, jsonOf(value));
	if (vulnerability === null) return false;
	writer.addVulnerability(source, vulnerability);
	return true;
}

function addAdvisory(top: string, bucket: Bucket, pkg: string, id: string, value: Buffer, reading: Reading): boolean {
	const { writer, sources, cpes } = reading;
	const source = { feed: trivyFeed, part: top };
	const { name, only } = packageOf(pkg);
	const ratedBy = sources.get(top) ?? "";
	const json = jsonOf(value);
	if (bucket.kind === "red-hat") {
		const context = { ecosystem: "Red Hat", name, ratedBy: ratedBy || "redhat", keepsUnfixed: true, only };
		const statements = redHatAffected(id, json, context, cpes);
		for (const { id: cve, affected } of statements ?? []) writer.append(source, cve, reading.builtAt, [affected]);
		return statements !== null;
	}
	if (bucket.kind === "other") return true;
	const context = { ecosystem: bucket.ecosystem, name, ratedBy, only };
	const affected: readonly Affected[] | null =
		bucket.kind === "distribution"
			? osAffected(json, { ...context, keepsUnfixed: bucket.keepsUnfixed })
			: asList(languageAffected(json, { ...context, name: pkg, keepsUnfixed: true }));
	if (affected && affected.length > 0) writer.append(source, id, reading.builtAt, affected);
	return affected !== null;
}

function asList(one: Affected | null): readonly Affected[] | null {
	return one && [one];
}

/** `nodejs:18::npm`: a package of a module. */
function packageOf(key: string): { readonly name: string; readonly only: AffectedOnly | undefined } {
	const [module, name] = key.split("::");
	return module && name ? { name, only: { module } } : { name: key, only: undefined };
}

function jsonOf(value: Buffer): unknown {
	try {
		return JSON.parse(value.toString());
	} catch {
		return null;
	}
}

/** Top bucket → the source whose ratings hold for it. */
function sourcesIn(top: Extract<BoltEntry, { kind: "bucket" }> | undefined): ReadonlyMap<string, string> {
	const sources = new Map<string, string>();
	for (const entry of top?.entries() ?? []) {
		if (entry.kind !== "value") continue;
		const source: Source = objectOf(jsonOf(entry.value)) ?? {};
		sources.set(entry.key.toString(), textOf(source.BaseID) || textOf(source.ID));
	}
	return sources;
}

/** Products by number; what the file's repositories and builds stand for goes to the writer. */
function cpesIn(
	top: Extract<BoltEntry, { kind: "bucket" }> | undefined,
	writer: DatabaseWriter,
): ReadonlyMap<string, string> {
	const lists = new Map<string, Map<string, unknown>>();
	for (const bucket of top?.entries() ?? []) {
		if (bucket.kind !== "bucket") continue;
		const values = new Map<string, unknown>();
		for (const entry of bucket.entries())
			if (entry.kind === "value") values.set(entry.key.toString(), jsonOf(entry.value) ?? entry.value.toString());
		lists.set(bucket.key.toString(), values);
	}
	const cpes = new Map([...(lists.get("cpe") ?? [])].map(([index, cpe]) => [index, textOf(cpe)]));
	for (const kind of ["repository", "nvr"])
		for (const [name, indexes] of lists.get(kind) ?? [])
			if (isName(name))
				writer.addProducts(
					{ feed: trivyFeed, part: "Red Hat CPE" },
					name,
					listOf(indexes).flatMap((index) => cpes.get(numberText(index)) ?? []),
				);
	return cpes;
}
