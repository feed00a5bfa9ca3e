import type { SyncPatch } from "../ports/sync.ts";
import type { SyncDeps } from "./deps.ts";

/** Twice a second is as fast as people read. */
const pause = 500;

export interface SyncProgress {
	/** At once when something other than the numbers changes, else when it is time. */
	tell(patch: SyncPatch & { readonly done: number; readonly total: number | null }): Promise<void>;
}

export function syncProgress(deps: SyncDeps, registryId: string, name: string): SyncProgress {
	let toldAt = Number.NEGATIVE_INFINITY;
	let state: NonNullable<SyncPatch["state"]> = "running";
	return {
		async tell(patch) {
			const now = deps.clock().getTime();
			const changes = patch.state !== undefined || patch.cursor !== undefined;
			const isTime = now - toldAt >= pause;
			state = patch.state ?? state;
			if (changes || isTime) await deps.sync.record(registryId, patch);
			if (patch.state === undefined && !isTime) return;
			toldAt = now;
			const { done, total } = patch;
			const body = { registryId, name, state, repositoriesDone: done, repositoriesTotal: total };
			await deps.events.publish([
				{ spaceId: null, audience: "administrators", body: { type: "registry.sync", ...body } },
			]);
		},
	};
}
