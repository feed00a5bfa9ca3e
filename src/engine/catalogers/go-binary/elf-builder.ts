import { Buffer } from "node:buffer";
import { blobMagic, moduleInfoEnd, moduleInfoStart } from "./blob.ts";

/** Where the tests' programs put their segments; code and data are 64 KiB apart in memory, not in the file. */
const textOffset = 0x1000;
const textAddress = 0x400000;
const dataAddress = 0x500000;

export interface TestProgram {
	readonly bytes: Buffer;
	readonly dataOffset: number;
}

/** For tests: an ELF executable of two segments, read-only and writable. `bits` and byte order are the machine's. */
export function buildElf(text: Buffer, data: Buffer, bits: 32 | 64 = 64, little = true): TestProgram {
	const dataOffset = align(textOffset + text.length, 0x1000);
	const bytes = Buffer.alloc(dataOffset + data.length);
	bytes.set([0x7f, 0x45, 0x4c, 0x46, bits === 64 ? 2 : 1, little ? 1 : 2, 1]);
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	const word = (at: number, value: number) =>
		bits === 64 ? view.setBigUint64(at, BigInt(value), little) : view.setUint32(at, value, little);
	const wide = bits === 64;
	word(wide ? 32 : 28, 64);
	view.setUint16(wide ? 54 : 42, wide ? 56 : 32, little);
	view.setUint16(wide ? 56 : 44, 2, little);
	const segment = (at: number, flags: number, offset: number, address: number, size: number) => {
		view.setUint32(at, 1, little);
		view.setUint32(at + (wide ? 4 : 24), flags, little);
		word(at + (wide ? 8 : 4), offset);
		word(at + (wide ? 16 : 8), address);
		word(at + (wide ? 32 : 16), size);
	};
	segment(64, 5, textOffset, textAddress, text.length);
	segment(64 + (wide ? 56 : 32), 6, dataOffset, dataAddress, data.length);
	bytes.set(text, textOffset);
	bytes.set(data, dataOffset);
	return { bytes, dataOffset };
}

/** The build information of Go 1.18 and later. */
export function inlineBlob(version: string, moduleInfo: string): Buffer {
	const head = Buffer.alloc(32);
	head.set(blobMagic);
	head.set([8, 2], 14);
	const modules = moduleInfo === "" ? Buffer.alloc(0) : wrapModuleInfo(moduleInfo);
	return Buffer.concat([head, varint(version.length), Buffer.from(version), varint(modules.length), modules]);
}

function wrapModuleInfo(moduleInfo: string): Buffer {
	return Buffer.concat([moduleInfoStart, Buffer.from(moduleInfo), moduleInfoEnd]);
}

/** A program as Go before 1.18 built it: the blob points to a string header, and that to the version. */
export function buildOldProgram(version: string, moduleInfo: string, bits: 32 | 64 = 64, little = true): TestProgram {
	const size = bits / 8;
	const before = Buffer.from("sorted strings: go1.go1.2unused");
	const text = Buffer.concat([before, Buffer.from(version), Buffer.from("illegal"), wrapModuleInfo(moduleInfo)]);
	const data = Buffer.alloc(256);
	const view = new DataView(data.buffer, data.byteOffset, data.length);
	const word = (at: number, value: number) =>
		bits === 64 ? view.setBigUint64(at, BigInt(value), little) : view.setUint32(at, value, little);
	data.set(blobMagic);
	data.set([size, little ? 0 : 1], 14);
	const header = 0x80;
	word(16, dataAddress + header);
	word(16 + size, dataAddress + header + 2 * size);
	word(header, textAddress + before.length);
	word(header + size, version.length);
	return buildElf(text, data, bits, little);
}

export function varint(value: number): Buffer {
	const bytes: number[] = [];
	for (let rest = value; ; rest = Math.floor(rest / 128)) {
		bytes.push(rest >= 128 ? (rest % 128) | 0x80 : rest);
		if (rest < 128) return Buffer.from(bytes);
	}
}

function align(value: number, to: number): number {
	return Math.ceil(value / to) * to;
}
