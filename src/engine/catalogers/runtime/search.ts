import { Buffer } from "node:buffer";
import { patternSpan } from "./programs.ts";

/** Looks for a pattern in a stream. */
export interface PatternSearch {
	write(chunk: Uint8Array): void;
	/** What the first match captures; null when there is none so far. */
	found(): string | null;
}

/** Finds the first match of a pattern in a stream as Latin-1 text, holding no more of it than a match is long. */
export function searchPattern(pattern: RegExp): PatternSearch {
	let tail = "";
	let found: string | null = null;
	return {
		write(chunk) {
			if (found !== null) return;
			const text = tail + latin1(chunk);
			found = pattern.exec(text)?.[1] ?? null;
			tail = found === null ? text.slice(-patternSpan) : "";
		},
		found: () => found,
	};
}

/** Each byte as one character. */
export function latin1(bytes: Uint8Array): string {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}
