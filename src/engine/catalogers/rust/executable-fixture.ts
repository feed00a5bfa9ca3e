/** For tests: executables that hold nothing but sections. */
import { Buffer } from "node:buffer";
import { deflateSync } from "node:zlib";

export interface TestSection {
	readonly name: string;
	readonly data: Uint8Array;
}

export interface ElfShape {
	readonly wide?: boolean;
	readonly little?: boolean;
	/** The section headers stand before the sections. */
	readonly headersFirst?: boolean;
}

/** An ELF file; the table of names comes last, and its names share their ends where they can, as linkers make it. */
export function buildElf(sections: readonly TestSection[], shape: ElfShape = {}): Buffer {
	const { wide = true, little = true, headersFirst = false } = shape;
	const entrySize = wide ? 64 : 40;
	const names = Buffer.from(`\0${sections.map(({ name }) => name).join("\0")}\0.shstrtab\0`, "latin1");
	const bodies = [...sections.map(({ data }) => Buffer.from(data)), names];
	const content = Buffer.concat(bodies);
	const tableSize = (bodies.length + 1) * entrySize;
	const start = headersFirst ? 64 + tableSize : 64;
	const table = headersFirst ? 64 : 64 + content.length;
	const bytes = Buffer.alloc(64 + content.length + tableSize);
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	const word = (at: number, value: number) =>
		wide ? view.setBigUint64(at, BigInt(value), little) : view.setUint32(at, value, little);
	bytes.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, little ? 1 : 2, 1]);
	word(wide ? 40 : 32, table);
	view.setUint16(wide ? 58 : 46, entrySize, little);
	view.setUint16(wide ? 60 : 48, bodies.length + 1, little);
	view.setUint16(wide ? 62 : 50, bodies.length, little);
	bytes.set(content, start);
	let offset = start;
	for (const [i, body] of bodies.entries()) {
		const at = table + (i + 1) * entrySize;
		const name = sections[i]?.name ?? ".shstrtab";
		view.setUint32(at, names.indexOf(`${name}\0`), little);
		word(at + (wide ? 24 : 16), offset);
		word(at + (wide ? 32 : 20), body.length);
		offset += body.length;
	}
	return bytes;
}

/** A Windows executable with one section; `at` is where its data lie. */
export function buildPe({ name, data }: TestSection, at = 0x400): Buffer {
	const bytes = Buffer.alloc(at + data.length + 32);
	bytes.write("MZ", 0, "latin1");
	bytes.writeUInt32LE(0x80, 0x3c);
	bytes.write("PE\0\0", 0x80, "latin1");
	bytes.writeUInt16LE(2, 0x86);
	bytes.writeUInt16LE(240, 0x94);
	const table = 0x80 + 24 + 240;
	bytes.write(".text", table, "latin1");
	bytes.write(name, table + 40, 8, "latin1");
	bytes.writeUInt32LE(data.length, table + 48);
	bytes.writeUInt32LE(data.length + 32, table + 56);
	bytes.writeUInt32LE(at, table + 60);
	bytes.set(data, at);
	return bytes;
}

/** A macOS executable with a segment of one section. */
export function buildMachO({ name, data }: TestSection, wide = true, at = 0x5000): Buffer {
	const bytes = Buffer.alloc(at + data.length);
	bytes.writeUInt32LE(wide ? 0xfeedfacf : 0xfeedface, 0);
	bytes.writeUInt32LE(2, 16);
	const first = wide ? 32 : 28;
	bytes.writeUInt32LE(0x1d, first);
	bytes.writeUInt32LE(16, first + 4);
	const segment = first + 16;
	const section = segment + (wide ? 72 : 56);
	bytes.writeUInt32LE(wide ? 0x19 : 0x1, segment);
	bytes.writeUInt32LE(section - segment + (wide ? 80 : 68), segment + 4);
	bytes.writeUInt32LE(1, segment + (wide ? 64 : 48));
	bytes.write(name, section, 16, "latin1");
	bytes.write("__DATA", section + 16, 16, "latin1");
	if (wide) bytes.writeBigUInt64LE(BigInt(data.length), section + 40);
	else bytes.writeUInt32LE(data.length, section + 36);
	bytes.writeUInt32LE(at, section + (wide ? 48 : 40));
	bytes.set(data, at);
	return bytes;
}

/** As cargo-auditable writes it. */
export function crateSection(document: unknown, level = 6): Buffer {
	return deflateSync(JSON.stringify(document), { level });
}
