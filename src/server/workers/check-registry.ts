/** Looks whether registries answer. Each check has its own short time, so that one which hangs delays no other. */
import type { ConnectionCheck, Id } from "#contract";
import type { Clock } from "../ports/clock.ts";
import type { Connector, RegistryAccess } from "../ports/connector.ts";
import type { JobQueue } from "../ports/queue.ts";
import type { RegistryStore } from "../ports/registries.ts";

export interface CheckDeps {
	readonly registries: RegistryStore;
	readonly connectTo: (access: RegistryAccess) => Connector;
	readonly clock: Clock;
}

/** They wait for the network nearly all of their time. */
const atOnce = 16;
/** In one round of the scheduler; the others are due in the next. */
const mostDue = 500;

export function workChecks(queue: Pick<JobQueue, "work">, deps: CheckDeps): Promise<void> {
	return queue.work("check-registry", atOnce, async ({ registryId }, { signal }) => {
		await checkRegistry(registryId, { decisive: false }, deps, signal);
	});
}

/** Makes a job for each registry whose check is due. Gives how many. */
export async function enqueueDueChecks(deps: {
	readonly registries: Pick<RegistryStore, "dueForCheck">;
	readonly queue: Pick<JobQueue, "send">;
	readonly clock: Clock;
}): Promise<number> {
	let made = 0;
	for (const registryId of await deps.registries.dueForCheck(deps.clock(), mostDue)) {
		if (await deps.queue.send("check-registry", { registryId }, { priority: 0, key: `check/${registryId}` })) made++;
	}
	return made;
}

/** Checks and keeps the result; null when there is no such registry (any more). `decisive`: a person asked, it counts at once. */
export async function checkRegistry(
	id: Id,
	{ decisive }: { readonly decisive: boolean },
	{ registries, connectTo, clock }: CheckDeps,
	signal: AbortSignal,
): Promise<ConnectionCheck | null> {
	const connector = await open(id, registries, connectTo);
	if (connector === null) return null;
	const check = "ok" in connector ? connector : await connector.check(signal);
	// The process ends: that says nothing about the registry.
	signal.throwIfAborted();
	return (await registries.recordHealth(id, check, clock(), decisive)) && check;
}

async function open(
	id: Id,
	registries: RegistryStore,
	connectTo: CheckDeps["connectTo"],
): Promise<Connector | ConnectionCheck | null> {
	try {
		const access = await registries.access(id);
		return access && connectTo(access);
	} catch (thrown) {
		const known = unusable(thrown);
		if (known === null) throw thrown;
		return { ok: false, state: "failing", ...known, catalog: "unknown", version: null, milliseconds: 0 };
	}
}

const unusableCodes: ReadonlySet<unknown> = new Set([
	"key_missing",
	"database_damaged",
	"unprocessable",
	"registry_tls",
]);

/** What keeps us from even asking: credentials that do not open, settings that no longer do. */
function unusable(thrown: unknown): { readonly reason: string; readonly hint: string } | null {
	if (!(thrown instanceof Error) || !("code" in thrown) || !("hint" in thrown)) return null;
	const { hint, message } = thrown;
	return unusableCodes.has(thrown.code) && typeof hint === "string" ? { reason: message, hint } : null;
}
