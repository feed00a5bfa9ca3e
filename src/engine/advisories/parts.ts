import type { DatabaseWriter, Feed, RecordSource } from "./database/writer.ts";

/** What is fetched and stored on its own, so that its failure touches nothing else: an OSV ecosystem, another feed. */
export interface PartRun extends RecordSource {
	/** For progress and messages: `npm`, `nvd 2024`. */
	readonly name: string;
	/** Gets all its files ready to be read. Throws an EngineError that says why that cannot be. */
	fetch(): Promise<void>;
	/**
	 * Adds its records. What was added before it throws is forgotten by the caller.
	 * Null when the source has nothing under this name, which is no failure.
	 */
	store(writer: DatabaseWriter): Promise<Feed | null>;
	/** Called when its content turned out to be broken, so that the next update fetches it again. */
	reject(): Promise<void>;
	/**
	 * Whether records on an ecosystem of an older database may be its own, although they are filed under another part:
	 * a record that stands in several files is filed under the first. Left out where no record does.
	 */
	readonly holds?: (ecosystem: string) => boolean;
	/** What older records say of other ecosystems is not taken over: this update does not take them. */
	readonly keeps: (ecosystem: string) => boolean;
}

/** An older database whose records stand in for what cannot be read, or has not changed. */
export interface Previous {
	readonly path: string;
	/** Those that may stand in for the feeds of this update: of the same kind and, for OSV, from the same source. */
	readonly feeds: readonly Feed[];
	/** Under which choice its OSV records were read (osv-changes.ts); null when not all were read under the same. */
	readonly taken: string | null;
}
