/** A part of an executable that is loaded from the file. Offsets and sizes in bytes. */
export interface Segment {
	readonly offset: number;
	readonly size: number;
	readonly address: number;
	readonly writable: boolean;
}

/** How much of the beginning holds the tables that are read here: far more than any linker writes. */
export const headSize = 16 * 1024;

/** Real executables have about ten segments or sections; PE allows 96. */
const segmentLimit = 128;

type Format = "elf" | "pe" | "mach-o" | "universal";

/** The format by the first four bytes; null for everything else, Java classes included. */
export function executableFormat(head: Uint8Array): Format | null {
	const [a, b, c, d] = head;
	if (a === 0x7f && b === 0x45 && c === 0x4c && d === 0x46) return "elf";
	if (a === 0x4d && b === 0x5a) return "pe";
	if ((a === 0xcf || a === 0xce) && b === 0xfa && c === 0xed && d === 0xfe) return "mach-o";
	if (a === 0xfe && b === 0xed && c === 0xfa && (d === 0xcf || d === 0xce)) return "mach-o";
	if (a === 0xca && b === 0xfe && c === 0xba && d === 0xbe && isUniversal(head)) return "universal";
	return null;
}

/** Universal Mach-O shares its magic with Java classes, whose versions begin at 45 where it counts its few parts. */
function isUniversal(head: Uint8Array): boolean {
	return head.length >= 8 && head[4] === 0 && head[5] === 0 && head[6] === 0 && (head[7] ?? 0) < 30;
}

/**
 * The loaded segments, from the first bytes of a file. Tables that lie behind `head` or make no sense are left out.
 * https://refspecs.linuxfoundation.org/elf/gabi4+/ch5.pheader.html,
 * https://learn.microsoft.com/windows/win32/debug/pe-format, Apple's mach-o/loader.h
 */
export function readSegments(head: Uint8Array): readonly Segment[] {
	const view = new DataView(head.buffer, head.byteOffset, head.length);
	try {
		switch (executableFormat(head)) {
			case "elf":
				return readElf(view);
			case "pe":
				return readPe(view);
			case "mach-o":
				return readMachO(view);
			case "universal":
			case null:
				return [];
		}
	} catch (error) {
		if (error instanceof RangeError) return [];
		throw error;
	}
}

function readElf(view: DataView): readonly Segment[] {
	const wide = view.getUint8(4) === 2;
	const little = view.getUint8(5) === 1;
	const word = (at: number) => (wide ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little));
	const table = word(wide ? 32 : 28);
	const entrySize = view.getUint16(wide ? 54 : 42, little);
	const count = Math.min(view.getUint16(wide ? 56 : 44, little), segmentLimit);
	const segments: Segment[] = [];
	for (let i = 0; i < count; i++) {
		const at = table + i * entrySize;
		if (at + entrySize > view.byteLength) break;
		if (view.getUint32(at, little) !== loadable) continue;
		const flags = view.getUint32(at + (wide ? 4 : 24), little);
		segments.push({
			offset: word(at + (wide ? 8 : 4)),
			size: word(at + (wide ? 32 : 16)),
			address: word(at + (wide ? 16 : 8)),
			writable: (flags & 2) !== 0,
		});
	}
	return segments;
}

/** PT_LOAD */
const loadable = 1;

function readPe(view: DataView): readonly Segment[] {
	const signature = view.getUint32(0x3c, true);
	if (view.getUint32(signature, true) !== 0x4550) return [];
	const count = Math.min(view.getUint16(signature + 6, true), segmentLimit);
	const optional = signature + 24;
	const wide = view.getUint16(optional, true) === 0x20b;
	const base = wide ? Number(view.getBigUint64(optional + 24, true)) : view.getUint32(optional + 28, true);
	const table = optional + view.getUint16(signature + 20, true);
	const segments: Segment[] = [];
	for (let at = table; at < table + count * 40 && at + 40 <= view.byteLength; at += 40) {
		segments.push({
			offset: view.getUint32(at + 20, true),
			size: view.getUint32(at + 16, true),
			address: base + view.getUint32(at + 12, true),
			writable: (view.getUint32(at + 36, true) & 0x8000_0000) !== 0,
		});
	}
	return segments;
}

function readMachO(view: DataView): readonly Segment[] {
	const little = view.getUint8(0) !== 0xfe;
	const wide = view.getUint8(little ? 0 : 3) === 0xcf;
	const count = Math.min(view.getUint32(16, little), 1024);
	const segments: Segment[] = [];
	let at = wide ? 32 : 28;
	for (let i = 0; i < count && at + 8 <= view.byteLength; i++) {
		const command = view.getUint32(at, little);
		const size = view.getUint32(at + 4, little);
		if (size < 8) break;
		const word = (offset: number) =>
			wide ? Number(view.getBigUint64(at + offset, little)) : view.getUint32(at + offset, little);
		if (command === (wide ? segment64 : segment32) && segments.length < segmentLimit) {
			segments.push({
				address: word(24),
				offset: word(wide ? 40 : 32),
				size: word(wide ? 48 : 36),
				writable: (view.getUint32(at + (wide ? 60 : 44), little) & 2) !== 0,
			});
		}
		at += size;
	}
	return segments;
}

/** LC_SEGMENT and LC_SEGMENT_64 */
const segment32 = 0x1;
const segment64 = 0x19;

/** The file offset of an address; null when no segment holds it. */
export function offsetOf(address: number, segments: readonly Segment[]): number | null {
	const segment = segments.find(({ address: start, size }) => address >= start && address < start + size);
	return segment ? segment.offset + (address - segment.address) : null;
}

/** Whether a file offset is loaded as writable data. */
export function isWritable(offset: number, segments: readonly Segment[]): boolean {
	return segments.some(({ offset: start, size, writable }) => writable && offset >= start && offset < start + size);
}
