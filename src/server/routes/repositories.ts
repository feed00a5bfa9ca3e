import { Type } from "typebox";
import { Id, Page, Problem, Repository, RepositoryQuery } from "#contract";
import { listed } from "../access/listed.ts";
import type { App } from "../app.ts";
import { notFound } from "../errors.ts";
import { type CatalogRoutesDeps, emptyPage, mayFilterBy } from "./catalog.ts";

const Params = Type.Object({ id: Id });
const tags = ["repositories"];

export function repositoryRoutes(app: App, deps: CatalogRoutesDeps): void {
	const { catalog } = deps;
	app.get(
		"/api/v1/repositories",
		{
			schema: {
				tags,
				operationId: "listRepositories",
				summary: "Repositories, each with its newest image; sorted by name, pushedAt or severity (the newest image's)",
				querystring: RepositoryQuery,
				response: { 200: Page(Repository), 400: Problem, 401: Problem, 403: Problem },
			},
			config: { needs: { by: "user", scope: "read" } },
		},
		async (request) => {
			if (!(await mayFilterBy(deps, request, request.query.workspace))) return emptyPage(request.query);
			return listed(await catalog.repositories(request.query, request.sight));
		},
	);

	app.get(
		"/api/v1/repositories/:id",
		{
			schema: {
				tags,
				operationId: "getRepository",
				summary: "One repository",
				params: Params,
				response: { 200: Repository, 400: Problem, 401: Problem, 403: Problem, 404: Problem },
			},
			config: { needs: { by: "user", scope: "read" } },
		},
		async (request) => {
			const repository = await catalog.repository(request.params.id, request.sight);
			if (!repository) throw notFound("repository");
			return repository;
		},
	);
}
