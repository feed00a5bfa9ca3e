/**
 * JFrog Artifactory. Its spaces are the keys of its Docker repositories; a repository here is `KEY/image`. Each key has a
 * distribution API of its own at `/artifactory/api/docker/KEY/v2/`; where only `/v2/` is let through, the key is the
 * first part of the image's name there.
 */
import { EngineError, type Fetch, type RegistryApi } from "#engine";
import type { Connector, RegistryAccess } from "../../ports/connector.ts";
import { boundedCheck } from "../access/bounded.ts";
import { readHello } from "../access/hello.ts";
import { lazySource } from "../access/lazy-source.ts";
import { listedNames } from "../access/listed-names.ts";
import { resolveBy } from "../access/resolve.ts";
import { type Session, sessionOf } from "../access/session.ts";
import { type RegistryUrl, readRegistryUrl } from "../access/url.ts";
import { artifactoryVersion, hasOwnApi, repositoryKeys } from "./api.ts";

const checkAttempts = 2;

/** Throws ServerError `unprocessable` for a URL that is none. */
export function artifactoryConnector(access: RegistryAccess, fetch: Fetch): Connector {
	const url = readRegistryUrl(access.url);
	const places = placesOf(access, url, fetch);
	/** The client and the name that it knows a repository by. */
	const find = async (repository: string, signal: AbortSignal) => {
		const slash = repository.indexOf("/");
		const [key, image] = [repository.slice(0, slash), repository.slice(slash + 1)];
		if (slash < 1 || image === "") throw noImage(url.host, repository);
		return (await places.ownApi(signal))
			? { api: await places.byKey(key)(signal), name: image }
			: { api: await places.whole(signal), name: repository };
	};
	return {
		check: (signal) =>
			boundedCheck(access, signal, async (within) => {
				const quick = placesOf(access, url, fetch, checkAttempts);
				const api = await quick.whole(within);
				if (!(await quick.ownApi(within))) {
					const version = readHello(url.host, await api.ping(within));
					return { catalog: "unknown", version, reason: null, hint: null };
				}
				const keys = await repositoryKeys(api, quick.base, url.host, within);
				const version = await artifactoryVersion(api, quick.base, within);
				const none = keys.length === 0 && access.repositories === null;
				return {
					catalog: "open",
					version,
					reason: none ? "Artifactory shows no Docker repository to these credentials." : null,
					hint: none ? "Give credentials that may read one, or check the path in the URL." : null,
				};
			}),
		repositories: (from, signal) =>
			access.repositories ? listedNames(access.repositories, from) : catalogs(places, url.host, from, signal),
		async *tags(repository, signal) {
			const { api, name } = await find(repository, signal);
			for await (const { entries } of api.tags(name, signal)) yield entries;
		},
		async resolve(repository, reference, known, signal) {
			const { api, name } = await find(repository, signal);
			return resolveBy(api, name, reference, known, signal);
		},
		source: (repository, digest) =>
			lazySource(`${url.host}/${repository}@${digest}`, async (signal) => {
				const { api, name } = await find(repository, signal);
				return api.source(name, digest);
			}),
	};
}

interface Places {
	/** Stands before `/api/`. */
	readonly base: string;
	readonly whole: Session;
	byKey(key: string): Session;
	ownApi(signal: AbortSignal): Promise<boolean>;
}

function placesOf(access: RegistryAccess, url: RegistryUrl, fetch: Fetch, attempts?: number): Places {
	const base = url.path === "" ? "/artifactory" : url.path;
	const byKey = new Map<string, Session>();
	let own: boolean | null = null;
	const open = (basePath: string): Session =>
		sessionOf({
			host: url.host,
			place: { scheme: url.scheme, apiHost: url.host, basePath },
			insecure: access.insecure,
			// Where anonymous access is on, nothing asks us to log in, and we would see what anybody sees.
			eager: true,
			fetch,
			login: async () => ({ credentials: credentialsOf(access), expiresAt: Number.POSITIVE_INFINITY }),
			...(attempts !== undefined && { attempts }),
		});
	// Docker's part is at the host's root, unless a proxy gives it a path.
	const whole = open(url.path === "/artifactory" ? "" : url.path);
	return {
		base,
		whole,
		byKey: (key) => {
			const known = byKey.get(key) ?? open(`${base}/api/docker/${key}`);
			byKey.set(key, known);
			return known;
		},
		ownApi: async (signal) => (own ??= await hasOwnApi(await whole(signal), base, signal)),
	};
}

function credentialsOf({ credentials }: RegistryAccess) {
	if (credentials === null) return null;
	if (credentials.kind === "token") return { kind: "bearer", token: credentials.token } as const;
	if (credentials.kind === "password") return credentials;
	throw new EngineError(
		"credentials_unusable",
		"An AWS access key is nothing that Artifactory takes.",
		"Give a user name and password, or an access token.",
	);
}

/** Where a listing goes on: `KEY`, or `KEY?query` inside of its catalog. */
async function* catalogs(places: Places, host: string, from: string | null, signal: AbortSignal) {
	const api: RegistryApi = await places.whole(signal);
	if (!(await places.ownApi(signal))) {
		for await (const { entries, next } of api.repositories(from, signal)) yield { names: entries, next };
		return;
	}
	const [, fromKey = "", fromQuery] = /^([^?]*)(\?.*)?$/s.exec(from ?? "") ?? [];
	const keys = (await repositoryKeys(api, places.base, host, signal)).filter((key) => key >= fromKey);
	if (keys.length === 0) yield { names: [], next: null };
	for (const [at, key] of keys.entries()) {
		const began = key === fromKey ? (fromQuery ?? null) : null;
		const following = keys[at + 1] ?? null;
		for await (const { entries, next } of (await places.byKey(key)(signal)).repositories(began, signal))
			yield { names: entries.map((name) => `${key}/${name}`), next: next === null ? following : `${key}${next}` };
	}
}

function noImage(host: string, repository: string): EngineError {
	return new EngineError(
		"registry_not_found",
		`${host} has no repository ${repository}: an image in Artifactory is named KEY/image.`,
		"Write the key of the Docker repository in front.",
	);
}
