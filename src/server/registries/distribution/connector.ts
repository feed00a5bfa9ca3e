/** A registry that speaks the distribution API: Docker's own, and those that others host. */
import type { ConnectionCheck } from "#contract";
import { EngineError, type Fetch, type RegistryApi } from "#engine";
import type { Connector, RegistryAccess } from "../../ports/connector.ts";
import { boundedCheck } from "../access/bounded.ts";
import { readHello } from "../access/hello.ts";
import { lazySource } from "../access/lazy-source.ts";
import { listedNames } from "../access/listed-names.ts";
import { resolveBy } from "../access/resolve.ts";
import { type Login, type Session, sessionOf } from "../access/session.ts";
import { readRegistryUrl } from "../access/url.ts";
import { ecrPassword } from "./ecr-login.ts";
import { type Preset, presets } from "./presets.ts";

/** One try and one more: a check must be quick, and the next one is soon. */
const checkAttempts = 2;

/** Throws ServerError `unprocessable` for a URL that is none. */
export function distributionConnector(access: RegistryAccess, fetch: Fetch): Connector {
	const preset = presets[access.preset];
	const { host } = readRegistryUrl(access.url);
	const session = openSession(access, preset, fetch);
	const names = access.repositories?.map(preset.repository) ?? null;
	return {
		check: (signal) =>
			boundedCheck(access, signal, async (within) => {
				const api = await openSession(access, preset, fetch, checkAttempts)(within);
				const version = readHello(host, await api.ping(within));
				return { ...(await catalogOf(api, access, preset, within)), version };
			}),
		repositories: (from, signal) => {
			if (names) return listedNames(names, from);
			if (preset.catalog === "closed") throw closedCatalog(host);
			return catalogNames(session, from, signal);
		},
		async *tags(repository, signal) {
			const api = await session(signal);
			for await (const { entries } of api.tags(preset.repository(repository), signal)) yield entries;
		},
		resolve: async (repository, reference, known, signal) =>
			resolveBy(await session(signal), preset.repository(repository), reference, known, signal),
		source: (repository, digest) =>
			lazySource(`${host}/${repository}@${digest}`, async (signal) =>
				(await session(signal)).source(preset.repository(repository), digest),
			),
	};
}

function openSession(access: RegistryAccess, preset: Preset, fetch: Fetch, attempts?: number): Session {
	const { scheme, host, path } = readRegistryUrl(access.url);
	return sessionOf({
		host,
		place: { scheme, apiHost: preset.apiHosts[host] ?? host, basePath: path },
		insecure: access.insecure,
		eager: false,
		fetch,
		login: (signal) => logIn(access, preset, host, fetch, signal),
		...(attempts !== undefined && { attempts }),
	});
}

async function logIn(
	{ credentials }: RegistryAccess,
	preset: Preset,
	host: string,
	fetch: Fetch,
	signal: AbortSignal,
): Promise<Login> {
	if (credentials === null) return { credentials: null, expiresAt: Number.POSITIVE_INFINITY };
	if (!preset.credentialKinds.includes(credentials.kind))
		throw new EngineError(
			"credentials_unusable",
			`Credentials of the kind "${credentials.kind}" are not what ${preset.name} takes.`,
			preset.hint,
		);
	if (credentials.kind === "aws") return ecrPassword(host, credentials, fetch, () => new Date(), signal);
	if (credentials.kind === "token") return lasting(preset.token(credentials.token));
	return lasting(credentials);
}

function lasting(credentials: NonNullable<Login["credentials"]>): Login {
	return { credentials, expiresAt: Number.POSITIVE_INFINITY };
}

async function* catalogNames(session: Session, from: string | null, signal: AbortSignal) {
	const api = await session(signal);
	for await (const { entries, next } of api.repositories(from, signal)) yield { names: entries, next };
}

/** Whether the catalog opens to us. It decides nothing: a closed one wants a list of names. */
async function catalogOf(
	api: RegistryApi,
	{ repositories }: RegistryAccess,
	preset: Preset,
	signal: AbortSignal,
): Promise<Pick<ConnectionCheck, "catalog" | "reason" | "hint">> {
	const catalog = preset.catalog === "closed" ? "closed" : await isOpen(api, signal);
	if (catalog !== "closed" || repositories !== null) return { catalog, reason: null, hint: null };
	return {
		catalog,
		reason: "The registry does not list its repositories to us.",
		hint: "List the repositories that Plimsoll shall look at, or give credentials that may read the catalog.",
	};
}

async function isOpen(api: RegistryApi, signal: AbortSignal): Promise<ConnectionCheck["catalog"]> {
	try {
		await api.get("/v2/_catalog?n=1", [], signal, "registry:catalog:*");
		return "open";
	} catch (thrown) {
		if (!(thrown instanceof EngineError) || signal.aborted) throw thrown;
		return closedCodes.has(thrown.code) ? "closed" : "unknown";
	}
}

function closedCatalog(host: string): EngineError {
	return new EngineError(
		"registry_failed",
		`${host} does not list its repositories, and none are listed in its settings.`,
		"List the repositories that Plimsoll shall look at in the registry's settings.",
	);
}

const closedCodes: ReadonlySet<string> = new Set(["registry_unauthorized", "registry_not_found"]);
