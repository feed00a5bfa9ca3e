/**
 * A stand-in for JFrog Artifactory, which cannot run here: written from its published REST and Docker API, and strict
 * about what it is asked. Anonymous access is off unless said otherwise; a wrong password is refused everywhere.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface ArtifactoryImage {
	readonly manifest: { readonly mediaType: string; readonly digest: string; readonly bytes: Uint8Array };
	readonly blobs: Readonly<Record<string, Uint8Array>>;
}

export interface ArtifactoryOptions {
	/** Values of the `Authorization` header that are let in. */
	readonly authorizations: readonly string[];
	/** What somebody without one sees: nothing when absent. */
	readonly anonymousKeys?: readonly string[];
	/** Docker repositories: images by name and tag. */
	readonly repositories: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, ArtifactoryImage>>>>>>;
	/** Kinds of the repositories; LOCAL when absent. */
	readonly types?: Readonly<Record<string, string>>;
	/** Only `/v2/` is let through, as behind a proxy for Docker alone. */
	readonly dockerOnly?: boolean;
	readonly pageSize?: number;
}

export interface FakeArtifactory {
	readonly host: string;
	/** `GET /path` of every request. */
	readonly requests: readonly string[];
	close(): Promise<void>;
}

export async function startArtifactory(options: ArtifactoryOptions): Promise<FakeArtifactory> {
	const requests: string[] = [];
	const server = createServer((request, response) => {
		requests.push(`${request.method} ${request.url}`);
		answer(options, request, response);
	});
	await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
	return {
		host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
		requests,
		close: async () => {
			server.closeAllConnections();
			await new Promise<void>((closed) => server.close(() => closed()));
		},
	};
}

function answer(options: ArtifactoryOptions, request: IncomingMessage, response: ServerResponse): void {
	const url = new URL(request.url ?? "/", "http://artifactory");
	const { authorization } = request.headers;
	const known = authorization !== undefined && options.authorizations.includes(authorization);
	if (authorization !== undefined && !known) return refuse(response);
	const visible = known ? Object.keys(options.repositories) : (options.anonymousKeys ?? []);
	if (!known && options.anonymousKeys === undefined) return refuse(response);
	const own = /^\/artifactory\/api\/(.*)$/.exec(url.pathname)?.[1];
	if (own !== undefined && options.dockerOnly) return json(response, 404, { errors: [{ status: 404 }] });
	if (own === "system/ping") return void response.writeHead(200, { "content-type": "text/plain" }).end("OK");
	if (own === "system/version") {
		if (!known) return json(response, 403, { errors: [{ status: 403, message: "Forbidden" }] });
		return json(response, 200, { version: "7.90.8", revision: "79008900", addons: [] });
	}
	if (own === "repositories") {
		if (url.searchParams.get("packageType") !== "docker") return json(response, 400, {});
		const list = visible.map((key) => ({ key, type: options.types?.[key] ?? "LOCAL", packageType: "Docker" }));
		return json(response, 200, list);
	}
	const byPath = /^docker\/([^/]+)\/v2\/(.*)$/.exec(own ?? "");
	if (byPath) return docker(options, visible, `${byPath[1]}/`, byPath[2] ?? "", url, request, response);
	const root = /^\/v2\/(.*)$/.exec(url.pathname)?.[1];
	if (root !== undefined) return docker(options, visible, "", root, url, request, response);
	json(response, 404, { errors: [{ status: 404 }] });
}

/** Docker's part: of one repository (`prefix` is its key), or of all, whose names then begin with the key. */
function docker(
	options: ArtifactoryOptions,
	visible: readonly string[],
	prefix: string,
	path: string,
	url: URL,
	request: IncomingMessage,
	response: ServerResponse,
): void {
	if (path === "") return json(response, 200, {}, { "docker-distribution-api-version": "registry/2.0" });
	if (path === "_catalog") {
		const names = visible.flatMap((key) =>
			Object.keys(options.repositories[key] ?? {}).map((image) => `${key}/${image}`),
		);
		const inside = names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
		return page(options, url, response, "repositories", inside);
	}
	const [, image = "", what = "", reference = ""] = /^(.+)\/(tags|manifests|blobs)\/(.+)$/.exec(path) ?? [];
	const [key = "", ...rest] = `${prefix}${image}`.split("/");
	const tags = visible.includes(key) ? options.repositories[key]?.[rest.join("/")] : undefined;
	if (!tags) return json(response, 404, { errors: [{ code: "NAME_UNKNOWN", message: "unknown" }] });
	if (what === "tags") return page(options, url, response, "tags", Object.keys(tags));
	const images = Object.values(tags);
	if (what === "blobs") {
		const blob = images.map(({ blobs }) => blobs[reference]).find((bytes) => bytes !== undefined);
		return blob ? send(request, response, "application/octet-stream", reference, blob) : json(response, 404, {});
	}
	const found = tags[reference] ?? images.find(({ manifest }) => manifest.digest === reference);
	if (!found) return json(response, 404, { errors: [{ code: "MANIFEST_UNKNOWN", message: "unknown" }] });
	const { mediaType, digest, bytes } = found.manifest;
	if (!(request.headers.accept ?? "").includes(mediaType)) return json(response, 406, {});
	send(request, response, mediaType, digest, bytes);
}

function send(
	request: IncomingMessage,
	response: ServerResponse,
	type: string,
	digest: string,
	bytes: Uint8Array,
): void {
	response.writeHead(200, { "content-type": type, "content-length": bytes.length, "docker-content-digest": digest });
	response.end(request.method === "HEAD" ? undefined : bytes);
}

function page(
	{ pageSize = 100 }: ArtifactoryOptions,
	url: URL,
	response: ServerResponse,
	field: string,
	all: readonly string[],
): void {
	const last = url.searchParams.get("last") ?? "";
	const rest = [...all].sort().filter((entry) => entry > last);
	const entries = rest.slice(0, pageSize);
	// The path that it sees itself, whatever a proxy made of it.
	const link = `</v2/_catalog?last=${entries.at(-1)}&n=${pageSize}>; rel="next"`;
	json(response, 200, { [field]: entries }, rest.length > pageSize ? { link } : {});
}

function refuse(response: ServerResponse): void {
	const headers = { "www-authenticate": 'Basic realm="Artifactory Realm"' };
	json(response, 401, { errors: [{ status: 401, message: "Bad credentials" }] }, headers);
}

function json(
	response: ServerResponse,
	status: number,
	value: unknown,
	headers: Readonly<Record<string, string>> = {},
): void {
	response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));
}
