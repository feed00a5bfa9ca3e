import type { OsFact } from "../types.ts";

/** What a release file says, with what only the end of life is worked out from. */
export interface ReleaseFact extends OsFact {
	/** os-release `SUPPORT_END`, `YYYY-MM-DD`: the first day without support (os-release(5)). */
	readonly supportEnd?: string;
}

/** A file that should say something of the operating system and cannot be read; the reason is a sentence for people. */
export interface ReleaseFault {
	readonly fault: string;
}

/** Null when the file says nothing, and need not. */
export type ReadRelease = (text: string, path: string) => ReleaseFact | ReleaseFault | null;
