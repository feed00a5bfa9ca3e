import type {
	Artifact,
	ArtifactDetails,
	ArtifactQuery,
	Id,
	PageOf,
	PageQuery,
	Repository,
	RepositoryQuery,
	Space,
	SpaceQuery,
} from "#contract";
import type { Sight } from "./sight.ts";

/**
 * What registries hold, as far as `sight` reaches: what is outside of it is null, or not in the list. Lists throw
 * `invalid_request` for a sort that they do not know and a cursor that they did not make.
 */
export interface CatalogStore {
	spaces(query: SpaceQuery, sight: Sight): Promise<PageOf<Space>>;
	space(id: Id, sight: Sight): Promise<Space | null>;
	/** Whether every signed-in user may read it. Null when there is no such space. */
	setSpacePublic(id: Id, isPublic: boolean): Promise<Space | null>;
	repositories(query: RepositoryQuery, sight: Sight): Promise<PageOf<Repository>>;
	repository(id: Id, sight: Sight): Promise<Repository | null>;
	artifacts(query: ArtifactQuery, sight: Sight): Promise<PageOf<Artifact>>;
	artifact(id: Id, sight: Sight): Promise<ArtifactDetails | null>;
	/** Of an index, in its order; without a sort. Null when there is no such artifact. */
	children(id: Id, query: PageQuery, sight: Sight): Promise<PageOf<Artifact> | null>;
}
