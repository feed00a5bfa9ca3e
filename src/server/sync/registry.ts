/** One pass over all repositories of a registry. */
import type { SeenRepository } from "../ports/catalog-writer.ts";
import type { Connector } from "../ports/connector.ts";
import type { SyncSettings } from "../ports/sync.ts";
import { type Round, readCursor, type SyncCursor } from "./cursor.ts";
import type { Look, SyncDeps } from "./deps.ts";
import { asking, RegistryFault, settingsFault } from "./fault.ts";
import { isRepositoryName } from "./names.ts";
import { syncProgress } from "./progress.ts";
import { recheckBefore } from "./recheck.ts";
import { noTags, openTags, syncRepository } from "./repository.ts";
import { eachOf, turnstile } from "./turnstile.ts";

/** Requests to one registry, and repositories, at a time. */
const parallel = 4;
/** More than any registry has; a catalog that does not end stops here. */
const mostRepositories = 200_000;
/** So many failures in a row are the registry's, not the repositories'. */
const mostFaultsInARow = 20;
/** Named in the summary; the others are counted. */
const namedFaults = 3;

/**
 * Goes on where a pass was cut off. What the registry does wrong ends up in `sync_error`; anything else is thrown, and the
 * job is done again.
 */
export async function syncWhole(settings: SyncSettings, deps: SyncDeps, stopped: AbortSignal): Promise<void> {
	const { registryId, name } = settings;
	const now = deps.clock();
	const cursor = readCursor(settings.cursor, now);
	const round = cursor.round ?? (await newRound(settings, deps, now));
	const progress = syncProgress(deps, registryId, name);
	const total = settings.repositories?.length ?? null;
	let place = round;
	const begun: SyncCursor = { ...cursor, round };
	await progress.tell({ state: "running", startedAt: now, done: round.done, total, error: null, cursor: begun });
	// What is still on its way when the pass ends is not waited for.
	const end = new AbortController();
	const signal = AbortSignal.any([stopped, end.signal]);
	try {
		const connector = await deps.connectorFor(registryId).catch((thrown: unknown) => {
			throw settingsFault(thrown);
		});
		const look: Look = { deps, settings, connector, signal, turn: turnstile(parallel), first: cursor.first };
		const done = await pass(look, round, async ({ round: reached, ...numbers }) => {
			if (!reached) return progress.tell(numbers);
			place = reached;
			await progress.tell({ ...numbers, cursor: { ...cursor, round: reached } satisfies SyncCursor });
		});
		const ended: SyncCursor = { first: false, failures: 0, round: null };
		const finishedAt = deps.clock();
		await progress.tell({
			state: "idle",
			finishedAt,
			done: done.count,
			total: done.count,
			error: done.error,
			cursor: ended,
		});
	} catch (thrown) {
		if (!(thrown instanceof RegistryFault)) throw thrown;
		const kept = thrown instanceof LostPlace ? null : place;
		const failed: SyncCursor = { first: cursor.first, failures: cursor.failures + 1, round: kept };
		const finishedAt = deps.clock();
		await progress.tell({
			state: "failed",
			finishedAt,
			done: place.done,
			total,
			error: thrown.message,
			cursor: failed,
		});
	} finally {
		end.abort(new RegistryFault("The pass has ended."));
	}
}

/** The catalog does not go on where it was left. */
class LostPlace extends RegistryFault {}

async function newRound(settings: SyncSettings, deps: SyncDeps, now: Date): Promise<Round> {
	return { startedAt: now, recheckBefore: await recheckBefore(settings, deps.sync, now), from: null, done: 0 };
}

interface Passed {
	readonly count: number;
	readonly error: string | null;
}

type Tell = (patch: { done: number; total: number | null; round?: Round }) => Promise<void>;

