import type { Finding, FindingState } from "#model";
import { printable } from "./printable.ts";

const stateWords: Readonly<Record<FindingState, string>> = {
	fixed: "fixed, version not told",
	affected: "no fix yet",
	wont_fix: "will not be fixed",
	deferred: "fix deferred",
	end_of_life: "end of life, no fix",
	under_investigation: "under investigation",
};

/** What can be done about a finding, in a few words; printable. */
export function fixText({ fixedVersion, state }: Pick<Finding, "fixedVersion" | "state">): string {
	return fixedVersion === null ? stateWords[state] : `fixed in ${printable(fixedVersion)}`;
}
