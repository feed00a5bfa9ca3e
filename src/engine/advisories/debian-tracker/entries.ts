/** One vulnerability of one source package in Debian's tracker, release by release. */
import type { Affected, FindingState } from "#model";
import { feedLimits } from "../feed-limits.ts";
import { isAbsent, type JsonObject, Malformed, objectAt, stringAt } from "../json.ts";
import { ecosystemOf } from "./releases.ts";

/**
 * What the tracker says of a package's releases. `onUnknownRelease` hears of releases that have no number here.
 * Throws `Malformed`.
 */
export function affectedOf(
	name: string,
	entry: JsonObject,
	onUnknownRelease: (codeName: string) => void,
): readonly Affected[] {
	const releases = isAbsent(entry["releases"]) ? {} : objectAt(entry["releases"], "releases");
	return Object.entries(releases).flatMap(([codeName, value]) => {
		const ecosystem = ecosystemOf(codeName);
		if (ecosystem === null) {
			onUnknownRelease(codeName);
			return [];
		}
		const release = objectAt(value, `releases.${codeName}`);
		const verdict = verdictOf(release, `releases.${codeName}`);
		if (verdict === null) return [];
		const events = "fixed" in verdict ? [{ introduced: "0" }, { fixed: verdict.fixed }] : [{ introduced: "0" }];
		const word = wordOf(release["urgency"]);
		return [
			{
				ecosystem,
				name,
				ranges: [{ type: "ECOSYSTEM" as const, events }],
				versions: [],
				...(word === null ? {} : { severityWord: word }),
				...("state" in verdict ? { state: verdict.state } : {}),
				ratedBy: "debian",
			},
		];
	});
}

/** Fixed in a version, or not at all; null when the release is not affected. */
function verdictOf(release: JsonObject, path: string): { fixed: string } | { state: FindingState } | null {
	const status = release["status"];
	if (status === "open") return { state: stateOf(release) };
	// Nobody has looked closely yet. Passing it over would show an unknown as clean.
	if (status === "undetermined") return { state: "under_investigation" };
	if (status !== "resolved") throw new Malformed(`${path}.status is none of open, resolved, undetermined`);
	if (isAbsent(release["fixed_version"])) return null;
	const fixed = stringAt(release["fixed_version"], `${path}.fixed_version`, feedLimits.version);
	if (/\s/.test(fixed) || !/\d/.test(fixed)) throw new Malformed(`${path}.fixed_version is no version`);
	return fixed === "0" ? null : { fixed };
}

function stateOf(release: JsonObject): FindingState {
	if (release["urgency"] === "end-of-life") return "end_of_life";
	if (release["nodsa_reason"] === "ignored") return "wont_fix";
	return release["nodsa_reason"] === "postponed" ? "deferred" : "affected";
}

/** Stars mark an urgency that was taken over from elsewhere. `not yet assigned` and `end-of-life` rate nothing. */
function wordOf(urgency: unknown): string | null {
	const word = typeof urgency === "string" ? urgency.replace(/\*+$/, "") : "";
	if (word === "unimportant") return "negligible";
	return word === "low" || word === "medium" || word === "high" ? word : null;
}
