import type { Warning } from "#model";
import { EngineError } from "./errors.ts";
import type { AdvisoryStore } from "./ports.ts";

const day = 86_400_000;

/** Feeds change daily; a week without an update misses what was published since. */
const staleAfterDays = 7;

/** A feed whose youngest record is older than this has probably stopped, or the mirror has. */
const oldAfterDays = 180;

/** Refuses advisories that are older than so many days; null allows every age. Throws `advisories_too_old`. */
export function requireRecent({ snapshot }: AdvisoryStore, mostDays: number | null, now: Date): void {
	const age = now.getTime() - Date.parse(snapshot.builtAt);
	if (mostDays === null || age <= mostDays * day) return;
	throw new EngineError(
		"advisories_too_old",
		`The advisory database is older than the ${mostDays} days that are allowed: it was built ${snapshot.builtAt.slice(0, 10)}.`,
		"Run `plimsoll db update` or `plimsoll db import`, or allow more days with --max-db-age.",
	);
}

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
		const message = `The advisory database is ${age} days old (built ${builtAt.slice(0, 10)}): vulnerabilities published since are missing. Run plimsoll db update, or db import a newer one.`;
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
