/**
 * A registry's health, with hysteresis: one bad answer means nothing. It turns bad after three failures in a row and good
 * after two successes; between kinds of bad it changes at once.
 */
import type { Transaction } from "kysely";
import type { HealthState, Id, RegistryHealth } from "#contract";
import type { HealthFound } from "#server";
import type { Db } from "../database.ts";
import { publishIn } from "../events/publish.ts";
import type { Database } from "../schema.ts";

const failuresToTurn = 3;
const successesToTurn = 2;
const usualPause = 60_000;
const longestPause = 300_000;

export interface KnownHealth {
	readonly state: HealthState;
	readonly reason: string | null;
	readonly since: Date | null;
	/** Checks in a row that say the opposite. */
	readonly against: number;
}

/** What is known after one more check. */
export function healthAfter(known: KnownHealth, found: HealthFound, at: Date, decisive: boolean): KnownHealth {
	const reason = found.ok ? null : [found.reason, found.hint].filter((text) => text !== null).join(" ") || null;
	const turned: KnownHealth = { state: found.state, reason, since: at, against: 0 };
	if (decisive || known.state === "unknown")
		return known.state === found.state ? { ...turned, since: known.since ?? at } : turned;
	const wasGood = known.state === "healthy";
	if (wasGood === found.ok) {
		if (known.state === found.state) return { ...known, reason, against: 0 };
		return { ...turned, since: known.since ?? at };
	}
	const against = known.against + 1;
	return against >= (wasGood ? failuresToTurn : successesToTurn) ? turned : { ...known, against };
}

/** Every minute; a registry that stays bad is asked less and less often. Some chance, so that not all are asked at once. */
export function nextCheck({ state, since, against }: KnownHealth, at: Date, random = Math.random): Date {
	const turning = against > 0 || state === "healthy" || since === null;
	const bad = turning ? 0 : (at.getTime() - since.getTime()) / 2;
	const pause = Math.min(longestPause, Math.max(usualPause, bad));
	return new Date(at.getTime() + pause * (0.9 + 0.2 * random()));
}

/** In one transaction with the event that tells of a change. */
export async function recordHealth(
	db: Db,
	id: Id,
	found: HealthFound,
	at: Date,
	decisive: boolean,
): Promise<RegistryHealth | null> {
	return db.transaction().execute(async (tx) => {
		const row = await tx
			.selectFrom("registries")
			.select(["name", "health", "health_reason", "health_since", "health_against"])
			.where("id", "=", id)
			.forNoKeyUpdate()
			.executeTakeFirst();
		if (!row) return null;
		const known: KnownHealth = {
			state: row.health as HealthState,
			reason: row.health_reason,
			since: row.health_since,
			against: row.health_against,
		};
		const after = healthAfter(known, found, at, decisive);
		await tx
			.updateTable("registries")
			.set({
				health: after.state,
				health_reason: after.reason,
				health_since: after.since,
				health_against: after.against,
				health_checked_at: at,
				health_next_at: nextCheck(after, at),
			})
			.where("id", "=", id)
			.execute();
		if (after.state !== known.state) await tell(tx, id, row.name, after);
		return {
			state: after.state,
			reason: after.reason,
			since: after.since?.toISOString() ?? null,
			checkedAt: at.toISOString(),
		};
	});
}

async function tell(tx: Transaction<Database>, id: Id, name: string, { state, reason }: KnownHealth): Promise<void> {
	const body = { type: "registry.health", registryId: id, name, state, reason } as const;
	await publishIn(tx, [{ spaceId: null, audience: "administrators", body }]);
}
