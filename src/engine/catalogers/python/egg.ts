import { unzipSync } from "fflate";
import type { CatalogResult } from "../types.ts";
import { malformed, packageFromPath, parseMetadata } from "./parse.ts";

const entryName = "EGG-INFO/PKG-INFO";

/** An egg has some thousand entries; a directory that claims billions would be read for hours. */
const entriesLimit = 100_000;

/** Of the one entry that is read. The packed limit bounds the work of a bomb that understates what it unpacks to. */
const packedLimit = 256 * 1024;
const unpackedLimit = 1024 * 1024;

const none: CatalogResult = { packages: [], warnings: [] };

/**
 * A Python egg that was left zipped: its metadata is one entry.
 * A file that is no archive, and an archive without that entry, is no egg. Of a damaged egg the file's name tells the rest.
 * https://setuptools.pypa.io/en/latest/deprecated/python_eggs.html
 */
export function parseEgg(bytes: Uint8Array, path: string): CatalogResult {
	if (!isArchive(bytes)) return none;
	const info = readEntry(bytes);
	if (info === "absent") return none;
	if (info !== "unreadable") return parseMetadata(info, `${path}/${entryName}`);
	const named = packageFromPath(path);
	return named === null ? { packages: [], warnings: [malformed(path)] } : { packages: [named], warnings: [] };
}

/** A zip archive, or a script with one behind it. */
function isArchive(bytes: Uint8Array): boolean {
	const [first, second] = bytes;
	return (first === 0x50 && second === 0x4b) || (first === 0x23 && second === 0x21);
}

function readEntry(bytes: Uint8Array): Uint8Array | "absent" | "unreadable" {
	let seen = 0;
	let wanted = false;
	try {
		const entries = unzipSync(bytes, {
			filter(entry) {
				if (++seen > entriesLimit) throw new Error("too many entries");
				if (wanted || entry.name !== entryName) return false;
				wanted = true;
				if (entry.size > packedLimit || entry.originalSize > unpackedLimit) throw new Error("too large");
				return true;
			},
		});
		return entries[entryName] ?? "absent";
	} catch {
		return "unreadable";
	}
}
