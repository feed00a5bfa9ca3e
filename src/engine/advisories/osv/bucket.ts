/**
 * The layout of the OSV bucket: `ecosystems.txt` with one name a line, and `<Ecosystem>/all.zip`.
 * https://google.github.io/osv.dev/data/#data-dumps
 */
import { EngineError } from "../../errors.ts";

/** The bucket of osv.dev, over HTTPS. */
export const publicOsvBucket = "https://osv-vulnerabilities.storage.googleapis.com";

/** A bucket as a folder or behind HTTP. */
export interface Bucket {
	/** How it is called in messages and in the database. */
	readonly location: string;
	/** The ecosystems that it lists; null when it does not list any (they are then tried by name). */
	list(): Promise<readonly string[] | null>;
	/** Makes the zip of an ecosystem readable as a local file; null when there is none. */
	fetchZip(ecosystem: string): Promise<BucketZip | null>;
	/** The text of `<Ecosystem>/modified_id.csv`; null when there is none. Where it is missing, zips are always read whole. */
	modified?(ecosystem: string): Promise<ModifiedList | null>;
	/** One record; null when there is none of that id. */
	record?(ecosystem: string, id: string): Promise<unknown>;
	/** Removes a file whose content turned out to be broken, so that the next update fetches it again. */
	reject(zip: BucketZip): Promise<void>;
	/** Called when the update has succeeded: what was kept for resuming may go. */
	release(): Promise<void>;
}

export interface BucketZip {
	/** The local file. */
	readonly path: string;
	readonly url: string;
	/** RFC 3339; when it was read or fetched. */
	readonly fetchedAt: string;
}

export interface ModifiedList {
	readonly text: string;
	readonly url: string;
	/** RFC 3339. */
	readonly fetchedAt: string;
}

/** The name without its release: `Debian` of `Debian:12`. */
export function baseOf(ecosystem: string): string {
	const colon = ecosystem.indexOf(":");
	return colon < 0 ? ecosystem : ecosystem.slice(0, colon);
}

/**
 * Which zips to take of a bucket that lists `listed`, in order of name: those whose base is wanted.
 * `Debian` holds all that `Debian:12` holds, so where both are listed the releases are left out.
 */
export function chooseEcosystems(listed: readonly string[], wanted: readonly string[]): readonly string[] {
	const bases = new Set(wanted);
	const known = new Set(listed.filter((name) => isPlainName(name) && bases.has(baseOf(name))));
	return [...known].filter((name) => name === baseOf(name) || !known.has(baseOf(name))).sort();
}

/** Names become paths: no separators, no dots alone, no control characters. */
export function isPlainName(name: string): boolean {
	return name.length <= 200 && /^[A-Za-z0-9][A-Za-z0-9 .:_+()-]*$/.test(name);
}

/** The lines of `ecosystems.txt`. */
export function parseEcosystems(text: string): readonly string[] {
	return text
		.split("\n")
		.map((line) => line.trim())
		.filter((line) => line !== "");
}

/** No feed was found at all. */
export function nothingWanted(location: string, wanted: readonly string[]): EngineError {
	return new EngineError(
		"advisories_source_unusable",
		`${location} has no advisories for any of ${wanted.join(", ")}.`,
		"Give a folder or URL with the layout of the OSV bucket: `<Ecosystem>/all.zip`.",
	);
}
