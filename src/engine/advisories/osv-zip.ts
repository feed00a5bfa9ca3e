/** One `all.zip` into the database being built. Records that cannot be read are counted and named; the rest goes on. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Affected, AffectedRange } from "#model";
import type { DatabaseWriter, Feed, RecordSource } from "./database/writer.ts";
import { baseOf, type OsvProblem, type OsvRecord, translateOsv, type ZipRecord, zipRecords } from "./osv/index.ts";
import type { MalformedRecord } from "./types.ts";

export interface OsvZipOptions {
	readonly ecosystem: string;
	/** The local zip. */
	readonly path: string;
	readonly url: string;
	/** RFC 3339. */
	readonly fetchedAt: string;
	/** The ecosystems that this update takes; what a record says of others is left out, as it would be incomplete. */
	readonly taken: ReadonlySet<string>;
	readonly signal: AbortSignal;
	/** The ecosystem that packages are stored under; null leaves them out. */
	readonly fold?: ((ecosystem: string) => string | null) | undefined;
	readonly covers?: ((ecosystem: string, ranges: readonly AffectedRange[], version: string) => boolean) | undefined;
	readonly onRecords: (done: number, total: number) => void;
	readonly onMalformed: (record: MalformedRecord) => void;
}

/** The feed's name in the database. */
export const osvFeed = "osv";

/** Records between two looks at the event loop: signals, timers and progress bars wait at most some 20 ms. */
const recordsPerTurn = 200;

/** Listed versions times events of one package: a million comparisons take up to a second, which nothing can interrupt. */
const mostComparisons = 1_000_000;

const utf8 = new TextDecoder("utf-8", { fatal: true });

export async function readOsvZip(writer: DatabaseWriter, options: OsvZipOptions): Promise<Feed> {
	const { ecosystem, onRecords, onMalformed } = options;
	const source = { feed: osvFeed, part: ecosystem };
	let total = 0;
	let done = 0;
	let records = 0;
	let withdrawn = 0;
	let malformed = 0;
	let newest = "";
	const setTotal = (entries: number): void => {
		total = entries;
		onRecords(0, total);
	};
	for await (const file of zipRecords(options.path, setTotal)) {
		if (done++ % recordsPerTurn === 0) {
			await nextTurn();
			options.signal.throwIfAborted();
			onRecords(done, total);
		}
		if (!file.name.endsWith(".json")) continue;
		const record = readRecord(file);
		if ("problem" in record) {
			malformed += 1;
			onMalformed({ part: ecosystem, name: printable(file.name), problem: record.problem });
			continue;
		}
		const { advisory } = record;
		records += 1;
		if (advisory.withdrawn !== undefined) withdrawn += 1;
		if (newest === "" || Date.parse(advisory.modified) > Date.parse(newest)) newest = advisory.modified;
		add(writer, source, record, options);
	}
	onRecords(total, total);
	const { url, fetchedAt } = options;
	return { ...source, url, fetchedAt, records, withdrawn, malformed, newest };
}

/** Stores one record that came alone; false when it could not be read. */
export function storeOsvRecord(
	writer: DatabaseWriter,
	{ name, json }: { readonly name: string; readonly json: unknown },
	options: Pick<OsvZipOptions, "ecosystem" | "taken" | "fold" | "covers" | "onMalformed">,
): boolean {
	const record = translateOsv(json);
	if ("problem" in record) {
		options.onMalformed({ part: options.ecosystem, name: printable(name), problem: record.problem });
		return false;
	}
	add(writer, { feed: osvFeed, part: options.ecosystem }, record, options);
	return true;
}

function add(
	writer: DatabaseWriter,
	source: RecordSource,
	{ advisory, affected }: OsvRecord,
	options: Pick<OsvZipOptions, "taken" | "fold" | "covers">,
): void {
	const { fold = (ecosystem) => ecosystem } = options;
	const taken = affected
		.filter((one) => isTaken(one, options.taken))
		.flatMap((one) => {
			const ecosystem = fold(one.ecosystem);
			return ecosystem === null ? [] : trimmed({ ...one, ecosystem }, options);
		});
	writer.add(source, advisory, taken);
}

function readRecord(file: ZipRecord): OsvRecord | OsvProblem {
	if ("problem" in file) return file;
	let json: unknown;
	try {
		json = JSON.parse(utf8.decode(file.bytes));
	} catch (error) {
		return { problem: `it is not JSON in UTF-8: ${printable(error instanceof Error ? error.message : String(error))}` };
	}
	return translateOsv(json);
}

function isTaken({ ecosystem }: Affected, taken: ReadonlySet<string>): boolean {
	return taken.has(ecosystem) || taken.has(baseOf(ecosystem));
}

/** Without the listed versions that the ranges cover: a version is affected when either says so. */
function trimmed(affected: Affected, { covers }: Pick<OsvZipOptions, "covers">): Affected {
	const { ecosystem, ranges, versions } = affected;
	if (!covers || versions.length === 0 || ranges.length === 0) return affected;
	const events = ranges.reduce((sum, range) => sum + range.events.length, 0);
	if (versions.length * events > mostComparisons) return affected;
	return { ...affected, versions: versions.filter((version) => !covers(ecosystem, ranges, version)) };
}

/** Hostile text for a terminal or a log: one short line without control characters. */
function printable(text: string): string {
	return text.slice(0, 200).replaceAll(/[\p{Cc}\p{Cf}]/gu, "?");
}
