/** One registry with one client for all of its repositories, so that logging in is learnt once. */
import { type Digest, isDigest } from "#model";
import { EngineError } from "../errors.ts";
import type { ImageSource } from "../image/types.ts";
import { parseManifest } from "../image-documents/manifest.ts";
import { type Answer, createClient, type RegistryClient, type Request } from "./client.ts";
import { aborted, type RegistryDeps } from "./deps.ts";
import { originEndpoint } from "./endpoint.ts";
import { unwrapFailure } from "./failure.ts";
import { accept, maxDocumentSize, type Repository, repositoryBy } from "./repository.ts";
import { repositorySource } from "./source.ts";
import { type ListPage, repositoryPages, tagPages } from "./tags.ts";

/** Methods throw the `registry_*` codes, `digest_mismatch`, `image_malformed`, `credentials_unusable`, `aborted`. */
export interface RegistryApi {
	/** What `/v2/` answers to us. */
	ping(signal: AbortSignal): Promise<RegistryAnswer>;
	/** What any path of the registry's host answers; `statuses` besides 200 are answers, too. `scope`: what a token must be for. */
	get(path: string, statuses: readonly number[], signal: AbortSignal, scope?: string): Promise<RegistryAnswer>;
	repositories(from: string | null, signal: AbortSignal): AsyncIterable<ListPage>;
	tags(repository: string, signal: AbortSignal): AsyncIterable<ListPage>;
	/**
	 * By HEAD: the digest that a tag points to, "gone" when it points nowhere, null when the registry does not tell (so
	 * ask for the manifest).
	 */
	digestOf(repository: string, reference: string, signal: AbortSignal): Promise<Digest | "gone" | null>;
	repository(name: string): Repository;
	source(repository: string, digest: Digest): ImageSource;
}

export interface RegistryAnswer {
	readonly status: number;
	readonly bytes: Uint8Array;
	readonly headers: Headers;
}

/** What is asked of a registry besides its images is short. */
const maxAnswer = 8 * 1024 * 1024;
const maxPing = 64 * 1024;

export function openRegistry(registry: string, deps: RegistryDeps): RegistryApi {
	const client = createClient(originEndpoint(registry, deps.insecure, deps.place), deps);
	const repository = (name: string): Repository => repositoryBy(client, [], name);
	return {
		ping: (signal) => read(client, { path: "/v2/", subject: api, scope: "" }, maxPing, signal),
		get: (path, statuses, signal, scope = "") =>
			read(client, { path, subject: api, scope, answers: [200, ...statuses] }, maxAnswer, signal),
		repositories: (from, signal) => repositoryPages(client, from, signal),
		tags: (name, signal) => tagPages(client, name, signal),
		async digestOf(name, reference, signal) {
			const request: Request = {
				path: `/v2/${name}/manifests/${reference}`,
				method: "HEAD",
				subject: { kind: "manifest", repository: name, reference },
				scope: `repository:${name}:pull`,
				accept,
				answers: [200, 404, 405, 501],
			};
			const { status, headers } = await read(client, request, maxDocumentSize, signal);
			if (status === 404) return "gone";
			const digest = headers.get("docker-content-digest") ?? "";
			return status === 200 && isDigest(digest) ? digest : null;
		},
		repository,
		source: (name, digest) =>
			repositorySource(`${registry}/${name}@${digest}`, repository(name), (signal) =>
				repository(name).manifest(digest, typeOf, signal),
			),
	};
}

const typeOf = (bytes: Uint8Array, said: string, digest: Digest): string =>
	parseManifest(bytes, said, digest).mediaType;

const api = { kind: "api", repository: "", reference: "" } as const;

async function read(client: RegistryClient, request: Request, limit: number, signal: AbortSignal): Promise<Answer> {
	try {
		return await client.read(request, limit, signal);
	} catch (thrown) {
		if (signal.aborted) throw aborted(signal);
		const error = unwrapFailure(thrown);
		// A long answer is "malformed" where an image is read; here it means that this is no registry.
		if (error instanceof EngineError && error.code === "image_malformed")
			throw new EngineError("registry_failed", error.message, "Check that this is a container registry.", error);
		throw error;
	}
}
