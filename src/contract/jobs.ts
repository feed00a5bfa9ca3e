/** Payloads of the queue. Small: what a job needs it reads from the store when it begins. */
import type { Id } from "./basics.ts";

export interface Jobs {
	/** Reads one image, or the children of one index together. */
	readonly "scan-group": { readonly groupId: Id };
	/** Brings what we know of a registry up to date; with `repository`, of that one alone. */
	readonly "sync-registry": { readonly registryId: Id; readonly repository?: string };
	readonly "check-registry": { readonly registryId: Id };
	/** Fetches new advisories; then `evaluate-advisories` follows. */
	readonly "update-advisories": { readonly requestedBy: string | null };
	readonly "evaluate-advisories": Record<string, never>;
	/** Drops what is past its time: events, logs, sessions, gone artifacts. */
	readonly prune: Record<string, never>;
}
export type JobKind = keyof Jobs;
