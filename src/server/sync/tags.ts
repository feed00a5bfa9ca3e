/** Asks where tags point and writes it down: manifests first, then scans are asked for, then the tags are set. */
import type { Id } from "#contract";
import type { Digest } from "#model";
import type { KnownTag, PointedTag } from "../ports/catalog-writer.ts";
import type { ManifestFacts } from "../ports/connector.ts";
import type { Look } from "./deps.ts";
import { RegistryFault } from "./fault.ts";
import { readBelow, resolve } from "./manifests.ts";

export interface TagsAsked {
	/** The registry does not have them. */
	readonly gone: readonly string[];
	/** What tags pointed to before. */
	readonly left: readonly Id[];
	readonly faults: readonly RegistryFault[];
}

interface Answer {
	readonly name: string;
	readonly askedAt: Date;
	readonly found: ManifestFacts | "same" | null | RegistryFault;
}

/** Docker is from 2013; builds that are made repeatable say 1970. */
const oldest = Date.parse("2013-01-01T00:00:00Z");

/**
 * `quiet`: nothing is new, however unknown; no events, no scans. Scans are asked for before the tag is set: whoever is cut
 * off between the two finds the tag new again, and asks again for the same scan.
 */
export async function askTags(
	look: Look,
	repository: { readonly id: Id; readonly name: string },
	names: readonly string[],
	known: ReadonlyMap<string, KnownTag>,
	quiet: boolean,
): Promise<TagsAsked> {
	const { deps } = look;
	const answers = await Promise.all(
		names.map((name) => ask(look, repository.name, name, known.get(name)?.digest ?? null)),
	);
	const roots = answers.flatMap(({ found }) => (isManifest(found) ? [found] : []));
	const below = await readBelow(look, repository, roots);
	const now = deps.clock();
	const pushed = (facts: ManifestFacts): Date | null => (quiet ? builtAt(facts, now) : now);
	const ids = await deps.writer.seeManifests(
		repository.id,
		[...roots, ...below].map((facts) => ({ facts, pushedAt: pushed(facts) })),
		now,
	);
	const pointed = answers.flatMap(({ name, askedAt, found }): readonly PointedTag[] => {
		if (isManifest(found)) return [{ name, askedAt, digest: found.digest, pushedAt: pushed(found) }];
		const digest = known.get(name)?.digest;
		return found === "same" && digest ? [{ name, askedAt, digest, pushedAt: null }] : [];
	});
	if (!quiet && look.settings.scanOnPush) await requestScans(look, roots, pointed, known, ids);
	const changes = await deps.writer.pointTags(repository.id, pointed, !quiet);
	return {
		gone: answers.filter(({ found }) => found === null).map(({ name }) => name),
		left: changes.flatMap(({ from }) => (from === null ? [] : [from])),
		faults: answers.flatMap(({ found }) => (found instanceof RegistryFault ? [found] : [])),
	};
}

async function ask(look: Look, repository: string, name: string, known: Digest | null): Promise<Answer> {
	const askedAt = look.deps.clock();
	try {
		return { name, askedAt, found: await resolve(look, repository, name, known) };
	} catch (error) {
		// One that cannot be read leaves the others as they are.
		if (error instanceof RegistryFault && !error.whole) return { name, askedAt, found: error };
		throw error;
	}
}

function isManifest(found: Answer["found"]): found is ManifestFacts {
	return found !== null && found !== "same" && !(found instanceof RegistryFault);
}

async function requestScans(
	{ deps }: Look,
	roots: readonly ManifestFacts[],
	pointed: readonly PointedTag[],
	known: ReadonlyMap<string, KnownTag>,
	ids: ReadonlyMap<Digest, Id>,
): Promise<void> {
	const scannable = new Set(roots.filter(({ unsupported }) => unsupported === null).map(({ digest }) => digest));
	const changed = pointed.filter(({ name, digest }) => scannable.has(digest) && known.get(name)?.digest !== digest);
	const artifactIds = new Set(changed.flatMap(({ digest }) => ids.get(digest) ?? []));
	if (artifactIds.size > 0) await deps.requestScans({ artifactIds: [...artifactIds], reason: "push" });
}

/** The nearest to a push that can be known of what was there before us. */
function builtAt({ createdAt }: ManifestFacts, now: Date): Date | null {
	const built = createdAt === null ? Number.NaN : Date.parse(createdAt);
	return built >= oldest && built <= now.getTime() ? new Date(built) : null;
}
