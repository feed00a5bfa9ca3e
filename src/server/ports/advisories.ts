import type { AdvisoriesInfo } from "#contract";

/** The advisories that results are judged by. */
export interface AdvisoryService {
	info(): Promise<AdvisoriesInfo>;
	updateBegan(): Promise<void>;
	/** `error` is for people; null when it went well. */
	updateEnded(error: string | null): Promise<void>;
	/**
	 * Brings all results to the current snapshot; true when there was something to do. Can be broken off at any moment and
	 * is then repeated whole. @throws EngineError advisories_missing: there is none yet
	 */
	evaluate(signal: AbortSignal): Promise<boolean>;
}

/** Fetches new advisories and makes them the current snapshot; main binds it to network, folder and sources. */
export type FetchAdvisories = (
	signal: AbortSignal,
) => Promise<{ readonly digest: string; readonly failures: readonly string[] }>;
