import type { ResultStore } from "#server";
import { type KeepDeps, keepResult } from "./keep.ts";

export { lockEvaluation, shareEvaluation } from "./evaluation-lock.ts";
export { refreshParents } from "./parents.ts";
export { reportSource } from "./reports.ts";

export function resultStore(deps: KeepDeps): ResultStore {
	return { keep: (scanId, contents) => keepResult(scanId, contents, deps) };
}
