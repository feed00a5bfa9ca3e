import type { Jobs } from "#contract";
import type { Connector } from "../ports/connector.ts";
import type { SyncSettings } from "../ports/sync.ts";
import { readCursor } from "./cursor.ts";
import type { SyncDeps } from "./deps.ts";
import { settingsFault } from "./fault.ts";
import { isRepositoryName } from "./names.ts";
import { syncWhole } from "./registry.ts";
import { openTags, syncRepository } from "./repository.ts";
import { turnstile } from "./turnstile.ts";

/** Requests at a time of a job that looks at one repository, beside a pass over all of them. */
const parallel = 2;
/** Tags that such a job asks for again at most, besides those that the notifications named. */
const mostRechecked = 500;
/** Notifications that come while it looks make it look again, at once so often. */
const mostLooks = 3;

/**
 * Brings what is known of a registry, or of one of its repositories, up to date. Repeatable, and may be cut off anywhere.
 * Throws a `RegistryFault` only for a single repository: `lastAttempt` then gives the notices up.
 */
export async function syncRegistry(
	{ registryId, repository }: Jobs["sync-registry"],
	deps: SyncDeps & { readonly signal: AbortSignal; readonly lastAttempt?: boolean },
): Promise<void> {
	const settings = await deps.sync.settings(registryId);
	if (!settings) return;
	const { signal } = deps;
	if (repository !== undefined) return syncOne(settings, repository, deps, deps.lastAttempt ?? false);
	await deps.sync.exclusively(registryId, async (lost) => {
		// Read again under the lock: the pass before may have just ended.
		const current = await deps.sync.settings(registryId);
		if (current) await syncWhole(current, deps, AbortSignal.any([signal, lost]));
	});
}

async function syncOne(
	settings: SyncSettings,
	repository: string,
	deps: SyncDeps & { readonly signal: AbortSignal },
	lastAttempt: boolean,
): Promise<void> {
	const { registryId } = settings;
	for (let looks = 0; looks < mostLooks; looks++) {
		const notice = await deps.sync.noticed(registryId, repository);
		if (looks > 0 && !notice) return;
		try {
			if (isRepositoryName(repository)) await lookAt(settings, repository, new Set(notice?.tags), deps);
		} catch (error) {
			if (notice && lastAttempt) await deps.sync.settle(registryId, repository, notice.seenAs);
			throw error;
		}
		if (notice) await deps.sync.settle(registryId, repository, notice.seenAs);
	}
}

async function lookAt(
	settings: SyncSettings,
	name: string,
	tags: ReadonlySet<string>,
	deps: SyncDeps & { readonly signal: AbortSignal },
): Promise<void> {
	const { registryId } = settings;
	const { signal, writer, clock } = deps;
	const connector = await deps.connectorFor(registryId).catch((thrown: unknown) => {
		throw settingsFault(thrown);
	});
	if (settings.repositories && !(await isListed(connector, name, signal))) return;
	const { first } = readCursor(settings.cursor, clock());
	const look = { deps, settings, connector, signal, turn: turnstile(parallel), first };
	const list = await openTags(look, name);
	// That a repository is gone is for a pass over all of them to conclude.
	if (!list) return;
	const [repository] = await writer.seeRepositories(registryId, [name], clock());
	if (!repository) return;
	const known = await writer.knownTags(repository.id);
	const questions = [...known.values()].map(({ resolvedAt }) => resolvedAt.getTime()).sort((one, other) => one - other);
	const recheckBefore = new Date(questions[Math.min(mostRechecked, questions.length) - 1] ?? 0);
	await syncRepository(look, repository, list, { recheckBefore, tags });
}

/** The list that an administrator gave, in the names that the connector makes of it: nothing is asked of the registry. */
async function isListed(connector: Connector, name: string, signal: AbortSignal): Promise<boolean> {
	for await (const { names } of connector.repositories(null, signal)) if (names.includes(name)) return true;
	return false;
}
