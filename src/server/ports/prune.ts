/** Removal of what is past its time. Nothing that is shown changes by it but the end of long histories. */

export interface PruneAges {
	readonly eventDays: number;
	/** Finished scans and their logs; the one that an image shows and its last one stay. */
	readonly scanDays: number;
	readonly scansPerArtifact: number;
	readonly auditDays: number;
	/** The last run of each schedule stays. */
	readonly runDays: number;
	/** Expired API tokens are shown so long. */
	readonly tokenDays: number;
	/** What images hold, when no image and no kept scan holds it any more. */
	readonly inventoryDays: number;
}

export const usualAges: PruneAges = {
	eventDays: 30,
	scanDays: 180,
	scansPerArtifact: 20,
	auditDays: 400,
	runDays: 180,
	tokenDays: 30,
	inventoryDays: 1,
};

export interface Pruner {
	/** In small steps, each by itself whole. How many rows of what. */
	prune(ages: PruneAges, now: Date, signal: AbortSignal): Promise<Readonly<Record<string, number>>>;
}
