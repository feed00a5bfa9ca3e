/** What can be asked of a registry besides its settings: to try it, to look at it, and its notification token. */
import { randomBytes } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import { ConnectionCheck, Id, Problem, RegistryInput } from "#contract";
import { secretHash } from "../access/secrets.ts";
import type { App } from "../app.ts";
import { notFound } from "../errors.ts";
import type { RegistryAccess } from "../ports/connector.ts";
import { checkRegistryUrl, isSameServer } from "../registries/access/url.ts";
import { checkSettings } from "../registries/connect.ts";
import { syncKey } from "../sync/due.ts";
import { checkRegistry } from "../workers/check-registry.ts";
import { type RegistryRoutesDeps, registryOf, settingsOf } from "./registry-settings.ts";

const Params = Type.Object({ id: Id });
const TestInput = Type.Object({
	...RegistryInput.properties,
	name: Type.Optional(RegistryInput.properties.name),
	/** One that is kept: its credentials are used where the URL has the same scheme, host and port. */
	id: Type.Optional(Id),
});
const Token = Type.Object({
	token: Type.String({ description: "For the registry's notifications, as a bearer token; shown only now" }),
	path: Type.String({ description: "Where the registry sends them" }),
});
const Queued = Type.Object({ queued: Type.Boolean({ description: "false: one waits or runs already" }) });
const tags = ["registries"];
const refused = { 400: Problem, 401: Problem, 403: Problem };
const changing = { needs: { by: "platform-admin", scope: "admin" } } as const;

export function registryActionRoutes(app: App, deps: RegistryRoutesDeps): void {
	const { registries, audit, queue } = deps;
	const record = (request: FastifyRequest, action: string, id: Id, details: Readonly<Record<string, unknown>> = {}) =>
		audit.record({ request, action, subject: `registry/${id}`, outcome: "done", details });

	app.post(
		"/api/v1/registries/test",
		{
			schema: {
				tags,
				operationId: "testRegistry",
				summary: "Try settings that are not kept yet; takes 20 seconds at most",
				body: TestInput,
				response: { 200: ConnectionCheck, ...refused, 404: Problem, 422: Problem },
			},
			config: changing,
		},
		async (request, reply) => {
			const { access, dropped } = await accessOf(deps, request.body);
			const check = await deps.connectTo(access).check(closed(reply));
			await audit.record({
				request,
				action: "registry.test",
				subject: request.body.id === undefined ? "registry" : `registry/${request.body.id}`,
				outcome: check.ok ? "done" : "failed",
				details: { url: access.url },
			});
			const added = "The kept credentials were not sent: the URL leads to another server than they were given for.";
			return check.ok || !dropped ? check : { ...check, hint: [check.hint, added].filter(Boolean).join(" ") };
		},
	);

	app.post(
		"/api/v1/registries/:id/check",
		{
			schema: {
				tags,
				operationId: "checkRegistry",
				summary: "Check a registry now; the result counts as its health at once",
				params: Params,
				response: { 200: ConnectionCheck, ...refused, 404: Problem },
			},
			config: changing,
		},
		async (request, reply) => {
			const check = await checkRegistry(request.params.id, { decisive: true }, deps, closed(reply));
			if (!check) throw notFound("registry");
			await record(request, "registry.check", request.params.id, { state: check.state });
			return check;
		},
	);

	app.post(
		"/api/v1/registries/:id/sync",
		{
			schema: {
				tags,
				operationId: "syncRegistry",
				summary: "Bring what is known of a registry up to date, before others",
				params: Params,
				response: { 202: Queued, ...refused, 404: Problem },
			},
			config: changing,
		},
		async (request, reply) => {
			const { id } = await registryOf(registries, request.params.id);
			const job = await queue.send("sync-registry", { registryId: id }, { priority: 0, key: syncKey(id), hurry: true });
			await record(request, "registry.sync", id);
			return reply.code(202).send({ queued: job !== null });
		},
	);

	app.post(
		"/api/v1/registries/:id/webhook-token",
		{
			schema: {
				tags,
				operationId: "makeWebhookToken",
				summary: "Make a token for the registry's notifications; one that was there before is good no more",
				params: Params,
				response: { 201: Token, ...refused, 404: Problem },
			},
			config: changing,
		},
		async (request, reply) => {
			const { id } = request.params;
			const token = `plimhook_${randomBytes(32).toString("base64url")}`;
			if (!(await registries.setWebhookHash(id, secretHash(token)))) throw notFound("registry");
			await record(request, "registry.webhook-token.create", id);
			return reply.code(201).send({ token, path: `/api/v1/notifications/${id}` });
		},
	);

	app.delete(
		"/api/v1/registries/:id/webhook-token",
		{
			schema: {
				tags,
				operationId: "deleteWebhookToken",
				summary: "Take no more notifications of the registry",
				params: Params,
				response: { 204: Type.Null(), ...refused, 404: Problem },
			},
			config: changing,
		},
		async (request, reply) => {
			const { id } = request.params;
			if (!(await registries.setWebhookHash(id, null))) throw notFound("registry");
			await record(request, "registry.webhook-token.delete", id);
			return reply.code(204).send(null);
		},
	);
}

type Tested = Omit<RegistryInput, "name"> & { readonly name?: string; readonly id?: Id };

/** What a test uses. Kept credentials go only to the server that they were given for. */
async function accessOf(
	{ registries, addresses }: RegistryRoutesDeps,
	{ id, ...input }: Tested,
): Promise<{ readonly access: RegistryAccess; readonly dropped: boolean }> {
	const kept = id === undefined ? null : await registries.access(id);
	if (id !== undefined && kept === null) throw notFound("registry");
	const { href } = checkRegistryUrl(input.url, input.insecure ?? kept?.insecure ?? false, addresses);
	const reusable = input.credentials === undefined && kept !== null && isSameServer(kept.url, href);
	const settings = {
		...settingsOf({ ...input, name: input.name ?? "", url: href }),
		caCertificate: input.caCertificate ?? (input.caCertificate === undefined ? (kept?.caCertificate ?? null) : null),
		preset: input.preset ?? kept?.preset ?? "generic",
		repositories: input.repositories ?? (input.repositories === undefined ? (kept?.repositories ?? null) : null),
	} as const;
	const credentials = reusable ? kept.credentials : (input.credentials ?? null);
	checkSettings({ ...settings, credentialKind: credentials?.kind ?? null });
	return {
		access: {
			...settings,
			// None: it is not kept, so it shares nothing with one that is.
			id: "",
			name: input.name ?? kept?.name ?? "",
			insecure: input.insecure ?? kept?.insecure ?? false,
			credentials,
			maxBytesPerSecond: null,
		},
		dropped: input.credentials === undefined && kept?.credentials != null && !reusable,
	};
}

/** Aborts when the asker goes away. */
function closed(reply: FastifyReply): AbortSignal {
	const gone = new AbortController();
	reply.raw.once("close", () => {
		if (!reply.raw.writableFinished) gone.abort();
	});
	return gone.signal;
}
