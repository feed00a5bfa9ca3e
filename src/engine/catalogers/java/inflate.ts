import { Buffer } from "node:buffer";
import { inflateRawSync } from "node:zlib";
import { Inflate } from "fflate";
import { type Budget, limits } from "./limits.ts";

/** ZIP compression methods (APPNOTE 4.4.5). */
export const stored = 0;
export const deflated = 8;

/** The bytes of a small file; a text says why there are none. Bytes behind the end of the compressed data do not matter. */
export function inflateFile(bytes: Uint8Array, method: number, budget: Budget): Uint8Array | string {
	if (method === stored) return bytes;
	if (method !== deflated) return "is compressed in a way that Java cannot read";
	const room = Math.min(limits.fileSize, budget.inflatedBytes);
	if (room <= 0) return spent;
	const inflated = inOneGo(bytes, room);
	if (inflated === "too large") return "is larger than a file of its kind can be";
	if (inflated === null) return "has compressed data that are broken";
	budget.inflatedBytes -= inflated.length;
	return inflated;
}

function inOneGo(bytes: Uint8Array, room: number): Buffer | "too large" | null {
	try {
		return inflateRawSync(bytes, { maxOutputLength: Math.max(1, room) });
	} catch (error) {
		return isTooLarge(error) ? "too large" : null;
	}
}

function isTooLarge(error: unknown): boolean {
	return error instanceof RangeError && (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
}

/** Inflates the data of one entry; `end` gives what went wrong, null when nothing did. */
export interface Inflater {
	write(bytes: Uint8Array): void;
	end(): string | null;
}

/** Hands on what it gets. */
export function passOn(target: (bytes: Uint8Array) => void): Inflater {
	return { write: target, end: () => null };
}

/**
 * Inflates an archive within an archive. Small ones are collected and inflated natively in one go; those that turn out
 * large, before or after, piece by piece with a window of 32 KiB (fflate; Node has no such call that does not wait).
 */
export function inflater(target: (bytes: Uint8Array) => void, budget: Budget): Inflater {
	let held: Uint8Array[] = [];
	let heldLength = 0;
	let pieces: Inflater | null = null;

	function byPieces(): Inflater {
		const started = inflateByPieces(target, budget);
		for (const part of held) started.write(part);
		held = [];
		return started;
	}

	return {
		write(bytes) {
			if (pieces === null && heldLength + bytes.length > limits.oneGo) pieces = byPieces();
			if (pieces !== null) return pieces.write(bytes);
			held.push(Uint8Array.from(bytes));
			heldLength += bytes.length;
		},
		end() {
			if (pieces !== null) return pieces.end();
			const inflated = inOneGo(Buffer.concat(held), Math.min(limits.oneGoInflated, budget.inflatedBytes));
			if (inflated === null) return "has compressed data that are broken";
			if (inflated === "too large") return byPieces().end();
			budget.inflatedBytes -= inflated.length;
			target(inflated);
			return null;
		},
	};
}

const spent = "is behind the most that is inflated of one file";

/** fflate keeps what it cannot use yet: no well-formed block is longer than this without giving anything. */
const silentLimit = 1024 * 1024;

/** Small pieces bound what one push can inflate: at most some thousand times as much. */
const pieceSize = 32 * 1024;

function inflateByPieces(target: (bytes: Uint8Array) => void, budget: Budget): Inflater {
	let fault: string | null = budget.inflatedBytes > 0 ? null : spent;
	let taken = 0;
	let given = 0;
	let silent = 0;
	const stream = new Inflate((bytes) => {
		if (bytes.length > 0) silent = 0;
		given += bytes.length;
		budget.inflatedBytes -= bytes.length;
		target(bytes);
	});

	function push(bytes: Uint8Array): void {
		taken += bytes.length;
		silent += bytes.length;
		try {
			stream.push(bytes);
		} catch {
			fault = "has compressed data that are broken";
		}
		if (silent > silentLimit) fault ??= "has compressed data that end too early";
		if (given > limits.ratioFrom && given > taken * limits.ratio) fault ??= "inflates to a suspicious size";
		if (budget.inflatedBytes <= 0) fault ??= spent;
	}

	return {
		write(bytes) {
			for (let at = 0; at < bytes.length && fault === null; at += pieceSize) push(bytes.subarray(at, at + pieceSize));
		},
		end: () => fault,
	};
}
