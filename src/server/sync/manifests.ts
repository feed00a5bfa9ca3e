/** Reads manifests, and of indexes all that stands below, each once. */
import type { Digest } from "#model";
import type { ManifestFacts } from "../ports/connector.ts";
import type { Look } from "./deps.ts";
import { asking } from "./fault.ts";

/** Indexes in indexes; the same as scans follow. */
const mostLevels = 4;
/** Children of one index that are read; more make it unsupported. */
const mostChildren = 1000;

/** What a tag or digest stands for now: null when it is gone, "same" when it is what is known. */
export async function resolve(
	{ connector, signal, turn }: Look,
	repository: string,
	reference: string,
	known: Digest | null,
): Promise<ManifestFacts | "same" | null> {
	const found = await turn(() => asking(signal, () => connector.resolve(repository, reference, known, signal)));
	if (found === null) return null;
	return found.unchanged ? "same" : found.manifest;
}

/** The manifests below an index that are not known yet. Those that the registry does not have are left out. */
export async function readBelow(
	look: Look,
	repository: { readonly id: string; readonly name: string },
	roots: readonly ManifestFacts[],
): Promise<readonly ManifestFacts[]> {
	const read = new Map<Digest, ManifestFacts>();
	let level = roots;
	for (let depth = 1; depth < mostLevels; depth++) {
		const wanted = level.flatMap(({ kind, children }) =>
			kind === "index" && children.length <= mostChildren ? children : [],
		);
		const digests = new Set(wanted.filter(({ attestation }) => !attestation).map(({ digest }) => digest));
		for (const { digest } of roots) digests.delete(digest);
		for (const digest of read.keys()) digests.delete(digest);
		for (const known of await look.deps.writer.knownManifests(repository.id, [...digests])) digests.delete(known);
		if (digests.size === 0) break;
		const found = await Promise.all([...digests].map((digest) => resolve(look, repository.name, digest, null)));
		level = found.filter((facts) => facts !== null && facts !== "same");
		for (const facts of level) read.set(facts.digest, facts);
	}
	return [...read.values()];
}
