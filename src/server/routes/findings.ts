import { Type } from "typebox";
import { FindingQuery, Id, ListedFinding, ListedPackage, PackageQuery, Page, Problem } from "#contract";
import type { App } from "../app.ts";
import { notFound } from "../errors.ts";
import type { FindingStore } from "../ports/findings.ts";

export interface FindingRoutesDeps {
	readonly findings: FindingStore;
}

const needs = { by: "user", scope: "read" } as const;

/** What one image or index holds, and what is wrong with it. */
export function findingRoutes(app: App, { findings }: FindingRoutesDeps): void {
	app.get(
		"/api/v1/artifacts/:id/findings",
		{
			config: { needs },
			schema: {
				tags: ["artifacts"],
				summary: "Findings of an image; of an index each once, with the platforms that have it",
				description: "Sorts: severity, epss, package, fixable, firstSeen; `-` in front for the other direction.",
				operationId: "listFindings",
				params: Type.Object({ id: Id }),
				querystring: FindingQuery,
				response: { 200: Page(ListedFinding), 400: Problem, 404: Problem },
			},
		},
		async (request) => {
			const page = await findings.findings(request.params.id, request.query, request.sight);
			if (!page) throw notFound("artifact");
			return { ...page, items: [...page.items] };
		},
	);

	app.get(
		"/api/v1/artifacts/:id/packages",
		{
			config: { needs },
			schema: {
				tags: ["artifacts"],
				summary: "Packages of an image or index",
				description: "Sorts: name, severity, findings; `-` in front for the other direction.",
				operationId: "listArtifactPackages",
				params: Type.Object({ id: Id }),
				querystring: PackageQuery,
				response: { 200: Page(ListedPackage), 400: Problem, 404: Problem },
			},
		},
		async (request) => {
			const page = await findings.packages(request.params.id, request.query, request.sight);
			if (!page) throw notFound("artifact");
			return { ...page, items: [...page.items] };
		},
	);
}
