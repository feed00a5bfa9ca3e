/**
 * A distribution registry in this process, on loopback, for unit tests. It is strict: what a good client never does is
 * written to `violations`, which tests expect to be empty. It can be told to misbehave, one request at a time.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createAuthority, type FakeAuth } from "./auth.ts";
import type { Stored, TestImage } from "./content.ts";

export interface FakeRegistry {
	/** `127.0.0.1:PORT` */
	readonly host: string;
	/** Every request, in order, `/v2/` probes included. */
	readonly requests: readonly SeenRequest[];
	readonly violations: readonly string[];
	/** Stores an image and gives it tags. */
	push(repository: string, image: TestImage, ...tags: string[]): void;
	/** Stores a manifest that may be anything. */
	pushManifest(repository: string, manifest: Stored, ...tags: string[]): void;
	pushBlob(repository: string, blob: Stored): void;
	/** The next requests whose path has this text in it are answered so; one fault a request. */
	misbehave(pathPart: string, ...faults: readonly Fault[]): void;
	revokeTokens(): void;
	close(): Promise<void>;
}

export interface SeenRequest {
	readonly method: string;
	readonly path: string;
	readonly headers: IncomingMessage["headers"];
	readonly body: string;
}

/** One wrong answer. */
export type Fault =
	| {
			readonly kind: "status";
			readonly status: number;
			readonly headers?: Record<string, string>;
			readonly body?: string;
	  }
	| { readonly kind: "redirect"; readonly to: string; readonly status?: number }
	/** Sends so many bytes of the right answer, then breaks the connection. */
	| { readonly kind: "break"; readonly after: number }
	/** Sends the right status and these headers in addition. */
	| { readonly kind: "headers"; readonly headers: Record<string, string> }
	/** Answers a Range request with 200 and everything. */
	| { readonly kind: "ignore-range" }
	/** Ends the answer properly, but so many bytes too early. */
	| { readonly kind: "short"; readonly by: number }
	/** Sends this in place of the right bytes, with the right digest header. */
	| { readonly kind: "content"; readonly bytes: Uint8Array }
	/** The right answer. */
	| { readonly kind: "none" };

export interface FakeOptions {
	readonly auth?: FakeAuth;
	/** Entries a page of tags and catalog. */
	readonly pageSize?: number;
}

interface Repository {
	readonly manifests: Map<string, Stored>;
	readonly blobs: Map<string, Stored>;
	readonly tags: Set<string>;
}

export async function startFakeRegistry(options: FakeOptions = {}): Promise<FakeRegistry> {
	const repositories = new Map<string, Repository>();
	const requests: SeenRequest[] = [];
	const violations: string[] = [];
	const faults: { readonly pathPart: string; readonly fault: Fault }[] = [];
	const violation = (text: string): void => void violations.push(text);
	const authority = createAuthority(options.auth, violation);

	const server = createServer((request, response) => {
		collect(request).then(
			(body) => handle(request, response, body),
			() => response.destroy(),
		);
	});
	await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
	const { port } = server.address() as AddressInfo;
	const host = `127.0.0.1:${port}`;

	function handle(request: IncomingMessage, response: ServerResponse, body: string): void {
		const path = request.url ?? "/";
		requests.push({ method: request.method ?? "", path, headers: request.headers, body });
		const at = faults.findIndex(({ pathPart }) => path.includes(pathPart));
		const fault = (at < 0 ? undefined : faults.splice(at, 1)[0]?.fault) ?? { kind: "none" };
		if (fault.kind === "status") return void response.writeHead(fault.status, fault.headers).end(fault.body);
		if (fault.kind === "redirect") return void response.writeHead(fault.status ?? 307, { location: fault.to }).end();
		const url = new URL(path, `http://${host}`);
		if (url.pathname === "/token") return authority.serveToken(request, response, url, body);
		if (request.method !== "GET") violation(`${request.method} ${path}`);
		const route = routeOf(url.pathname);
		if (!route) return sendError(response, 404, "UNSUPPORTED");
		if (!authority.admit(request, response, scopeOf(route), `http://${host}`)) return;
		if (route.kind === "api") return void response.writeHead(200).end("{}");
		if (route.kind === "catalog") return sendPage(response, url, "repositories", [...repositories.keys()], options);
		const repository = repositories.get(route.repository);
		if (!repository) return sendError(response, 404, "NAME_UNKNOWN", "repository name not known to registry");
		if (route.kind === "tags") return sendPage(response, url, "tags", [...repository.tags], options);
		const content = repository[route.kind].get(route.reference);
		if (!content) return sendError(response, 404, route.kind === "blobs" ? "BLOB_UNKNOWN" : "MANIFEST_UNKNOWN");
		const accepted = (request.headers.accept ?? "").split(",").map((type) => type.trim());
		if (route.kind === "manifests" && !accepted.includes(content.mediaType) && content.mediaType !== "") {
			violation(`manifest asked for without accepting ${content.mediaType}`);
		}
		sendContent(request, response, content, fault, route.kind === "blobs");
	}

	const repositoryOf = (name: string): Repository => {
		const known = repositories.get(name) ?? { manifests: new Map(), blobs: new Map(), tags: new Set() };
		repositories.set(name, known);
		return known;
	};
	const pushManifest = (name: string, manifest: Stored, ...tags: string[]): void => {
		const { manifests, tags: known } = repositoryOf(name);
		for (const key of [manifest.digest, ...tags]) manifests.set(key, manifest);
		for (const tag of tags) known.add(tag);
	};
	const pushBlob = (name: string, blob: Stored): void => void repositoryOf(name).blobs.set(blob.digest, blob);
	return {
		host,
		requests,
		violations,
		pushManifest,
		pushBlob,
		push(name, { manifest, config, layers }, ...tags) {
			for (const blob of [config, ...layers]) pushBlob(name, blob);
			pushManifest(name, manifest, ...tags);
		},
		misbehave: (pathPart, ...more) => void faults.push(...more.map((fault) => ({ pathPart, fault }))),
		revokeTokens: () => authority.revoke(),
		close: async () => {
			server.closeAllConnections();
			await new Promise<void>((closed) => server.close(() => closed()));
		},
	};
}

