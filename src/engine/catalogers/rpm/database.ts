import type { Buffer } from "node:buffer";
import type { StoredFile } from "./stored-file.ts";

/** What a reader of one form of rpm's database finds, in the order of the file. */
export type DatabaseItem =
	/**
	 * A package header as rpm keeps it, without magic, by its number in the database; `cut` says in words why its end is
	 * missing or doubtful. Valid until the next item.
	 */
	| { readonly header: Buffer; readonly number: number; readonly cut?: string }
	/** Something that may hide packages; begins with where it is: `page 12 lies outside the file`. */
	| { readonly fault: string };

/** Reads all package headers. Never throws; time and memory are bounded by the file's length. */
export type DatabaseReader = (file: StoredFile) => Generator<DatabaseItem>;

/** Marks pages that were read: each belongs to one place only, so a second reading is a loop or a bomb. */
export class SeenPages {
	private readonly seen: Uint8Array;

	constructor(pages: number) {
		this.seen = new Uint8Array(pages + 1);
	}

	/** False when the page was marked before or is none of the file's. */
	mark(page: number): boolean {
		if (this.seen[page] !== 0) return false;
		this.seen[page] = 1;
		return true;
	}
}
