/** What somebody sees of a workspace: nothing at all when it is not theirs. */
import type { FastifyRequest } from "fastify";
import type { Id, Workspace } from "#contract";
import { principalOf } from "../app.ts";
import { forbidden, notFound } from "../errors.ts";
import type { AccessStore, Viewer } from "../ports/access.ts";

export function viewerOf(request: FastifyRequest): Viewer {
	const { userId, workspaceId } = principalOf(request);
	return { userId, workspaceId, seesAll: request.sight.all };
}

export async function visibleWorkspace(access: AccessStore, request: FastifyRequest, id: Id): Promise<Workspace> {
	const workspace = await access.workspace(id, viewerOf(request));
	if (!workspace) throw notFound("workspace");
	return workspace;
}

/** @throws not_found when it is not visible, forbidden when somebody is a member of a lower role */
export async function administeredWorkspace(
	access: AccessStore,
	request: FastifyRequest,
	id: Id,
	what: string,
): Promise<void> {
	const role = await access.roleIn(id, viewerOf(request));
	if (role === null) throw notFound("workspace");
	if (role !== "admin") throw forbidden(what, "the role of admin in this workspace");
}
