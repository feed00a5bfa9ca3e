/** A part of an executable, in bytes of the file. */
export interface Section {
	readonly offset: number;
	readonly size: number;
}

export type Format = "elf" | "pe" | "mach-o";

/** The name of the section that cargo-auditable adds. */
export const sectionName = ".dep-v0";

/** By the first four bytes; null for everything else, universal Mach-O included. */
export function formatOf(head: Uint8Array): Format | null {
	const [a, b, c, d] = head;
	if (a === 0x7f && b === 0x45 && c === 0x4c && d === 0x46) return "elf";
	if (a === 0x4d && b === 0x5a) return "pe";
	if ((a === 0xcf || a === 0xce) && b === 0xfa && c === 0xed && d === 0xfe) return "mach-o";
	return null;
}

/** The tables that are read here lie within the first bytes; linkers write far less. */
export const headSize = 16 * 1024;

/**
 * The section in a PE or Mach-O file, whose tables stand at the beginning. Null when there is none; `incomplete` when
 * `head` does not hold the tables yet.
 * https://learn.microsoft.com/windows/win32/debug/pe-format, Apple's mach-o/loader.h
 */
export function findAtHead(head: Uint8Array, format: "pe" | "mach-o"): Section | null | "incomplete" {
	const view = new DataView(head.buffer, head.byteOffset, head.length);
	try {
		return format === "pe" ? findInPe(view) : findInMachO(view);
	} catch (error) {
		if (error instanceof RangeError) return head.length < headSize ? "incomplete" : null;
		throw error;
	}
}

function findInPe(view: DataView): Section | null {
	const signature = view.getUint32(0x3c, true);
	if (view.getUint32(signature, true) !== 0x4550) return null;
	const count = view.getUint16(signature + 6, true);
	const table = signature + 24 + view.getUint16(signature + 20, true);
	for (let at = table; at < table + count * 40; at += 40) {
		const virtualSize = view.getUint32(at + 8, true);
		const size = Math.min(virtualSize, view.getUint32(at + 16, true));
		const offset = view.getUint32(at + 20, true);
		if (nameAt(view, at, 8) === sectionName) return { offset, size };
	}
	return null;
}

/** LC_SEGMENT_64 and LC_SEGMENT */
const segment64 = 0x19;
const segment32 = 0x1;

function findInMachO(view: DataView): Section | null {
	const wide = view.getUint8(0) === 0xcf;
	const count = Math.min(view.getUint32(16, true), 1024);
	let at = wide ? 32 : 28;
	for (let i = 0; i < count; i++) {
		const size = view.getUint32(at + 4, true);
		if (size < 8) return null;
		if (view.getUint32(at, true) === (wide ? segment64 : segment32)) {
			const found = findInSegment(view, at, wide);
			if (found !== null) return found;
		}
		at += size;
	}
	return null;
}

function findInSegment(view: DataView, at: number, wide: boolean): Section | null {
	const count = view.getUint32(at + (wide ? 64 : 48), true);
	const entrySize = wide ? 80 : 68;
	const table = at + (wide ? 72 : 56);
	for (let section = table; section < table + count * entrySize; section += entrySize) {
		if (nameAt(view, section, 16) !== sectionName) continue;
		const size = wide ? Number(view.getBigUint64(section + 40, true)) : view.getUint32(section + 36, true);
		return { offset: view.getUint32(section + (wide ? 48 : 40), true), size };
	}
	return null;
}

function nameAt(view: DataView, at: number, length: number): string {
	let name = "";
	for (let i = 0; i < length; i++) {
		const code = view.getUint8(at + i);
		if (code === 0) break;
		name += String.fromCharCode(code);
	}
	return name;
}
