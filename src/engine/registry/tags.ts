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
	const request = {
		path: `/v2/${repository}/tags/list?n=${pageSize}`,
		subject: { kind: "tags", repository, reference: "" },
		scope: `repository:${repository}:pull`,
		accept: "application/json",
	} as const;
	return pages(createClient(originEndpoint(registry, deps.insecure), deps), request, "tags", isTag, signal);
}

/** The repositories of a registry, as far as it lists them (Docker Hub and most hosted ones do not). */
export function listRepositories(registry: string, deps: RegistryDeps, signal: AbortSignal): AsyncIterable<string> {
	const request = {
		path: `/v2/_catalog?n=${pageSize}`,
		subject: { kind: "catalog", repository: "", reference: "" },
		scope: "registry:catalog:*",
		accept: "application/json",
	} as const;
	const client = createClient(originEndpoint(registry, deps.insecure), deps);
	return pages(client, request, "repositories", isRepository, signal);
}

async function* pages(
	client: RegistryClient,
	first: Request,
	field: "tags" | "repositories",
	isEntry: (text: string) => boolean,
	signal: AbortSignal,
): AsyncGenerator<string, void, void> {
	const { host } = client.endpoint;
	const seen = new Set<string>();
	let path = first.path;
	while (seen.size < maxPages) {
		const { bytes, headers, url } = await client.read({ ...first, path }, maxPageBytes, signal).catch((thrown) => {
			throw signal.aborted ? aborted(signal) : unwrapFailure(thrown);
		});
		seen.add(url.href);
		yield* readPage(host, bytes, field).filter(isEntry);
		const next = nextPage(headers.get("link"), url, host);
		if (next === null) return;
		if (seen.has(next.href)) throw endless(host, "the pages of its list lead in a circle");
		path = next.href;
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
