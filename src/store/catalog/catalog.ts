/** The catalog in PostgreSQL. */
import type { CatalogStore } from "#server";
import { seesAll } from "#server";
import type { Db } from "../database.ts";
import { listArtifacts, listChildren, oneArtifact } from "./artifacts.ts";
import { listRepositories, oneRepository } from "./repositories.ts";
import { listSpaces, oneSpace } from "./spaces.ts";

export function catalogStore(db: Db): CatalogStore {
	return {
		spaces: (query, sight) => listSpaces(db, query, sight),
		space: (id, sight) => oneSpace(db, id, sight),
		setSpacePublic: async (id, isPublic) => {
			await db.updateTable("spaces").set({ public: isPublic }).where("id", "=", id).execute();
			return oneSpace(db, id, seesAll);
		},
		repositories: (query, sight) => listRepositories(db, query, sight),
		repository: (id, sight) => oneRepository(db, id, sight),
		artifacts: (query, sight) => listArtifacts(db, query, sight),
		artifact: (id, sight) => oneArtifact(db, id, sight),
		children: (id, query, sight) => listChildren(db, id, query, sight),
	};
}
