import { KnownPackage, PackageQuery, Page, Problem } from "#contract";
import type { App } from "../app.ts";
import type { FindingStore } from "../ports/findings.ts";

export interface PackageRoutesDeps {
	readonly findings: Pick<FindingStore, "knownPackages">;
}

export function packageRoutes(app: App, { findings }: PackageRoutesDeps): void {
	app.get(
		"/api/v1/packages",
		{
			config: { needs: { by: "user", scope: "read" } },
			schema: {
				tags: ["packages"],
				summary: "Package versions that images hold which you may see; `q` is how the name begins",
				description: "Sorts: name, severity; `-` in front for the other direction.",
				operationId: "listPackages",
				querystring: PackageQuery,
				response: { 200: Page(KnownPackage), 400: Problem },
			},
		},
		async (request) => {
			const page = await findings.knownPackages(request.query, request.sight);
			return { ...page, items: [...page.items] };
		},
	);
}