async function pass(look: Look, round: Round, tell: Tell): Promise<Passed> {
	const { deps, settings } = look;
	const faults: { readonly name: string; readonly fault: RegistryFault }[] = [];
	let { done } = round;
	let inARow = 0;
	let ended = false;
	const each = async (repository: SeenRepository, isListed: boolean): Promise<void> => {
		try {
			await lookAt(look, repository, round, isListed);
			inARow = 0;
		} catch (error) {
			if (!(error instanceof RegistryFault) || error.whole) throw error;
			faults.push({ name: repository.name, fault: error });
			if (++inARow >= mostFaultsInARow)
				throw new RegistryFault(`${inARow} repositories in a row could not be read: ${error.message}`);
		}
		done++;
		await tell({ done, total: settings.repositories?.length ?? (ended ? done : null) });
	};
	const isDone = ({ syncedAt }: SeenRepository): boolean =>
		syncedAt !== null && syncedAt.getTime() >= round.startedAt.getTime();

	for await (const page of pagesOf(look.connector, round.from, look.signal)) {
		const seen = await deps.writer.seeRepositories(settings.registryId, page.names, deps.clock());
		const rest = seen.filter((repository) => !isDone(repository));
		done += seen.length - rest.length;
		if (done + rest.length > mostRepositories)
			throw new RegistryFault(`Its catalog lists more than ${mostRepositories} repositories.`);
		await eachOf(rest, parallel, (repository) => each(repository, true));
		if (page.next !== null) await tell({ done, total: null, round: { ...round, from: page.next, done } });
	}
	ended = true;
	const unseen = await deps.writer.unseenRepositories(settings.registryId, round.startedAt);
	await eachOf(
		unseen.filter((repository) => !isDone(repository)),
		parallel,
		(repository) => each(repository, false),
	);
	const failed = faults.length;
	// One registry of one forbidden repository is a registry that cannot be read.
	if (failed > 0 && failed === done) throw new RegistryFault(summary(faults, done));
	return { count: done, error: failed === 0 ? null : summary(faults, done) };
}

function summary(faults: readonly { readonly name: string; readonly fault: RegistryFault }[], all: number): string {
	const named = faults.slice(0, namedFaults).map(({ name, fault }) => `${name}: ${fault.message}`);
	const rest = faults.length > namedFaults ? ` (and ${faults.length - namedFaults} more)` : "";
	return `${faults.length} of ${all} repositories could not be read in full. ${named.join(" ")}${rest}`;
}

/**
 * The catalog, or the list that an administrator gave, which is the whole truth: what is not in it is forgotten unasked.
 * What is missing in a catalog is forgotten when the registry does not know it by its name, either.
 */
async function lookAt(look: Look, repository: SeenRepository, round: Round, isListed: boolean): Promise<void> {
	const { deps, settings } = look;
	if (!isListed && settings.repositories) return void (await deps.writer.forgetRepository(repository.id));
	const began = deps.clock();
	const list = await openTags(look, repository.name);
	if (list === null && !isListed) return void (await deps.writer.forgetRepository(repository.id));
	if (list === null && settings.repositories)
		throw new RegistryFault("The registry has no such repository, or does not show it with these credentials.");
	await syncRepository(look, repository, list ?? noTags(began), {
		recheckBefore: round.recheckBefore,
		tags: new Set(),
	});
}

interface NamePage {
	readonly names: readonly string[];
	readonly next: string | null;
}

async function* pagesOf(
	connector: Connector,
	from: string | null,
	signal: AbortSignal,
): AsyncGenerator<NamePage, void, void> {
	const places = new Set<string | null>([from]);
	const pages = await asking(signal, async () => connector.repositories(from, signal)[Symbol.asyncIterator]());
	try {
		for (let first = true; ; first = false) {
			const page = await asking(signal, () => pages.next()).catch((error: unknown) => {
				if (first && from !== null && error instanceof RegistryFault && !error.whole)
					throw new LostPlace(error.message, { cause: error });
				throw error;
			});
			if (page.done) return;
			const { names, next } = page.value;
			if (next !== null && places.has(next)) throw new RegistryFault("The pages of its catalog lead in a circle.");
			places.add(next);
			yield { names: names.filter(isRepositoryName), next };
		}
	} finally {
		await pages.return?.();
	}
}
