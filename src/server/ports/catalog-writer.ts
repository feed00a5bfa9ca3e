/** Writes what registries hold. Every call may be repeated, by many processes at once, and be cut off anywhere. */
import type { Id } from "#contract";
import type { Digest } from "#model";
import type { ManifestFacts } from "./connector.ts";

export interface SeenRepository {
	readonly id: Id;
	readonly name: string;
	/** When its tags were last listed to the end. */
	readonly syncedAt: Date | null;
}

export interface KnownTag {
	readonly digest: Digest;
	/** When the registry was last asked where it points. */
	readonly resolvedAt: Date;
}

export interface SeenManifest {
	readonly facts: ManifestFacts;
	/** As near as can be told; registries do not say. */
	readonly pushedAt: Date | null;
}

export interface PointedTag {
	readonly name: string;
	readonly digest: Digest;
	/** An answer never replaces that to a later question. */
	readonly askedAt: Date;
	readonly pushedAt: Date | null;
}

/** A tag that did not point there before. */
export interface TagChange {
	readonly name: string;
	readonly artifactId: Id;
	readonly change: "new" | "moved";
	/** Where it pointed. */
	readonly from: Id | null;
}

export interface CatalogWriter {
	/** Makes those that are not known, with their spaces; all of them were seen now. */
	seeRepositories(registryId: Id, names: readonly string[], at: Date): Promise<readonly SeenRepository[]>;
	/** Repositories that were not seen since. */
	unseenRepositories(registryId: Id, since: Date): Promise<readonly SeenRepository[]>;
	/** The tags were listed to the end, beginning then. */
	repositoryListed(repositoryId: Id, began: Date): Promise<void>;
	/** With all that is in it; false when a scan in it is going on, so that it has to be asked again later. */
	forgetRepository(repositoryId: Id): Promise<boolean>;

	knownTags(repositoryId: Id): Promise<ReadonlyMap<string, KnownTag>>;
	/** Those of the manifests that were read before, not only named by an index. */
	knownManifests(repositoryId: Id, digests: readonly Digest[]): Promise<ReadonlySet<Digest>>;
	/** Artifacts, layers, and the children of indexes. Nothing of them is shown by a tag until `pointTags`. */
	seeManifests(repositoryId: Id, manifests: readonly SeenManifest[], at: Date): Promise<ReadonlyMap<Digest, Id>>;
	/** Tags whose manifest is not known (any more) are left out. `announce`: with an event for each change. */
	pointTags(repositoryId: Id, tags: readonly PointedTag[], announce: boolean): Promise<readonly TagChange[]>;
	/** Tags that the registry did not have at `askedAt`. Gives the artifacts that they pointed to. */
	forgetTags(repositoryId: Id, names: readonly string[], askedAt: Date): Promise<readonly Id[]>;

	/** Artifacts that no tag, index or scan refers to: `first` ones first, then those not seen for longest. */
	untagged(repositoryId: Id, query: UntaggedQuery): Promise<readonly { readonly id: Id; readonly digest: Digest }[]>;
	/** The registry still has them. */
	seeArtifacts(artifactIds: readonly Id[], at: Date): Promise<void>;
	/** The registry has them no more. Those that something refers to by now stay. Gives what nothing refers to in consequence. */
	forgetArtifacts(repositoryId: Id, artifactIds: readonly Id[]): Promise<readonly Id[]>;
	/** Somebody pulled them; unknown ones are passed over. */
	pulled(
		registryId: Id,
		pulls: readonly { readonly repository: string; readonly digest: string }[],
		at: Date,
	): Promise<void>;
}

export interface UntaggedQuery {
	readonly first: readonly Id[];
	readonly seenBefore: Date;
	readonly limit: number;
}