type Route =
	| { readonly kind: "api" }
	| { readonly kind: "catalog" }
	| { readonly kind: "tags"; readonly repository: string }
	| { readonly kind: "manifests" | "blobs"; readonly repository: string; readonly reference: string };

function routeOf(path: string): Route | null {
	if (path === "/v2/") return { kind: "api" };
	if (path === "/v2/_catalog") return { kind: "catalog" };
	const [, tagged] = /^\/v2\/(.+)\/tags\/list$/.exec(path) ?? [];
	if (tagged) return { kind: "tags", repository: tagged };
	const [, repository, kind, reference] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(path) ?? [];
	if (!repository || !reference) return null;
	return { kind: kind === "blobs" ? "blobs" : "manifests", repository, reference };
}

function scopeOf(route: Route): string {
	if (route.kind === "api") return "";
	return route.kind === "catalog" ? "registry:catalog:*" : `repository:${route.repository}:pull`;
}

function sendContent(
	request: IncomingMessage,
	response: ServerResponse,
	content: Stored,
	fault: Fault,
	ranges: boolean,
): void {
	const right = fault.kind === "content" ? Buffer.from(fault.bytes) : content.bytes;
	const [, first] = /^bytes=(\d+)-$/.exec(request.headers.range ?? "") ?? [];
	const from = ranges && fault.kind !== "ignore-range" ? Number(first ?? 0) : 0;
	const partial = first !== undefined && ranges && fault.kind !== "ignore-range";
	if (partial && from >= right.length) return void response.writeHead(416).end();
	const bytes = right.subarray(from, fault.kind === "short" ? right.length - fault.by : right.length);
	response.writeHead(partial ? 206 : 200, {
		...(content.mediaType !== "" && { "content-type": content.mediaType }),
		"content-length": String(bytes.length),
		"docker-content-digest": content.digest,
		...(partial && { "content-range": `bytes ${from}-${right.length - 1}/${right.length}` }),
		...(fault.kind === "headers" && fault.headers),
	});
	if (fault.kind !== "break") return void response.end(bytes);
	response.write(bytes.subarray(0, fault.after), () => setImmediate(() => response.destroy()));
}

function sendPage(
	response: ServerResponse,
	url: URL,
	key: "tags" | "repositories",
	all: readonly string[],
	{ pageSize }: FakeOptions,
): void {
	const size = Math.min(Number(url.searchParams.get("n") ?? 100), pageSize ?? 100);
	const last = url.searchParams.get("last") ?? "";
	const rest = [...all].sort().filter((entry) => entry > last);
	const page = rest.slice(0, size);
	const link = `<${url.pathname}?n=${size}&last=${page.at(-1)}>; rel="next"`;
	response.writeHead(200, { "content-type": "application/json", ...(rest.length > size && { link }) });
	response.end(JSON.stringify({ [key]: page }));
}

function sendError(response: ServerResponse, status: number, code: string, message = code.toLowerCase()): void {
	response.writeHead(status, { "content-type": "application/json" });
	response.end(JSON.stringify({ errors: [{ code, message }] }));
}

async function collect(request: IncomingMessage): Promise<string> {
	let body = "";
	for await (const chunk of request) body += String(chunk);
	return body;
}
