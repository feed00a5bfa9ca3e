import { Buffer } from "node:buffer";
import { type ByteRange, byteRange } from "../byte-range.ts";
import { byteSearch } from "../byte-search.ts";
import type { CatalogSink } from "../types.ts";

/** A section name as a string table holds it, between two NULs. */
const sectionName = { bytes: Buffer.from("\0.dep-v0\0"), anchor: 2 };

/** More occurrences than this are no work of a linker. */
const placesLimit = 64;

/** An ELF64 header and section header; the 32-bit ones are smaller. */
const elfHeaderSize = 64;
const sectionHeaderSize = 64;

/**
 * Notices Rust executables that list their crates (cargo-auditable's ELF section `.dep-v0`), in one pass that holds
 * two headers. A program may have the name among its own strings (a scanner has); so it only counts inside the
 * section-name table, whose place stands in a header that comes by before or after it.
 * https://github.com/rust-secure-code/cargo-auditable, https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.sheader.html
 */
export function scanForRust(): CatalogSink {
	const header = byteRange(0, elfHeaderSize);
	const search = byteSearch([sectionName]);
	const places: number[] = [];
	let position = 0;
	let verdict: "unknown" | "elf" | "other" = "unknown";
	let table: NameTable | null = null;

	return {
		write(chunk) {
			if (verdict === "other") return;
			if (verdict === "unknown") {
				header.write(chunk, position);
				verdict = judge(header.bytes());
				if (verdict === "elf") table = nameTable(header.bytes());
			}
			if (verdict !== "other") {
				search.search(chunk, (_, offset) => {
					places.push(offset + 1);
					return places.length < placesLimit;
				});
				table?.range.write(chunk, position);
			}
			position += chunk.length;
		},
		end() {
			const isRust = table !== null && places.some((place) => table?.holds(place));
			return { packages: [], ...(isRust ? { unread: { kind: "Rust" } } : {}), warnings: [] };
		},
	};
}

function judge(header: Uint8Array): "unknown" | "elf" | "other" {
	const isElf = [0x7f, 0x45, 0x4c, 0x46].every((byte, i) => i >= header.length || header[i] === byte);
	if (!isElf) return "other";
	return header.length < elfHeaderSize ? "unknown" : "elf";
}

interface NameTable {
	/** The header of the section that holds the names. */
	readonly range: ByteRange;
	holds(place: number): boolean;
}

function nameTable(elf: Uint8Array): NameTable {
	const view = new DataView(elf.buffer, elf.byteOffset, elf.length);
	const wide = view.getUint8(4) === 2;
	const little = view.getUint8(5) === 1;
	const headers = wide ? Number(view.getBigUint64(40, little)) : view.getUint32(32, little);
	const entrySize = view.getUint16(wide ? 58 : 46, little);
	const index = view.getUint16(wide ? 62 : 50, little);
	const range = byteRange(headers + index * entrySize, sectionHeaderSize);
	return {
		range,
		holds(place) {
			const bytes = range.bytes();
			if (bytes.length < (wide ? 40 : 24)) return false;
			const section = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
			const start = wide ? Number(section.getBigUint64(24, little)) : section.getUint32(16, little);
			const size = wide ? Number(section.getBigUint64(32, little)) : section.getUint32(20, little);
			return place >= start && place < start + size;
		},
	};
}
