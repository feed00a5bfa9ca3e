import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import { Id, Page, PageQuery, Problem, Registry, RegistryInput, RegistryKind, RegistryPatch } from "#contract";
import { listed } from "../access/listed.ts";
import type { App } from "../app.ts";
import { notFound, ServerError } from "../errors.ts";
import type { AllowedAddresses } from "../registries/access/addresses.ts";
import { checkRegistryUrl, isSameServer } from "../registries/access/url.ts";
import { checkSettings } from "../registries/connect.ts";
import { registryActionRoutes } from "./registry-actions.ts";
import { type RegistryRoutesDeps, registryOf, settingsOf } from "./registry-settings.ts";

const Params = Type.Object({ id: Id });
const Query = Type.Object({
	...PageQuery.properties,
	sort: Type.Optional(Type.String({ maxLength: 40, description: "name, createdAt, health" })),
	q: Type.Optional(Type.String({ maxLength: 200, description: "A part of the name or the URL" })),
	kind: Type.Optional(RegistryKind),
});
const tags = ["registries"];
const refused = { 400: Problem, 401: Problem, 403: Problem };
const reading = { needs: { by: "platform-admin", scope: "read" } } as const;
const changing = { needs: { by: "platform-admin", scope: "admin" } } as const;

export function registryRoutes(app: App, deps: RegistryRoutesDeps): void {
	const { registries, addresses, audit } = deps;
	const record = (request: FastifyRequest, action: string, id: Id, details: Readonly<Record<string, unknown>>) =>
		audit.record({ request, action, subject: `registry/${id}`, outcome: "done", details });

	app.get(
		"/api/v1/registries",
		{
			schema: {
				tags,
				operationId: "listRegistries",
				summary: "Integrated registries",
				querystring: Query,
				response: { 200: Page(Registry), ...refused },
			},
			config: reading,
		},
		async (request) => listed(await registries.list(request.query)),
	);

	app.post(
		"/api/v1/registries",
		{
			schema: {
				tags,
				operationId: "createRegistry",
				summary: "Integrate a registry",
				body: RegistryInput,
				response: { 201: Registry, ...refused, 409: Problem, 422: Problem },
			},
			config: changing,
		},
		async (request, reply) => {
			const input = request.body;
			const { href } = checkRegistryUrl(input.url, input.insecure ?? false, addresses);
			checkSettings(settingsOf({ ...input, url: href }));
			const registry = await registries.create({ ...input, url: href });
			await record(request, "registry.create", registry.id, { name: registry.name, url: registry.url });
			return reply.code(201).send(registry);
		},
	);

	app.get(
		"/api/v1/registries/:id",
		{
			schema: {
				tags,
				operationId: "getRegistry",
				summary: "One registry",
				params: Params,
				response: { 200: Registry, ...refused, 404: Problem },
			},
			config: reading,
		},
		(request) => registryOf(registries, request.params.id),
	);

	app.patch(
		"/api/v1/registries/:id",
		{
			schema: {
				tags,
				operationId: "changeRegistry",
				summary:
					"Change a registry's settings; another scheme, host or port forgets its credentials unless new ones are given",
				params: Params,
				body: RegistryPatch,
				response: { 200: Registry, ...refused, 404: Problem, 409: Problem, 422: Problem },
			},
			config: changing,
		},
		async (request) => {
			const { id } = request.params;
			const before = await registryOf(registries, id);
			const patch = checkedPatch(before, request.body, addresses);
			const registry = await registries.update(id, patch);
			if (!registry) throw notFound("registry");
			const forgotten = before.credentials !== null && registry.credentials === null;
			await record(request, "registry.update", id, {
				changed: Object.keys(request.body),
				...(patch.url !== undefined && { url: patch.url }),
				...(forgotten && { credentials: "forgotten" }),
			});
			return registry;
		},
	);

	app.delete(
		"/api/v1/registries/:id",
		{
			schema: {
				tags,
				operationId: "deleteRegistry",
				summary: "Forget a registry with all that is known of its images; the registry itself is not touched",
				params: Params,
				response: { 204: Type.Null(), ...refused, 404: Problem },
			},
			config: changing,
		},
		async (request, reply) => {
			const { id } = request.params;
			const { name, url } = await registryOf(registries, id);
			if (!(await registries.delete(id))) throw notFound("registry");
			await record(request, "registry.delete", id, { name, url });
			return reply.code(204).send(null);
		},
	);

	registryActionRoutes(app, deps);
}

/** The patch with its URL in the form that is kept. @throws ServerError unprocessable, address_refused */
function checkedPatch(before: Registry, patch: RegistryPatch, addresses: AllowedAddresses): RegistryPatch {
	const after = { ...before, ...patch };
	const ofNetwork = [patch.url, patch.credentials, patch.caCertificate, patch.insecure, patch.preset];
	if (before.kind === "layout") {
		if (ofNetwork.every((value) => value === undefined)) return patch;
		throw new ServerError(
			"unprocessable",
			"This registry is a folder on the machine that Plimsoll runs on.",
			"Only its name and how it is synced and scanned can be changed.",
		);
	}
	const ways = patch.url !== undefined || patch.insecure !== undefined;
	const href = ways ? checkRegistryUrl(after.url, after.insecure, addresses).href : before.url;
	const kept = isSameServer(before.url, href) ? before.credentials : null;
	const credentials = patch.credentials === undefined ? kept : patch.credentials;
	checkSettings({ ...after, url: href, credentialKind: credentials?.kind ?? null });
	return patch.url === undefined ? patch : { ...patch, url: href };
}
