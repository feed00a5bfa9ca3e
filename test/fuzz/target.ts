import type { Random } from "./random.ts";

/** One parser under fuzz. */
export interface FuzzTarget {
	/** `<folder>/<variant>`, with what is read of several things behind a colon: `catalogers/rpm:ndb`. */
	readonly name: string;
	/** Inputs to begin with: well-formed ones, and what is known to be nasty. Made once, when the target runs. */
	readonly seeds: () => readonly Uint8Array[];
	/** Words that the parser knows. */
	readonly words?: readonly string[];
	/** `json` inputs are changed as trees, too. */
	readonly format?: "json";
	/** Bytes of an input; 64 KiB when not given. */
	readonly mostBytes?: number;
	/** Makes a changed input pass the outer checks (checksums, an envelope) so that what lies behind them is reached. */
	readonly mend?: (input: Uint8Array, random: Random) => Uint8Array;
	/**
	 * Parses. Errors that the parser declares are caught here; whatever comes out is a failure. `random` depends on the input
	 * alone.
	 */
	readonly run: (input: Uint8Array, random: Random) => void | Promise<void>;
}

export const defaultMostBytes = 64 * 1024;

/** A promise that a parser broke other than by throwing. */
export class Broken extends Error {}

/** Fails the target unless `holds`. */
export function hold(holds: boolean, promise: () => string): void {
	if (!holds) throw new Broken(promise());
}

const controlCharacter = /\p{Cc}/u;

/** A text for people or for look-ups: of a sane length and without control characters. */
export function holdText(text: unknown, what: string, most: number): void {
	hold(typeof text === "string", () => `${what} is no text but ${typeof text}`);
	const value = text as string;
	hold(value.length <= most, () => `${what} has ${value.length} characters, more than ${most}`);
	hold(!controlCharacter.test(value), () => `${what} has a control character: ${JSON.stringify(value.slice(0, 200))}`);
}
