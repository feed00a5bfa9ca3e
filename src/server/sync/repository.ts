/** Brings what is known of one repository up to date. */
import type { Id } from "#contract";
import type { KnownTag } from "../ports/catalog-writer.ts";
import type { Look } from "./deps.ts";
import { asking, RegistryFault } from "./fault.ts";
import { resolve } from "./manifests.ts";
import { isTagName } from "./names.ts";
import { askTags } from "./tags.ts";

/** Tags that are asked for before any of them is written. */
const tagsAtOnce = 100;
/** More than any repository has; a list that does not end stops here. */
const mostTags = 250_000;
/** Who pushes a new repository pushes a few tags; one that turns up with more was there before we could see it. */
const mostOfAPush = 20;
/** Tags that are missing in the list and untagged artifacts that are asked for in one round; the rest waits for the next. */
const mostConfirmed = 1000;
const mostUntagged = 200;
/** A repository that answers so many questions wrongly in one go is given up for this round. */
const mostFaults = 20;

export interface Listed {
	readonly id: Id;
	readonly name: string;
	readonly syncedAt: Date | null;
}

export interface Asked {
	/** Known tags that were asked for last before this, … */
	readonly recheckBefore: Date;
	/** … and these are asked for again. */
	readonly tags: ReadonlySet<string>;
}

/** The list of tags, begun. Null: the registry says that there is no such repository. */
export interface TagList {
	readonly began: Date;
	next(): Promise<readonly string[] | null>;
	close(): Promise<void>;
}

export async function openTags({ deps, connector, signal, turn }: Look, repository: string): Promise<TagList | null> {
	const began = deps.clock();
	const pages = await asking(signal, async () => connector.tags(repository, signal)[Symbol.asyncIterator]());
	const read = async (): Promise<readonly string[] | null> => {
		const page = await turn(() => asking(signal, () => pages.next()));
		return page.done ? null : page.value;
	};
	let first: readonly string[] | null | undefined;
	try {
		first = await read();
	} catch (error) {
		if (error instanceof RegistryFault && error.missing) return null;
		throw error;
	}
	return {
		began,
		next: async () => {
			if (first === undefined) return read();
			const page = first;
			first = undefined;
			return page;
		},
		close: async () => void (await pages.return?.()),
	};
}

/** A list that ended at once: what a registry has that keeps the name of a repository without any tag. */
export function noTags(began: Date): TagList {
	return { began, next: async () => null, close: async () => {} };
}

/** Throws a `RegistryFault` when not all could be read; what could is written. */
export async function syncRepository(look: Look, repository: Listed, list: TagList, asked: Asked): Promise<void> {
	const { writer } = look.deps;
	const known = await writer.knownTags(repository.id);
	const there = new Set<string>();
	const missing = new Set<string>();
	const left = new Set<Id>();
	const faults: RegistryFault[] = [];
	const ask = async (names: readonly string[]): Promise<void> => {
		for (let from = 0; from < names.length; from += tagsAtOnce) {
			const quiet = repository.syncedAt === null && (look.first || there.size > mostOfAPush);
			const answer = await askTags(look, repository, names.slice(from, from + tagsAtOnce), known, quiet);
			for (const id of answer.left) left.add(id);
			for (const name of answer.gone) missing.add(name);
			faults.push(...answer.faults);
			if (faults.length >= mostFaults) throw faults[0] ?? new RegistryFault("It gives no manifests.");
		}
	};
	try {
		for (let page = await list.next(); page !== null; page = await list.next()) {
			const names = [...new Set(page)].filter((name) => isTagName(name) && !there.has(name));
			for (const name of names) there.add(name);
			if (there.size > mostTags) throw new RegistryFault(`It lists more than ${mostTags} tags.`);
			await ask(names.filter((name) => isDue(known.get(name), name, asked)));
		}
	} finally {
		await list.close().catch(() => {});
	}
	// Only here, where the list has ended without an error, does it say what is gone; and each is asked for before it goes.
	const unlisted = [...known.keys()].filter((name) => !there.has(name)).slice(0, mostConfirmed);
	await ask(unlisted);
	const gone = [...missing].filter((name) => known.has(name));
	for (const id of await writer.forgetTags(repository.id, gone, list.began)) left.add(id);
	faults.push(...(await forgetUntagged(look, repository, list.began, [...left])));
	await writer.repositoryListed(repository.id, list.began);
	if (faults[0]) throw new RegistryFault(`${faults.length} of its manifests could not be read: ${faults[0].message}`);
}

function isDue(known: KnownTag | undefined, name: string, { recheckBefore, tags }: Asked): boolean {
	return !known || known.resolvedAt.getTime() <= recheckBefore.getTime() || tags.has(name);
}

/** Artifacts that nothing refers to go when the registry does not have them any more; what stood in a gone index follows. */
async function forgetUntagged(
	look: Look,
	repository: Listed,
	began: Date,
	left: readonly Id[],
): Promise<readonly RegistryFault[]> {
	const { writer, clock } = look.deps;
	const faults: RegistryFault[] = [];
	let first = left;
	let seenBefore = began;
	for (let level = 0; level < 4; level++) {
		const query = { first, seenBefore, limit: mostUntagged + first.length };
		const candidates = await writer.untagged(repository.id, query);
		const there: Id[] = [];
		const gone: Id[] = [];
		await Promise.all(
			candidates.map(async ({ id, digest }) => {
				try {
					const found = await resolve(look, repository.name, digest, digest);
					(found === null ? gone : there).push(id);
				} catch (error) {
					if (!(error instanceof RegistryFault) || error.whole) throw error;
					faults.push(error);
				}
			}),
		);
		await writer.seeArtifacts(there, clock());
		first = await writer.forgetArtifacts(repository.id, gone);
		if (first.length === 0) break;
		seenBefore = new Date(0);
	}
	return faults;
}
