import type { Warning } from "#model";
import type { AdvisoryStore } from "./ports.ts";

const day = 86_400_000;

/** Feeds change daily; a week without an update misses what was published since. */
const staleAfterDays = 7;

/** A feed whose youngest record is older than this has probably stopped, or the mirror has. */
const oldAfterDays = 180;

/** What a reader must know of the advisories' age before trusting a report made with them. */
export function adviceOnAdvisories(store: AdvisoryStore, used: ReadonlySet<string>, now: Date): Warning[] {
	const { builtAt, sources } = store.snapshot;
	const warnings: Warning[] = [];
	if (store.kind === "starter") {
		const records = sources.reduce((sum, source) => sum + source.records, 0);
		const message = `The advisories are Plimsoll's starter set (${records} records, made for the demo): they say next to nothing about this image. Run plimsoll db update.`;
		return [{ code: "advisories_starter_set", message }];
	}
	const age = Math.floor((now.getTime() - Date.parse(builtAt)) / day);
	if (age >= staleAfterDays) {
		const message = `The advisory database is ${age} days old (built ${builtAt.slice(0, 10)}): vulnerabilities published since are missing. Run plimsoll db update.`;
		warnings.push({ code: "advisories_stale", message });
	}
	const old = sources.filter((s) => used.has(s.ecosystem) && now.getTime() - Date.parse(s.newest) > oldAfterDays * day);
	if (old.length > 0) {
		const feeds = old.map((source) => `${source.ecosystem} (${source.newest.slice(0, 10)})`).join(", ");
		const message = `The youngest record is more than ${oldAfterDays} days old in: ${feeds}. The feed may have stopped.`;
		warnings.push({ code: "advisories_old", message });
	}
	return warnings;
}
