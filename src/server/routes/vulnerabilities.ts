import { Type } from "typebox";
import { ListedVulnerability, Page, Problem, VulnerabilityDetails, VulnerabilityQuery } from "#contract";
import type { App } from "../app.ts";
import { notFound } from "../errors.ts";
import type { AccessStore } from "../ports/access.ts";
import type { FindingStore } from "../ports/findings.ts";
import { emptyPage, mayFilterBy } from "./catalog.ts";

export interface VulnerabilityRoutesDeps {
	readonly findings: Pick<FindingStore, "vulnerabilities" | "vulnerability">;
	readonly access: Pick<AccessStore, "roleIn">;
}

const needs = { by: "user", scope: "read" } as const;

export function vulnerabilityRoutes(app: App, { findings, access }: VulnerabilityRoutesDeps): void {
	app.get(
		"/api/v1/vulnerabilities",
		{
			config: { needs },
			schema: {
				tags: ["vulnerabilities"],
				summary: "Vulnerabilities that images have which you may see",
				description: "Sorts: severity, epss, id, published, firstSeen; `-` in front for the other direction.",
				operationId: "listVulnerabilities",
				querystring: VulnerabilityQuery,
				response: { 200: Page(ListedVulnerability), 400: Problem },
			},
		},
		async (request) => {
			if (!(await mayFilterBy({ access }, request, request.query.workspace))) return emptyPage(request.query);
			const page = await findings.vulnerabilities(request.query, request.sight);
			return { ...page, items: [...page.items] };
		},
	);

	app.get(
		"/api/v1/vulnerabilities/:id",
		{
			config: { needs },
			schema: {
				tags: ["vulnerabilities"],
				summary: "A vulnerability by its id or an alias, and which package versions have it",
				operationId: "getVulnerability",
				params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 300 }) }),
				response: { 200: VulnerabilityDetails, 404: Problem },
			},
		},
		async (request) => {
			const found = await findings.vulnerability(request.params.id, request.sight);
			if (!found) throw notFound("vulnerability");
			return found;
		},
	);
}
