import type { Warning } from "#model";
import { byteRange } from "../byte-range.ts";
import type { CatalogSink, FileInfo } from "../types.ts";

/** The header of a write-ahead log (32 bytes) and of its first frame (24). */
const walStart = 56;
const walMagic = 0x37_7f_06_82;
const journalMagic = 0xd9_d5_05_f9;

/**
 * Notices changes of an SQLite database that stand in a file beside it and were never brought home: packages that they
 * add or remove cannot be seen in the database itself. rpm leaves an empty log behind, which says nothing.
 * https://www.sqlite.org/fileformat2.html#walformat, https://www.sqlite.org/fileformat2.html#rollbackjournal
 */
export function readJournal({ path }: FileInfo): CatalogSink {
	const start = byteRange(0, walStart);
	let position = 0;
	return {
		write(chunk) {
			start.write(chunk, position);
			position += chunk.length;
		},
		end: () => ({ packages: [], warnings: holdsChanges(start.bytes()) ? [unfinished(path)] : [] }),
	};
}

function holdsChanges(start: Uint8Array): boolean {
	if (start.length < 8) return false;
	const view = new DataView(start.buffer, start.byteOffset, start.length);
	if (view.getUint32(0) === journalMagic) return true;
	// Frames of an earlier round of the log have other salts than its header: those were brought home.
	return (
		start.length >= walStart &&
		(view.getUint32(0) & ~1) === walMagic &&
		view.getUint32(16) === view.getUint32(40) &&
		view.getUint32(20) === view.getUint32(44)
	);
}

function unfinished(path: string): Warning {
	const message =
		"Changes of rpm's package database stand in this file beside it and were not read: the list of packages may be out of date.";
	return { code: "package_database_malformed", message, path };
}
