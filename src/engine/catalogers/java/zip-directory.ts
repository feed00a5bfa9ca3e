import type { Buffer } from "node:buffer";
import {
	type DirectoryEnd,
	type DirectoryEntry,
	entryLengths,
	fixedSize,
	isPlausibleEntry,
	mergeEnds,
	nameLimit,
	readDirectoryEnd,
	readDirectoryEnd64,
	readDirectoryEntry,
} from "./zip-records.ts";

/** The largest archives hold some hundred others. */
export const wantedLimit = 20_000;

export interface DirectoryWishes {
	wants(name: string): boolean;
	/** A new central directory begins: what was noted of another one does not count. */
	directoryBegins(): void;
	/** Every entry of a central directory. */
	note(name: string): void;
}

/** The wanted entries of a central directory, with offsets in the stream. */
export interface ReadDirectory {
	readonly entries: readonly DirectoryEntry[];
	/** Entries that were not looked at: names that are too long, or more wanted ones than anybody needs. */
	readonly passedOver: number;
}

/** Bytes of a record that were read, and those behind it that belong to it; null when more must be there first. */
export type RecordRead = { readonly length: number; readonly skip: number } | null;

export interface DirectoryReader {
	/** Each reads a record at `at`, which lies at `place` in the stream. `not a record`: it only looks like one. */
	entry(bytes: Buffer, at: number, place: number): RecordRead | "not a record";
	end64(bytes: Buffer, at: number, place: number): RecordRead;
	end(bytes: Buffer, at: number, place: number): RecordRead | "not a record";
	/** The directory of a stream of `length` bytes; null when there is no complete one. */
	finish(length: number): ReadDirectory | null;
}

/** Entries without a gap between them. */
interface Run {
	readonly start: number;
	end: number;
	readonly entries: DirectoryEntry[];
	passedOver: number;
}

interface Candidate {
	readonly run: Run;
	/** Bytes before the archive that its offsets do not count: a script, say. */
	readonly shift: number;
	/** Where the archive ends, with the comment behind its end record. */
	readonly end: number;
}

/** End records within the comment of another: a dozen is already absurd. */
const candidatesLimit = 16;

/** From the ZIP64 end record to the end record: the former, which may hold some more, and a locator of 20 bytes. */
const endRecordsLimit = 4096;

/**
 * Finds the central directory of an archive among everything that looks like one, such as those of archives within it.
 * A directory counts when an end record stands behind it and says its true size. Of several, the last whose comment
 * ends with the stream wins; when there is none, since something was appended, the last that is not empty. Java
 * chooses the same way.
 */
export function directoryReader(wishes: DirectoryWishes): DirectoryReader {
	let run: Run | null = null;
	let wideEnd: (DirectoryEnd & { readonly at: number }) | null = null;
	let candidates: Candidate[] = [];
	let fallback: Candidate | null = null;

	function begin(place: number): Run {
		wishes.directoryBegins();
		return { start: place, end: place, entries: [], passedOver: 0 };
	}

	function add(to: Run, entry: DirectoryEntry): void {
		wishes.note(entry.name);
		if (!wishes.wants(entry.name)) return;
		if (to.entries.length < wantedLimit) to.entries.push(entry);
		else to.passedOver++;
	}

	return {
		entry(bytes, at, place) {
			if (bytes.length - at < fixedSize.directoryEntry) return null;
			if (!isPlausibleEntry(bytes, at)) return "not a record";
			const lengths = entryLengths(bytes, at);
			const tooLong = lengths.name > nameLimit;
			const read = fixedSize.directoryEntry + (tooLong ? 0 : lengths.name + lengths.extra);
			if (bytes.length - at < read) return null;
			const length = fixedSize.directoryEntry + lengths.name + lengths.extra + lengths.comment;
			if (run === null || run.end !== place) run = begin(place);
			run.end = place + length;
			if (tooLong) run.passedOver++;
			else add(run, readDirectoryEntry(bytes, at, lengths));
			return { length: read, skip: length - read };
		},
		end64(bytes, at, place) {
			if (bytes.length - at < fixedSize.directoryEnd64) return null;
			wideEnd = { at: place, ...readDirectoryEnd64(bytes, at) };
			return { length: fixedSize.directoryEnd64, skip: 0 };
		},
		end(bytes, at, place) {
			if (bytes.length - at < fixedSize.directoryEnd) return null;
			const wide = wideEnd !== null && place - wideEnd.at <= endRecordsLimit ? wideEnd : null;
			const { size, offset, comment } = mergeEnds(readDirectoryEnd(bytes, at), wide);
			const end = wide?.at ?? place;
			const ended = size > 0 ? run : { start: end, end, entries: [], passedOver: 0 };
			if (ended === null || ended.end !== end || end - ended.start !== size || ended.start < offset)
				return "not a record";
			const found = { run: ended, shift: ended.start - offset, end: place + fixedSize.directoryEnd + comment };
			candidates = [...candidates.filter((other) => other.end > place).slice(-candidatesLimit), found];
			if (size > 0) fallback = found;
			return { length: fixedSize.directoryEnd, skip: 0 };
		},
		finish(length) {
			const chosen = candidates.findLast(({ end }) => end === length) ?? fallback;
			if (chosen === null) return null;
			const { run: found, shift } = chosen;
			const entries = found.entries.map((entry) => ({ ...entry, offset: entry.offset + shift }));
			return { entries, passedOver: found.passedOver };
		},
	};
}
