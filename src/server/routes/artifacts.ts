import { Type } from "typebox";
import { Artifact, ArtifactDetails, ArtifactQuery, Id, Page, PageQuery, Problem } from "#contract";
import { listed } from "../access/listed.ts";
import type { App } from "../app.ts";
import { notFound } from "../errors.ts";
import { type CatalogRoutesDeps, emptyPage, mayFilterBy } from "./catalog.ts";

const Params = Type.Object({ id: Id });
const tags = ["artifacts"];

export function artifactRoutes(app: App, deps: CatalogRoutesDeps): void {
	const { catalog } = deps;
	app.get(
		"/api/v1/artifacts",
		{
			schema: {
				tags,
				operationId: "listArtifacts",
				summary:
					"Images and indexes, worst first; or sorted by severity, repository, pushedAt, scannedAt, state or size",
				querystring: ArtifactQuery,
				response: { 200: Page(Artifact), 400: Problem, 401: Problem, 403: Problem },
			},
			config: { needs: { by: "user", scope: "read" } },
		},
		async (request) => {
			if (!(await mayFilterBy(deps, request, request.query.workspace))) return emptyPage(request.query);
			return listed(await catalog.artifacts(request.query, request.sight));
		},
	);

	app.get(
		"/api/v1/artifacts/:id",
		{
			schema: {
				tags,
				operationId: "getArtifact",
				summary: "One image or index with its layers, its children and what holds it",
				params: Params,
				response: { 200: ArtifactDetails, 400: Problem, 401: Problem, 403: Problem, 404: Problem },
			},
			config: { needs: { by: "user", scope: "read" } },
		},
		async (request) => {
			const artifact = await catalog.artifact(request.params.id, request.sight);
			if (!artifact) throw notFound("artifact");
			return artifact;
		},
	);

	app.get(
		"/api/v1/artifacts/:id/children",
		{
			schema: {
				tags,
				operationId: "listChildren",
				summary: "The images of an index, in its order",
				params: Params,
				querystring: PageQuery,
				response: { 200: Page(Artifact), 400: Problem, 401: Problem, 403: Problem, 404: Problem },
			},
			config: { needs: { by: "user", scope: "read" } },
		},
		async (request) => {
			const page = await catalog.children(request.params.id, request.query, request.sight);
			if (!page) throw notFound("artifact");
			return listed(page);
		},
	);
}
