/** One `all.zip` into the database being built. Records that cannot be read are counted and named; the rest goes on. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Affected, AffectedRange } from "#model";
import type { DatabaseWriter } from "./database/writer.ts";
import { baseOf, type OsvProblem, type OsvRecord, translateOsv, type ZipRecord, zipRecords } from "./osv/index.ts";
import type { MalformedRecord, UpdatedFeed } from "./types.ts";

export interface FeedOptions {
	readonly ecosystem: string;
	/** The local zip. */
	readonly path: string;
	readonly url: string;
	/** The ecosystems that this update takes; what a record says of others is left out, as it would be incomplete. */
	readonly taken: ReadonlySet<string>;
	readonly signal: AbortSignal;
	readonly covers?: ((ecosystem: string, ranges: readonly AffectedRange[], version: string) => boolean) | undefined;
	readonly onRecords: (done: number, total: number) => void;
	readonly onMalformed: (record: MalformedRecord) => void;
}

/** Records between two looks at the event loop: signals, timers and progress bars wait at most some 20 ms. */
const recordsPerTurn = 200;

const utf8 = new TextDecoder("utf-8", { fatal: true });

export async function readFeed(writer: DatabaseWriter, options: FeedOptions): Promise<UpdatedFeed> {
	const { ecosystem, onRecords, onMalformed } = options;
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
			onMalformed({ ecosystem, name: printable(file.name), problem: record.problem });
			continue;
		}
		const { advisory, affected } = record;
		records += 1;
		if (advisory.withdrawn !== undefined) withdrawn += 1;
		if (newest === "" || Date.parse(advisory.modified) > Date.parse(newest)) newest = advisory.modified;
		writer.add(
			advisory,
			affected.filter((one) => isTaken(one, options.taken)).map((one) => trimmed(one, options)),
		);
	}
	onRecords(total, total);
	return { ecosystem, url: options.url, records, withdrawn, malformed, newest };
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
function trimmed(affected: Affected, { covers }: FeedOptions): Affected {
	const { ecosystem, ranges, versions } = affected;
	if (!covers || versions.length === 0 || ranges.length === 0) return affected;
	return { ...affected, versions: versions.filter((version) => !covers(ecosystem, ranges, version)) };
}

/** Hostile text for a terminal or a log: one short line without control characters. */
function printable(text: string): string {
	return text.slice(0, 200).replaceAll(/[\p{Cc}\p{Cf}]/gu, "?");
}
