import type { JobKind, ScanState } from "#contract";

/** What the service looks like as a whole, for those who watch it. Cheap: each is one query over an index or a small table. */
export interface ServiceFigures {
	/** Null: the database answers and its schema is this program's. Else what is wrong, without secrets. */
	database(): Promise<string | null>;
	/** The advisories that results are of; null when there are none yet. */
	advisories(): Promise<{ readonly builtAt: string; readonly kind: string } | null>;
	artifactsByState(): Promise<Readonly<Partial<Record<ScanState, number>>>>;
	registries(): Promise<readonly { readonly name: string; readonly health: string }[]>;
	/** Of the queue. */
	jobs(): Promise<Readonly<Partial<Record<JobKind, { readonly waiting: number; readonly running: number }>>>>;
}
