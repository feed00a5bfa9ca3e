/** For tests: ZIP archives as no honest program writes them, byte by byte; and as one does (yazl). */
import { Buffer } from "node:buffer";
import { Readable } from "node:stream";
import { crc32, deflateRawSync } from "node:zlib";
import { ZipFile } from "yazl";

export interface TestEntry {
	readonly name: string;
	readonly data: Uint8Array | string;
	/** Compressed; stored otherwise. */
	readonly deflate?: boolean;
	/** The method that the headers claim. */
	readonly method?: number;
	/** Sizes stand behind the data, not before them. */
	readonly descriptor?: "32" | "64" | "without signature";
	readonly encrypted?: boolean;
	/** Left out of the central directory, or of everything before it. */
	readonly only?: "local" | "directory";
	/** What the local header claims of the compressed size. */
	readonly localSize?: number;
	/** What the central directory claims of it. */
	readonly directorySize?: number;
}

export interface TestArchive {
	/** Bytes before the archive, whose offsets do not count them. */
	readonly prefix?: string;
	readonly comment?: Uint8Array | string;
	readonly zip64?: boolean;
	/** Bytes between the entries and the directory. */
	readonly gap?: Uint8Array;
}

/** An archive of exactly these entries. */
export function buildZip(entries: readonly TestEntry[], archive: TestArchive = {}): Buffer {
	const parts: Buffer[] = [];
	const records: Buffer[] = [];
	let offset = 0;
	for (const entry of entries) {
		const data = Buffer.from(entry.data);
		const packed = entry.deflate ? deflateRawSync(data) : data;
		const local = entry.only === "directory" ? Buffer.alloc(0) : localPart(entry, data, packed);
		if (entry.only !== "local") records.push(directoryRecord(entry, data, packed, offset, archive.zip64 ?? false));
		parts.push(local);
		offset += local.length;
	}
	const gap = Buffer.from(archive.gap ?? []);
	const directory = Buffer.concat(records);
	const end = endRecords(records.length, directory.length, offset + gap.length, archive);
	return Buffer.concat([Buffer.from(archive.prefix ?? ""), ...parts, gap, directory, end]);
}

function localPart(entry: TestEntry, data: Buffer, packed: Buffer): Buffer {
	const name = Buffer.from(entry.name);
	const header = Buffer.alloc(30);
	const late = entry.descriptor !== undefined;
	header.writeUInt32LE(0x04034b50, 0);
	header.writeUInt16LE(20, 4);
	header.writeUInt16LE((late ? 8 : 0) | (entry.encrypted ? 1 : 0), 6);
	header.writeUInt16LE(entry.method ?? (entry.deflate ? 8 : 0), 8);
	if (!late) {
		header.writeUInt32LE(crc32(data), 14);
		header.writeUInt32LE(entry.localSize ?? packed.length, 18);
		header.writeUInt32LE(data.length, 22);
	}
	header.writeUInt16LE(name.length, 26);
	return Buffer.concat([header, name, packed, late ? descriptorOf(entry, data, packed) : Buffer.alloc(0)]);
}

function descriptorOf({ descriptor }: TestEntry, data: Buffer, packed: Buffer): Buffer {
	const wide = descriptor === "64";
	const bytes = Buffer.alloc(wide ? 24 : 16);
	bytes.writeUInt32LE(0x08074b50, 0);
	bytes.writeUInt32LE(crc32(data), 4);
	if (wide) bytes.writeBigUInt64LE(BigInt(packed.length), 8);
	else bytes.writeUInt32LE(packed.length, 8);
	if (wide) bytes.writeBigUInt64LE(BigInt(data.length), 16);
	else bytes.writeUInt32LE(data.length, 12);
	return descriptor === "without signature" ? bytes.subarray(4) : bytes;
}

