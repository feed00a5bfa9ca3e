/** What registries hold: spaces, repositories, artifacts. */
import type { FastifyRequest } from "fastify";
import type { Id, PageQuery } from "#contract";
import { viewerOf } from "../access/workspace-access.ts";
import type { AccessStore } from "../ports/access.ts";
import type { CatalogStore } from "../ports/catalog.ts";

export interface CatalogRoutesDeps {
	readonly catalog: CatalogStore;
	readonly access: Pick<AccessStore, "roleIn">;
}

/** Which spaces a workspace has is its members' knowledge: for others the filter finds nothing. */
export async function mayFilterBy(
	{ access }: Pick<CatalogRoutesDeps, "access">,
	request: FastifyRequest,
	workspace: Id | undefined,
): Promise<boolean> {
	return workspace === undefined || (await access.roleIn(workspace, viewerOf(request))) !== null;
}

export function emptyPage({ total }: PageQuery): { items: []; next: null; total?: number } {
	return { items: [], next: null, ...(total ? { total: 0 } : {}) };
}
