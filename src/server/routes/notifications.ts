/** Where registries tell of pushes, pulls and deletions. */
import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import { Id, Problem } from "#contract";
import { isSecretOf } from "../access/secrets.ts";
import type { App } from "../app.ts";
import { ServerError } from "../errors.ts";
import type { CatalogWriter } from "../ports/catalog-writer.ts";
import type { Clock } from "../ports/clock.ts";
import type { JobQueue } from "../ports/queue.ts";
import type { SyncStore } from "../ports/sync.ts";
import { syncKey } from "../sync/due.ts";
import { readNotification } from "../sync/notifications.ts";

export interface NotificationDeps {
	readonly sync: Pick<SyncStore, "webhookHash" | "notice">;
	readonly writer: Pick<CatalogWriter, "pulled">;
	readonly queue: Pick<JobQueue, "send">;
	readonly clock: Clock;
}

const Params = Type.Object({ registryId: Id });
const Counts = Type.Object({
	accepted: Type.Integer({ description: "Events that were heeded" }),
	ignored: Type.Integer({ description: "Events of a kind that changes nothing here" }),
	malformed: Type.Integer({ description: "Events that could not be read" }),
});

/** Compared where there is nothing to compare, so that the time tells nothing. */
const nothing = Buffer.alloc(32);

export function notificationRoutes(app: App, deps: NotificationDeps): void {
	app.post(
		"/api/v1/notifications/:registryId",
		{
			config: { needs: { by: "secret", scope: null } },
			// Before the body is read: who has no token sends us nothing.
			onRequest: async (request) => authenticate(request, deps.sync),
			schema: {
				tags: ["registries"],
				summary: "Tell of pushes, pulls and deletions in a registry",
				description:
					"For Distribution's notifications (the registry's token as `Authorization: Bearer`) and Artifactory's " +
					"webhooks (the token as `X-JFrog-Event-Auth`). The body is a hint only: what it names is looked up in the registry.",
				operationId: "notifyRegistry",
				params: Params,
				body: Type.Unknown(),
				response: { 202: Counts, "4xx": Problem },
			},
		},
		async (request, reply) => {
			const { registryId } = request.params;
			const hints = readNotification(request.body);
			if (!hints)
				throw new ServerError(
					"invalid_request",
					"This is no notification: neither a list of events nor a webhook's event.",
					"Let the registry send Distribution's format, or Artifactory's docker events.",
				);
			const now = deps.clock();
			await deps.sync.notice(registryId, hints.repositories, now);
			for (const repository of hints.repositories.keys()) {
				// A job that runs already reads the notice when it has looked; should it miss it, `enqueueDueSyncs` does not.
				const key = syncKey(registryId, repository);
				await deps.queue.send("sync-registry", { registryId, repository }, { priority: 0, key, hurry: true });
			}
			await deps.writer.pulled(registryId, hints.pulls, now);
			const { accepted, ignored, malformed } = hints;
			if (malformed > 0) request.log.warn({ registryId, malformed }, "notification with events that cannot be read");
			return reply.code(202).send({ accepted, ignored, malformed });
		},
	);
}

async function authenticate(request: FastifyRequest, sync: NotificationDeps["sync"]): Promise<void> {
	const { registryId } = request.params as { readonly registryId: string };
	const hash = isId(registryId) ? await sync.webhookHash(registryId) : null;
	const right = isSecretOf(hash ?? nothing, tokenOf(request)) && hash !== null;
	if (right) return;
	throw new ServerError(
		"unauthenticated",
		"This is not the notification token of this registry.",
		"Send the token as `Authorization: Bearer`; an administrator can make a new one.",
	);
}

function tokenOf({ headers }: FastifyRequest): string {
	const [, bearer] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? "") ?? [];
	const own = headers["x-jfrog-event-auth"];
	return bearer ?? (typeof own === "string" ? own : "");
}

/** The path is checked only after this. */
function isId(text: string): boolean {
	return /^[1-9][0-9]{0,17}$/.test(text);
}
