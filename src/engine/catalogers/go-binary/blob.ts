import { Buffer } from "node:buffer";

/** Begins the build information of every Go executable since 1.13, at an offset that divides by 16. */
export const blobMagic: Uint8Array = Buffer.from("\xff Go buildinf:", "latin1");
export const blobAlignment = 16;

/** Enclose the module information, in the blob and in the string that the program itself reads. */
export const moduleInfoStart: Uint8Array = Buffer.from("3077af0c9274080241e1c107e6d618e6", "hex");
export const moduleInfoEnd: Uint8Array = Buffer.from("f932433186182072008242104116d8f2", "hex");

/** Kubernetes' largest binaries have about 50 KiB of module information. */
export const moduleInfoLimit = 16 * 1024 * 1024;

/** The most that one blob may take: its header, two lengths, the version and the module information. */
export const blobLimit = moduleInfoLimit + 8 * 1024;

const headerSize = 32;
const versionLimit = 1024;

/**
 * What a blob holds. `incomplete` wants more bytes; it is `claimed` once header and version make sense.
 * `pointers` is the form before Go 1.18: addresses of two Go string headers. `malformed` has module information that
 * no linker wrote. `length` is that of the whole blob, in bytes.
 */
export type Blob =
	| { readonly kind: "none" }
	| { readonly kind: "incomplete"; readonly claimed: boolean }
	| { readonly kind: "malformed"; readonly version: string; readonly fault: string; readonly length: number }
	| { readonly kind: "inline"; readonly version: string; readonly moduleInfo: string; readonly length: number }
	| PointerBlob;

export interface PointerBlob {
	readonly kind: "pointers";
	readonly pointerSize: 4 | 8;
	readonly littleEndian: boolean;
	readonly versionAddress: number;
}

/** Reads a blob from its magic on (Go's debug/buildinfo). A magic in some program's own data gives `none`. */
export function readBlob(bytes: Uint8Array): Blob {
	if (bytes.length < headerSize) return { kind: "incomplete", claimed: false };
	const flags = bytes[15] ?? 0;
	if (flags > 3) return { kind: "none" };
	return (flags & 2) === 0 ? readPointers(bytes, flags === 0) : readInline(bytes);
}

function readInline(bytes: Uint8Array): Blob {
	const versionLength = readVarint(bytes, headerSize);
	if (versionLength === null) return { kind: "incomplete", claimed: false };
	const versionEnd = versionLength.end + versionLength.value;
	if (versionLength.value < 3 || versionLength.value > versionLimit) return { kind: "none" };
	if (bytes.length < versionEnd) return { kind: "incomplete", claimed: false };
	const version = new TextDecoder().decode(bytes.subarray(versionLength.end, versionEnd));
	if (!isGoVersion(version)) return { kind: "none" };
	const length = readVarint(bytes, versionEnd);
	if (length === null) return { kind: "incomplete", claimed: true };
	if (length.value < moduleInfoStart.length + moduleInfoEnd.length) {
		return { kind: "inline", version, moduleInfo: "", length: length.end };
	}
	if (length.value > moduleInfoLimit) {
		return { kind: "malformed", version, fault: "claims an absurd amount of module information", length: length.end };
	}
	const end = length.end + length.value;
	if (bytes.length < end) return { kind: "incomplete", claimed: true };
	const moduleInfo = unwrapModuleInfo(bytes.subarray(length.end, end));
	if (moduleInfo === null) return { kind: "malformed", version, fault: "has garbled module information", length: end };
	return { kind: "inline", version, moduleInfo, length: end };
}

function readPointers(bytes: Uint8Array, littleEndian: boolean): Blob {
	const pointerSize = bytes[14];
	if (pointerSize !== 4 && pointerSize !== 8) return { kind: "none" };
	return {
		kind: "pointers",
		pointerSize,
		littleEndian,
		versionAddress: readPointer(bytes, 16, pointerSize, littleEndian),
	};
}

/** A release (`go1.19.8`, with or without experiments) or a development version (`devel go1.27-…`). */
function isGoVersion(text: string): boolean {
	return /^(?:go\d|devel )[\x20-\x7e]*$/.test(text);
}

/** A pointer or length of the target machine. */
export function readPointer(bytes: Uint8Array, at: number, size: 4 | 8, littleEndian: boolean): number {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	return size === 8 ? Number(view.getBigUint64(at, littleEndian)) : view.getUint32(at, littleEndian);
}

/** The text between the two marks; null when they are not there. */
export function unwrapModuleInfo(bytes: Uint8Array): string | null {
	const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
	const start = moduleInfoStart.length;
	const end = bytes.length - moduleInfoEnd.length;
	if (end < start) return null;
	if (!buffer.subarray(0, start).equals(moduleInfoStart) || !buffer.subarray(end).equals(moduleInfoEnd)) return null;
	return new TextDecoder().decode(buffer.subarray(start, end));
}

/** An unsigned LEB128 number of at most 32 bits; null when bytes are missing. Longer ones read as infinite. */
function readVarint(bytes: Uint8Array, at: number): { readonly value: number; readonly end: number } | null {
	let value = 0;
	for (let i = 0; i < 5; i++) {
		const byte = bytes[at + i];
		if (byte === undefined) return null;
		value += (byte & 0x7f) * 2 ** (7 * i);
		if (byte < 0x80) return { value, end: at + i + 1 };
	}
	return { value: Number.POSITIVE_INFINITY, end: at + 5 };
}
