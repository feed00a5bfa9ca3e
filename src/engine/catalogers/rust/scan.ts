import { Buffer } from "node:buffer";
import { type ByteRange, byteRange } from "../byte-range.ts";
import { byteSearch } from "../byte-search.ts";
import type { CatalogResult, CatalogSink, FileInfo } from "../types.ts";
import { elfHeaderSize, findSection, readElfHeader, type SectionTable } from "./elf.ts";
import { findAtHead, formatOf, headSize, sectionName } from "./executable.ts";
import { malformed, parseCrates } from "./parse.ts";
import { type ZlibSearch, zlibSearch } from "./zlib-search.ts";

/** Reads one format; the first bytes of the file are in `head` as far as they have passed by. */
interface FormatReader {
	write(chunk: Uint8Array, offset: number): void;
	end(length: number): CatalogResult;
}

const nothing: CatalogResult = { packages: [], warnings: [] };

/**
 * Reads the list of crates in an executable in one pass that holds little more than the list. In PE and Mach-O files the
 * beginning tells where it lies, in ELF files the end.
 */
export function scanExecutable(file: FileInfo): CatalogSink {
	const head = byteRange(0, headSize);
	let position = 0;
	let reader: FormatReader | "none yet" | "foreign" = "none yet";

	return {
		write(chunk) {
			if (reader === "foreign") return;
			head.write(chunk, position);
			if (reader === "none yet") {
				reader = readerFor(head, file.path);
				if (typeof reader === "object" && position > 0) reader.write(head.bytes().subarray(0, position), 0);
			}
			if (typeof reader === "object") reader.write(chunk, position);
			position += chunk.length;
		},
		end: () => (typeof reader === "object" ? reader.end(position) : nothing),
	};
}

function readerFor(head: ByteRange, path: string): FormatReader | "none yet" | "foreign" {
	const bytes = head.bytes();
	if (bytes.length < elfHeaderSize) return "none yet";
	const format = formatOf(bytes);
	if (format === null) return "foreign";
	if (format !== "elf") return readAtHead(head, format, path);
	const table = readElfHeader(bytes);
	return table === null ? "foreign" : readElf(table, path);
}

/** The largest section that is read. */
const sectionLimit = 1024 * 1024;

function readAtHead(head: ByteRange, format: "pe" | "mach-o", path: string): FormatReader {
	let section: ReturnType<typeof findAtHead> = "incomplete";
	let range: ByteRange | null = null;
	return {
		write(chunk, offset) {
			if (section === "incomplete") {
				section = findAtHead(head.bytes(), format);
				if (section === null || section === "incomplete") return;
				range = byteRange(section.offset, Math.min(section.size, sectionLimit));
				range.write(head.bytes(), 0);
			}
			range?.write(chunk, offset);
		},
		end() {
			if (section === null || section === "incomplete" || section.size === 0) return nothing;
			const bytes = range?.bytes();
			if (bytes === undefined || bytes.length < section.size) return malformed("breaks off or is absurdly long", path);
			return parseCrates(bytes, path);
		},
	};
}

const nameNeedle = { bytes: Buffer.from(`${sectionName}\0`), anchor: 1 };

/** More occurrences of the name than this are no work of a linker. */
const placesLimit = 64;

/** A program may have the name, or whole lists, among its own data; so only what the section headers point at counts. */
function readElf(table: SectionTable, path: string): FormatReader {
	const headers = byteRange(table.offset, table.size);
	const names = byteSearch([nameNeedle]);
	const lists: ZlibSearch = zlibSearch();
	const places: number[] = [];
	return {
		write(chunk, offset) {
			names.search(chunk, (_, place) => {
				places.push(place);
				return places.length < placesLimit;
			});
			lists.write(chunk, offset);
			headers.write(chunk, offset);
		},
		end(length) {
			const broken = table.offset + table.size > length;
			if (broken)
				return lists.any() ? malformed("cannot be told from its data, since the file breaks off", path) : nothing;
			const section = findSection(headers.bytes(), table, places);
			if (section === null) return nothing;
			const bytes = lists.at(section.offset, section.size);
			if (bytes === null) return malformed("is in no form that is known", path);
			return bytes.length < section.size ? malformed("breaks off or is absurdly long", path) : parseCrates(bytes, path);
		},
	};
}
