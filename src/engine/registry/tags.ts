/**
 * Lists a repository's tags and a registry's repositories, page by page.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags; the catalog is Docker's.
 */
import { EngineError } from "../errors.ts";
import { createClient, type RegistryClient, type Request } from "./client.ts";
import { aborted, type RegistryDeps } from "./deps.ts";
import { originEndpoint } from "./endpoint.ts";
import { unwrapFailure } from "./failure.ts";
import { isRepository, isTag } from "./reference.ts";

/** Entries asked for a page; registries may give fewer. */
const pageSize = 1000;
/** At full pages a million entries, more than any repository has. A registry whose pages never end stops here. */
const maxPages = 1000;
/** A page of a thousand of the longest names is a third of a megabyte; some registries ignore `n` and send everything. */
const maxPageBytes = 16 * 1024 * 1024;

/** The tags of a repository, in the registry's order. Entries that are no tags are left out. Throws the `registry_*` codes. */
export function listTags(
	registry: string,
	repository: string,
	deps: RegistryDeps,
	signal: AbortSignal,
): AsyncIterable<string> {
	return entries(tagPages(originClient(registry, deps), repository, signal));
}

/** The repositories of a registry, as far as it lists them (Docker Hub and most hosted ones do not). */
export function listRepositories(registry: string, deps: RegistryDeps, signal: AbortSignal): AsyncIterable<string> {
	return entries(repositoryPages(originClient(registry, deps), null, signal));
}

/** A page of a list. `next` is the query of the following one, from which a listing can be taken up; null on the last. */
export interface ListPage {
	readonly entries: readonly string[];
	readonly next: string | null;
}

export function tagPages(client: RegistryClient, repository: string, signal: AbortSignal): AsyncIterable<ListPage> {
	const request = {
		path: `/v2/${repository}/tags/list`,
		subject: { kind: "tags", repository, reference: "" },
		scope: `repository:${repository}:pull`,
		accept: "application/json",
	} as const;
	return pages(client, request, null, "tags", isTag, signal);
}

/** From the beginning, or from where `next` of a page said. */
export function repositoryPages(
	client: RegistryClient,
	from: string | null,
	signal: AbortSignal,
): AsyncIterable<ListPage> {
	return pages(client, catalogRequest, from, "repositories", isRepository, signal);
}

const catalogRequest = {
	path: "/v2/_catalog",
	subject: { kind: "catalog", repository: "", reference: "" },
	scope: "registry:catalog:*",
	accept: "application/json",
} as const;

function originClient(registry: string, deps: RegistryDeps): RegistryClient {
	return createClient(originEndpoint(registry, deps.insecure, deps.place), deps);
}

async function* entries(all: AsyncIterable<ListPage>): AsyncGenerator<string, void, void> {
	for await (const page of all) yield* page.entries;
}

async function* pages(
	client: RegistryClient,
	list: Request,
	from: string | null,
	field: "tags" | "repositories",
	isEntry: (text: string) => boolean,
	signal: AbortSignal,
): AsyncGenerator<ListPage, void, void> {
	const { host } = client.endpoint;
	const seen = new Set<string>();
	let query = from ?? `?n=${pageSize}`;
	while (seen.size < maxPages) {
		const path = `${list.path}${query}`;
		const { bytes, headers, url } = await client.read({ ...list, path }, maxPageBytes, signal).catch((thrown) => {
			throw signal.aborted ? aborted(signal) : unwrapFailure(thrown);
		});
		seen.add(url.href);
		const next = nextPage(headers.get("link"), url, host);
		yield { entries: readPage(host, bytes, field).filter(isEntry), next: next?.search ?? null };
		if (next === null) return;
		// Only the query counts: behind a proxy with a path of its own, a registry tells the path that it sees itself.
		const following = new URL(url);
		following.search = next.search;
		if (seen.has(following.href)) throw endless(host, "the pages of its list lead in a circle");
		query = following.search;
	}
	throw endless(host, `its list has more than ${maxPages} pages`);
}

function readPage(host: string, bytes: Uint8Array, field: string): readonly string[] {
	const wrong = (cause?: unknown) =>
		new EngineError(
			"registry_failed",
			`${host} gave a list that is not of the form {"${field}": […]}.`,
			"Check that this is a container registry.",
			cause,
		);
	let page: unknown;
	try {
		page = JSON.parse(new TextDecoder().decode(bytes));
	} catch (cause) {
		throw wrong(cause);
	}
	if (typeof page !== "object" || page === null || Array.isArray(page)) throw wrong();
	// A repository without tags has `null` here in Docker's own registry.
	const entries: unknown = (page as Readonly<Record<string, unknown>>)[field] ?? [];
	if (!Array.isArray(entries)) throw wrong();
	return entries.filter((entry): entry is string => typeof entry === "string");
}

/** The address of `rel="next"` (RFC 8288), which must be of the registry itself; null when this is the last page. */
function nextPage(header: string | null, from: URL, host: string): URL | null {
	const [, target] = /<([^<>]*)>\s*;[^,]*?\brel\s*=\s*"?next\b/i.exec(header ?? "") ?? [];
	if (target === undefined) return null;
	if (!URL.canParse(target, from)) throw endless(host, "the address of its next page is malformed");
	const next = new URL(target, from);
	if (next.origin !== from.origin) throw endless(host, `its next page is on another host (${next.host})`);
	return next;
}

function endless(host: string, problem: string): EngineError {
	return new EngineError(
		"registry_failed",
		`${host} cannot be listed: ${problem}.`,
		"Ask the registry's administrator.",
	);
}
