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
}

/** An older database whose records stand in for what cannot be read, or has not changed. */
export interface Previous {
	readonly path: string;
	readonly feeds: readonly Feed[];
}
