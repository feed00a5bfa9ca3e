import { Buffer } from "node:buffer";
import { tags, types } from "./header.ts";

/** A tag's value: one text, several, or numbers of four or one byte. */
export type HeaderValue =
	| string
	| readonly string[]
	| { readonly i18n: readonly string[] }
	| { readonly int32: readonly number[] }
	| { readonly bytes: readonly number[] };

export type HeaderTags = Readonly<Partial<Record<keyof typeof tags, HeaderValue>>>;

const region = { tag: 63, type: 7, size: 16 } as const;

/**
 * A header as rpm keeps it: `own` in a region, as they come with the package file, then `dribbles`, as rpm adds them
 * when it installs. Without region (`oldest`) as before rpm 4.
 */
export function buildHeader(own: HeaderTags, dribbles: HeaderTags = {}, oldest = false): Buffer {
	const data: Buffer[] = [];
	let length = 0;
	const append = (bytes: Buffer): number => {
		data.push(bytes);
		length += bytes.length;
		return length - bytes.length;
	};
	const index: Buffer[] = [];
	for (const [name, value] of entriesOf(own)) index.push(entry(name, value, append, () => length));
	if (!oldest) {
		const trailer = append(int32s([region.tag, region.type, -16 * (index.length + 1), region.size]));
		index.unshift(int32s([region.tag, region.type, trailer, region.size]));
	}
	for (const [name, value] of entriesOf(dribbles)) index.push(entry(name, value, append, () => length));
	return Buffer.concat([int32s([index.length, length]), ...index, ...data]);
}

/** The usual tags of a package, for tests that are about something else. */
export function packageTags(name: string, more: HeaderTags = {}): HeaderTags {
	return {
		name,
		version: "1.0",
		release: "1.el9",
		vendor: "AlmaLinux",
		arch: "x86_64",
		sourceRpm: `${name}-1.0-1.el9.src.rpm`,
		...more,
	};
}

/** Tags of a list of files, folders and names apart. */
export function fileTags(paths: readonly string[]): HeaderTags {
	const folders = [...new Set(paths.map((path) => path.slice(0, path.lastIndexOf("/") + 1)))];
	return {
		dirIndexes: { int32: paths.map((path) => folders.indexOf(path.slice(0, path.lastIndexOf("/") + 1))) },
		baseNames: paths.map((path) => path.slice(path.lastIndexOf("/") + 1)),
		dirNames: folders,
	};
}

function entriesOf(given: HeaderTags): [keyof typeof tags, HeaderValue][] {
	const names = Object.keys(given) as (keyof typeof tags)[];
	return names
		.sort((a, b) => tags[a] - tags[b])
		.flatMap((name): [keyof typeof tags, HeaderValue][] => {
			const value = given[name];
			return value === undefined ? [] : [[name, value]];
		});
}

function entry(
	name: keyof typeof tags,
	value: HeaderValue,
	append: (bytes: Buffer) => number,
	position: () => number,
): Buffer {
	const { type, count, bytes } = encode(value);
	if (type === types.int32) append(Buffer.alloc(-position() & 3));
	return int32s([tags[name], type, append(bytes), count]);
}

function encode(value: HeaderValue): { type: number; count: number; bytes: Buffer } {
	if (typeof value === "string") return { type: types.string, count: 1, bytes: Buffer.from(`${value}\0`) };
	if ("int32" in value) return { type: types.int32, count: value.int32.length, bytes: int32s(value.int32) };
	if ("bytes" in value) return { type: types.byte, count: value.bytes.length, bytes: Buffer.from(value.bytes) };
	const texts = "i18n" in value ? value.i18n : value;
	const type = "i18n" in value ? types.i18nString : types.stringArray;
	return { type, count: texts.length, bytes: Buffer.from(texts.map((text) => `${text}\0`).join("")) };
}

function int32s(values: readonly number[]): Buffer {
	const bytes = Buffer.alloc(4 * values.length);
	for (const [at, value] of values.entries()) bytes.writeInt32BE(value | 0, 4 * at);
	return bytes;
}
