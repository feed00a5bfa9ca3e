/** How each kind of job is tried again. */
import type { JobKind } from "#contract";

export interface KindSettings {
	readonly retryLimit: number;
	/** Seconds before the first new try; each further one waits twice as long, with jitter. */
	readonly retryDelay: number;
	readonly retryDelayMax: number;
}

/** Workers decide themselves when a scan has failed for good; the queue's limit is only there to end somewhere. */
export const kindSettings: Readonly<Record<JobKind, KindSettings>> = {
	"scan-group": { retryLimit: 1_000, retryDelay: 1, retryDelayMax: 60 },
	"sync-registry": { retryLimit: 5, retryDelay: 5, retryDelayMax: 300 },
	"check-registry": { retryLimit: 2, retryDelay: 5, retryDelayMax: 30 },
	"update-advisories": { retryLimit: 3, retryDelay: 30, retryDelayMax: 600 },
	"evaluate-advisories": { retryLimit: 20, retryDelay: 5, retryDelayMax: 300 },
	prune: { retryLimit: 3, retryDelay: 30, retryDelayMax: 600 },
};

export const jobKinds = Object.keys(kindSettings) as readonly JobKind[];

/** Where jobs go that were tried in vain to the end; kept for an administrator to look at. */
export const deadLetters = "dead-letters";