function directoryRecord(entry: TestEntry, data: Buffer, packed: Buffer, offset: number, zip64: boolean): Buffer {
	const name = Buffer.from(entry.name);
	const record = Buffer.alloc(46);
	record.writeUInt32LE(0x02014b50, 0);
	record.writeUInt16LE(20, 4);
	record.writeUInt16LE(20, 6);
	record.writeUInt16LE((entry.descriptor ? 8 : 0) | (entry.encrypted ? 1 : 0), 8);
	record.writeUInt16LE(entry.method ?? (entry.deflate ? 8 : 0), 10);
	record.writeUInt32LE(crc32(data), 16);
	record.writeUInt32LE(zip64 ? 0xffffffff : (entry.directorySize ?? packed.length), 20);
	record.writeUInt32LE(zip64 ? 0xffffffff : data.length, 24);
	record.writeUInt16LE(name.length, 28);
	record.writeUInt16LE(zip64 ? 28 + 6 : 0, 30);
	record.writeUInt32LE(zip64 ? 0xffffffff : offset, 42);
	if (!zip64) return Buffer.concat([record, name]);
	const extra = Buffer.alloc(34);
	extra.writeUInt16LE(0xcafe, 0);
	extra.writeUInt16LE(2, 2);
	extra.writeUInt16LE(1, 6);
	extra.writeUInt16LE(24, 8);
	extra.writeBigUInt64LE(BigInt(data.length), 10);
	extra.writeBigUInt64LE(BigInt(packed.length), 18);
	extra.writeBigUInt64LE(BigInt(offset), 26);
	return Buffer.concat([record, name, extra]);
}

function endRecords(count: number, size: number, offset: number, archive: TestArchive): Buffer {
	const comment = Buffer.from(archive.comment ?? "");
	const end = Buffer.alloc(22);
	end.writeUInt32LE(0x06054b50, 0);
	end.writeUInt16LE(count, 8);
	end.writeUInt16LE(count, 10);
	end.writeUInt32LE(archive.zip64 ? 0xffffffff : size, 12);
	end.writeUInt32LE(archive.zip64 ? 0xffffffff : offset, 16);
	end.writeUInt16LE(comment.length, 20);
	if (!archive.zip64) return Buffer.concat([end, comment]);
	const wide = Buffer.alloc(56);
	wide.writeUInt32LE(0x06064b50, 0);
	wide.writeBigUInt64LE(44n, 4);
	wide.writeBigUInt64LE(BigInt(count), 24);
	wide.writeBigUInt64LE(BigInt(count), 32);
	wide.writeBigUInt64LE(BigInt(size), 40);
	wide.writeBigUInt64LE(BigInt(offset), 48);
	const locator = Buffer.alloc(20);
	locator.writeUInt32LE(0x07064b50, 0);
	locator.writeBigUInt64LE(BigInt(offset + size), 8);
	locator.writeUInt32LE(1, 16);
	return Buffer.concat([wide, locator, end, comment]);
}

/** An archive by a real program. `streamed` entries have their sizes behind the data. */
export async function realZip(
	entries: readonly { name: string; data: Uint8Array | string; compress?: boolean; streamed?: boolean }[],
	options: { readonly forceZip64Format?: boolean } = {},
): Promise<Buffer> {
	const zip = new ZipFile();
	for (const { name, data, compress = true, streamed = false } of entries) {
		const bytes = Buffer.from(data);
		if (streamed) zip.addReadStreamLazy(name, { compress, ...options }, (take) => take(null, Readable.from([bytes])));
		else zip.addBuffer(bytes, name, { compress, ...options });
	}
	zip.end({ forceZip64Format: options.forceZip64Format ?? false, comment: "" });
	const chunks: Buffer[] = [];
	for await (const chunk of zip.outputStream) chunks.push(Buffer.from(chunk));
	return Buffer.concat(chunks);
}

export function pomProperties(group: string, artifact: string, version: string): { name: string; data: string } {
	return {
		name: `META-INF/maven/${group}/${artifact}/pom.properties`,
		data: `#Generated by Maven\n#Mon Jan 01 00:00:00 UTC 2024\nversion=${version}\ngroupId=${group}\nartifactId=${artifact}\n`,
	};
}
