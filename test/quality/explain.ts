/** Differences on purpose: rules with exact counts, and what no rule explains. Pure. */
import type { Difference, DifferenceKind } from "./compare.ts";

export interface DeliberateDifference {
	readonly image: string;
	readonly kind: DifferenceKind;
	/** Exactly how many; `any` where what is compared changes with Debian's archive. */
	readonly count: number | "any";
	/** Why they differ, and who is right. */
	readonly rule: string;
	readonly explains: (difference: Difference) => boolean;
}

/** How many lines of one kind a failing test shows. */
const shown = 30;

/**
 * What the rules do not explain, as lines for people: differences without a rule, and rules that explain another number
 * than they say. Empty when all is as it should be. The first rule that fits a difference explains it.
 */
export function complaintsAbout(
	image: string,
	differences: readonly Difference[],
	rules: readonly DeliberateDifference[],
): readonly string[] {
	const candidates = rules.filter((rule) => rule.image === image);
	const explained = new Map<DeliberateDifference | null, Difference[]>();
	for (const difference of differences) {
		const rule = candidates.find(({ kind, explains }) => kind === difference.kind && explains(difference)) ?? null;
		const list = explained.get(rule);
		if (list) list.push(difference);
		else explained.set(rule, [difference]);
	}
	const miscounted = candidates.flatMap((rule) => {
		const found = explained.get(rule)?.length ?? 0;
		return rule.count === "any" || rule.count === found
			? []
			: [`${rule.kind}: ${found} instead of ${rule.count} × ${rule.rule}`];
	});
	const unexplained = [...Map.groupBy(explained.get(null) ?? [], ({ kind }) => kind).values()].flatMap((list) => [
		...list.slice(0, shown).map(describeDifference),
		...(list.length > shown ? [`… and ${list.length - shown} more of "${list[0]?.kind}"`] : []),
	]);
	return [...miscounted, ...unexplained];
}

function describeDifference({ kind, type, name, version, id, ours, theirs }: Difference): string {
	const place = [kind, type, name, version, id].filter(Boolean).join(" ");
	if (id === "") return place;
	const fixed = theirs.map((claim) => `"${claim.fixed}"`).join(" or ") || "-";
	if (kind === "severity")
		return `${place}: ${ours?.severity} (${ours?.severitySource}), the other ${theirs.map((claim) => claim.severity).join(" or ")}`;
	return `${place}: fixed in ${ours ? (ours.fixedVersion ?? "nothing") : "-"}, the other ${fixed}`;
}
