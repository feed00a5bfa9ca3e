import type { Buffer } from "node:buffer";

/**
 * A package header as rpm keeps it in its database: number of index entries 4, bytes of data 4; the entries (tag, type,
 * offset into the data, count: 4 bytes each); the data. All big-endian.
 * The entries of the package file come first, as a region that is closed by an entry of its own; those that rpm added
 * when it installed (dribbles) follow and override them. Headers without a region are older than rpm 4, or made by other tools.
 * https://rpm-software-management.github.io/rpm/manual/format_header.html
 */
export interface RpmHeader {
	/** False where index or data end too early: then a tag that reads as null may be in the missing part. */
	readonly whole: boolean;
	has(tag: number): boolean;
	/** The text of a tag, or the first of several; null when it is absent, unreadable or longer than a tag of one line. */
	text(tag: number): string | null;
	/** All texts of a tag; null when they are absent or unreadable. */
	texts(tag: number): readonly string[] | null;
	/** A number of a tag by its index; null when it is absent or unreadable. */
	number(tag: number, index: number): number | null;
	/** A byte of a tag by its index; null when it is absent or unreadable. */
	byte(tag: number, index: number): number | null;
	/** Values that the index says a tag has; 0 when it is absent. */
	count(tag: number): number;
}

/** https://rpm-software-management.github.io/rpm/manual/tags.html */
export const tags = {
	name: 1000,
	version: 1001,
	release: 1002,
	epoch: 1003,
	vendor: 1011,
	arch: 1022,
	oldFilenames: 1027,
	fileStates: 1029,
	sourceRpm: 1044,
	dirIndexes: 1116,
	baseNames: 1117,
	dirNames: 1118,
	modularityLabel: 5096,
} as const;

export const types = { byte: 1, int32: 4, string: 6, stringArray: 8, i18nString: 9 } as const;

const known: ReadonlySet<number> = new Set(Object.values(tags));
const textTypes: ReadonlySet<number> = new Set([types.string, types.stringArray, types.i18nString]);

/** Names, versions and labels are far shorter; longer texts are hostile. */
const textLimit = 1024;

/** The largest package in the field has under 300,000 files, with 20 MB of names. */
export const filesLimit = 1_000_000;
const textsBytes = 64 * 1024 * 1024;

const headerStart = 8;
const entrySize = 16;

interface Entry {
	readonly type: number;
	readonly offset: number;
	readonly count: number;
}

/** Null when the bytes are no header at all. */
export function readHeader(bytes: Buffer): RpmHeader | null {
	if (bytes.length < headerStart) return null;
	const entryCount = bytes.readUInt32BE(0);
	const dataStart = headerStart + entryCount * entrySize;
	const dataEnd = dataStart + bytes.readUInt32BE(4);
	if (entryCount === 0) return null;
	const entries = readIndex(bytes, Math.min(entryCount, Math.floor((bytes.length - headerStart) / entrySize)));
	const data = bytes.subarray(dataStart, dataEnd);

	/** Where a tag's values begin, when it has any of such a type. */
	function startOf(tag: number, isType: (type: number) => boolean): number | null {
		const entry = entries.get(tag);
		return entry && isType(entry.type) && entry.count > 0 ? entry.offset : null;
	}

	return {
		whole: dataEnd <= bytes.length,
		has: (tag) => entries.has(tag),
		count: (tag) => entries.get(tag)?.count ?? 0,
		text(tag) {
			const start = startOf(tag, (type) => textTypes.has(type));
			if (start === null) return null;
			const length = data.subarray(start, start + textLimit + 1).indexOf(0);
			return length < 0 ? null : data.toString("utf8", start, start + length);
		},
		texts(tag) {
			const start = startOf(tag, (type) => textTypes.has(type));
			const count = entries.get(tag)?.count ?? 0;
			return start === null || count > filesLimit ? null : splitTexts(data, start, count);
		},
		number(tag, index) {
			const start = startOf(tag, (type) => type === types.int32);
			const at = (start ?? 0) + 4 * index;
			return start === null || index >= (entries.get(tag)?.count ?? 0) || at + 4 > data.length
				? null
				: data.readUInt32BE(at);
		},
		byte(tag, index) {
			const start = startOf(tag, (type) => type === types.byte);
			return start === null || index >= (entries.get(tag)?.count ?? 0) ? null : (data[start + index] ?? null);
		},
	};
}

/** The entries of the tags that are wanted; of one tag, the last. */
function readIndex(bytes: Buffer, count: number): ReadonlyMap<number, Entry> {
	const entries = new Map<number, Entry>();
	for (let at = headerStart; at < headerStart + count * entrySize; at += entrySize) {
		const tag = bytes.readUInt32BE(at);
		if (!known.has(tag)) continue;
		entries.set(tag, {
			type: bytes.readUInt32BE(at + 4),
			offset: bytes.readUInt32BE(at + 8),
			count: bytes.readUInt32BE(at + 12),
		});
	}
	return entries;
}

/** Texts that end with a NUL each. They are decoded together, which is five times as fast as one by one. */
function splitTexts(data: Buffer, start: number, count: number): readonly string[] | null {
	let end = start;
	for (let text = 0; text < count; text++) {
		const nul = data.indexOf(0, end);
		if (nul < 0) return null;
		end = nul + 1;
	}
	return end - start > textsBytes ? null : data.toString("utf8", start, end - 1).split("\0");
}
