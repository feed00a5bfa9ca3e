import type { Section } from "./executable.ts";

/** An ELF64 header; the 32-bit one is smaller. */
export const elfHeaderSize = 64;

/** Programs have some forty sections. */
const sectionLimit = 4096;

/** Where the section headers lie, as the ELF header says. */
export interface SectionTable extends Section {
	readonly wide: boolean;
	readonly little: boolean;
	readonly entrySize: number;
	/** Which section holds the names. */
	readonly names: number;
}

/**
 * Reads an ELF header; null when the file has no section headers.
 * https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html
 */
export function readElfHeader(header: Uint8Array): SectionTable | null {
	const view = new DataView(header.buffer, header.byteOffset, header.length);
	const wide = view.getUint8(4) === 2;
	const little = view.getUint8(5) === 1;
	const offset = wide ? Number(view.getBigUint64(40, little)) : view.getUint32(32, little);
	const entrySize = view.getUint16(wide ? 58 : 46, little);
	const count = Math.min(view.getUint16(wide ? 60 : 48, little), sectionLimit);
	const names = view.getUint16(wide ? 62 : 50, little);
	if (offset === 0 || count === 0 || entrySize < (wide ? 64 : 40)) return null;
	return { offset, size: count * entrySize, wide, little, entrySize, names };
}

interface NamedSection extends Section {
	/** The place of its name in the table of names. */
	readonly name: number;
}

/**
 * The section whose name lies at one of `places` in the file, given the bytes of the section headers.
 * https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.sheader.html
 */
export function findSection(headers: Uint8Array, table: SectionTable, places: readonly number[]): Section | null {
	const sections = readSections(headers, table);
	const names = sections[table.names];
	if (names === undefined) return null;
	const wanted = new Set(
		places.filter((place) => place < names.offset + names.size).map((place) => place - names.offset),
	);
	return sections.find((section) => section.size > 0 && wanted.has(section.name)) ?? null;
}

function readSections(headers: Uint8Array, { wide, little, entrySize }: SectionTable): readonly NamedSection[] {
	const view = new DataView(headers.buffer, headers.byteOffset, headers.length);
	const word = (at: number) => (wide ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little));
	const sections: NamedSection[] = [];
	for (let at = 0; at + (wide ? 64 : 40) <= headers.length; at += entrySize) {
		const name = view.getUint32(at, little);
		sections.push({ name, offset: word(at + (wide ? 24 : 16)), size: word(at + (wide ? 32 : 20)) });
	}
	return sections;
}
