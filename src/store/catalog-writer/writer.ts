import type { CatalogWriter } from "#server";
import type { Db } from "../database.ts";
import { forgetArtifacts, pulled, seeArtifacts, untagged } from "./artifacts.ts";
import { knownManifests, seeManifests } from "./manifests.ts";
import { forgetRepository, repositoryListed, seeRepositories, unseenRepositories } from "./repositories.ts";
import { forgetTags, knownTags, pointTags } from "./tags.ts";

/** Events are of the transaction that they tell of. */
export function catalogWriter(db: Db): CatalogWriter {
	return {
		seeRepositories: (registryId, names, at) => seeRepositories(db, registryId, names, at),
		unseenRepositories: (registryId, since) => unseenRepositories(db, registryId, since),
		repositoryListed: (repositoryId, began) => repositoryListed(db, repositoryId, began),
		forgetRepository: (repositoryId) => forgetRepository(db, repositoryId),
		knownTags: (repositoryId) => knownTags(db, repositoryId),
		knownManifests: (repositoryId, digests) => knownManifests(db, repositoryId, digests),
		seeManifests: (repositoryId, manifests, at) => seeManifests(db, repositoryId, manifests, at),
		pointTags: (repositoryId, tags, announce) => pointTags(db, repositoryId, tags, announce),
		forgetTags: (repositoryId, names, askedAt) => forgetTags(db, repositoryId, names, askedAt),
		untagged: (repositoryId, query) => untagged(db, repositoryId, query),
		seeArtifacts: (artifactIds, at) => seeArtifacts(db, artifactIds, at),
		forgetArtifacts: (repositoryId, artifactIds) => forgetArtifacts(db, repositoryId, artifactIds),
		pulled: (registryId, pulls, at) => pulled(db, registryId, pulls, at),
	};
}
