import { Type } from "typebox";
import { AdvisoriesInfo, Problem } from "#contract";
import { type App, principalOf } from "../app.ts";
import type { AdvisoryService } from "../ports/advisories.ts";
import type { Audit } from "../ports/audit.ts";
import type { JobQueue } from "../ports/queue.ts";
import { updateKey } from "../workers/update-advisories.ts";

export interface AdvisoryRoutesDeps {
	readonly advisories: Pick<AdvisoryService, "info">;
	readonly queue: Pick<JobQueue, "send">;
	readonly audit: Audit;
}

export function advisoryRoutes(app: App, { advisories, queue, audit }: AdvisoryRoutesDeps): void {
	app.get(
		"/api/v1/advisories",
		{
			config: { needs: { by: "user", scope: "read" } },
			schema: {
				tags: ["advisories"],
				summary: "What results are judged by, and how the last update went",
				operationId: "getAdvisories",
				response: { 200: AdvisoriesInfo },
			},
		},
		async () => await advisories.info(),
	);

	app.post(
		"/api/v1/advisories/update",
		{
			config: { needs: { by: "platform-admin", scope: "admin" } },
			schema: {
				tags: ["advisories"],
				summary: "Fetch new advisories and judge everything by them",
				operationId: "updateAdvisories",
				response: {
					202: Type.Object({
						queued: Type.Boolean({ description: "False when an update waits or runs already" }),
					}),
					403: Problem,
				},
			},
		},
		async (request, reply) => {
			const { username } = principalOf(request);
			const id = await queue.send(
				"update-advisories",
				{ requestedBy: username },
				{ key: updateKey, priority: 0, hurry: true },
			);
			const queued = id !== null;
			await audit.record({
				request,
				action: "advisories.update",
				subject: "advisories",
				outcome: "done",
				details: { queued },
			});
			return reply.code(202).send({ queued });
		},
	);
}
