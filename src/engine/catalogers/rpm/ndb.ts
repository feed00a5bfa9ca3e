import type { Buffer } from "node:buffer";
import type { DatabaseItem } from "./database.ts";
import type { StoredFile } from "./stored-file.ts";

/**
 * Reads rpm's `Packages.db` of its own "new database" (ndb: SLES 15, openSUSE). All numbers are little-endian.
 * File: magic `RpmP`, version 4, generation 4, pages of slots 4, next number 4, twelve bytes unused; then slots up to
 * the end of their pages, 16 bytes each: magic `Slot`, header number, place (0: a free slot) and length in blocks of 16 bytes.
 * Blob: magic `BlbS`, header number, generation, length; the header; zeros up to a whole block; a checksum, the length
 * once more, magic `BlbE`.
 * https://github.com/rpm-software-management/rpm/blob/9ac6c427d240dca7375dfff596f8a84012c32169/lib/backend/ndb/rpmpkg.c
 */
export const ndbFormat = {
	fileMagic: 0x50_6d_70_52,
	slotMagic: 0x74_6f_6c_53,
	blobStart: 0x53_62_6c_42,
	blobEnd: 0x45_62_6c_42,
	pageSize: 4096,
	fileHeader: 32,
	slotSize: 16,
	blockSize: 16,
	blobHeader: 16,
	blobTail: 12,
} as const;

const { pageSize, slotSize, blockSize, blobHeader, blobTail } = ndbFormat;

export function isNdb(start: Buffer): boolean {
	return start.length >= 4 && start.readUInt32LE(0) === ndbFormat.fileMagic;
}

export function* readNdb(file: StoredFile): Generator<DatabaseItem> {
	const header = file.read(0, ndbFormat.fileHeader);
	const version = header?.readUInt32LE(4);
	if (header === null || version !== 0) {
		yield { fault: header === null ? "byte 0 is cut short" : `byte 4 gives version ${version}, and only 0 is known` };
		return;
	}
	const end = header.readUInt32LE(12) * pageSize;
	// Blobs do not overlap, so that together they are no longer than the file; a hostile file is read no further.
	let budget = file.length;
	for (let at: number = ndbFormat.fileHeader; at < end; at += slotSize) {
		const slot = file.read(at, slotSize);
		if (slot === null) {
			yield { fault: `byte ${at} should be one of ${end / pageSize} pages of slots, and the file is over` };
			return;
		}
		if (slot.readUInt32LE(0) !== ndbFormat.slotMagic) {
			yield { fault: `byte ${at} should begin a slot` };
			continue;
		}
		const number = slot.readUInt32LE(4);
		const block = slot.readUInt32LE(8);
		if (block === 0) continue;
		budget -= slot.readUInt32LE(12) * blockSize;
		if (budget < 0) {
			yield { fault: `byte ${at} gives header ${number} a place that others have` };
			return;
		}
		yield* readBlob(file, number, block * blockSize, slot.readUInt32LE(12) * blockSize);
	}
}

function* readBlob(file: StoredFile, number: number, offset: number, size: number): Generator<DatabaseItem> {
	const blob = file.read(offset, size);
	if (blob === null || size < blobHeader + blobTail) {
		yield { fault: `header ${number} lies outside the file` };
		return;
	}
	if (blob.readUInt32LE(0) !== ndbFormat.blobStart || blob.readUInt32LE(4) !== number) {
		yield { fault: `header ${number} is not where its slot says` };
		return;
	}
	const length = blob.readUInt32LE(12);
	const room = size - blobHeader - blobTail;
	const endLength = blob.readUInt32LE(size - 8);
	const whole = length <= room && endLength === length && blob.readUInt32LE(size - 4) === ndbFormat.blobEnd;
	yield {
		header: blob.subarray(blobHeader, blobHeader + Math.min(length, room)),
		number,
		...(whole ? {} : { cut: "does not end where its slot says" }),
	};
}
