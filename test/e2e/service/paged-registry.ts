/** A registry over HTTP with as many tags as wanted, that can be told to misbehave; it counts what is asked. */
import { createHash } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface PagedRegistry {
	readonly host: string;
	/** `HEAD /v2/…`, in order. */
	readonly asked: string[];
	/** Repository to its tags; each tag is an image of its own. */
	readonly repositories: Map<string, string[]>;
	/** Answers in place of the registry: true when it did. */
	misbehave: (asked: string, response: ServerResponse) => boolean;
	close(): Promise<void>;
}

const manifestType = "application/vnd.oci.image.manifest.v1+json";
const configType = "application/vnd.oci.image.config.v1+json";
const digestOf = (text: string): string => `sha256:${createHash("sha256").update(text).digest("hex")}`;

function manifestOf(repository: string, tag: string): { readonly manifest: string; readonly config: string } {
	const diffId = digestOf(`tar ${repository} ${tag}`);
	const config = JSON.stringify({ os: "linux", architecture: "amd64", rootfs: { type: "layers", diff_ids: [diffId] } });
	const manifest = JSON.stringify({
		schemaVersion: 2,
		mediaType: manifestType,
		config: { mediaType: configType, digest: digestOf(config), size: config.length },
		layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: digestOf(diffId), size: 100 }],
	});
	return { manifest, config };
}

export async function startPagedRegistry(pageSize: number): Promise<PagedRegistry> {
	const repositories = new Map<string, string[]>();
	const blobs = new Map<string, string>();
	const asked: string[] = [];
	const page = (response: ServerResponse, url: URL, key: string, all: readonly string[]): void => {
		const rest = [...all].sort().filter((entry) => entry > (url.searchParams.get("last") ?? ""));
		const here = rest.slice(0, pageSize);
		const link = `<${url.pathname}?n=${pageSize}&last=${here.at(-1)}>; rel="next"`;
		response.writeHead(200, { "content-type": "application/json", ...(rest.length > pageSize && { link }) });
		response.end(JSON.stringify({ [key]: here }));
	};
	const send = (response: ServerResponse, type: string, text: string, body: boolean): void => {
		response.writeHead(200, {
			"content-type": type,
			"docker-content-digest": digestOf(text),
			"content-length": text.length,
		});
		response.end(body ? text : undefined);
	};
	const server = createServer((request, response) => {
		const url = new URL(request.url ?? "/", "http://registry");
		const question = `${request.method} ${url.pathname}${url.search}`;
		asked.push(question);
		if (registry.misbehave(question, response)) return;
		const [, repository = "", kind, reference = ""] =
			/^\/v2\/(.+)\/(tags|manifests|blobs)\/([^/]+)$/.exec(url.pathname) ?? [];
		const tags = repositories.get(repository);
		if (url.pathname === "/v2/") return void response.end("{}");
		if (url.pathname === "/v2/_catalog") return page(response, url, "repositories", [...repositories.keys()]);
		if (kind === "tags" && tags) return page(response, url, "tags", tags);
		const withBody = request.method === "GET";
		if (kind === "blobs" && blobs.has(reference))
			return send(response, configType, blobs.get(reference) ?? "", withBody);
		const all = (tags ?? []).map((tag) => ({ tag, ...manifestOf(repository, tag) }));
		const found = reference.includes(":")
			? all.find(({ manifest }) => digestOf(manifest) === reference)
			: all.find(({ tag }) => tag === reference);
		if (kind !== "manifests" || !found) return void response.writeHead(404).end('{"errors":[{"code":"NAME_UNKNOWN"}]}');
		blobs.set(digestOf(found.config), found.config);
		send(response, manifestType, found.manifest, withBody);
	});
	await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
	const registry: PagedRegistry = {
		host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
		asked,
		repositories,
		misbehave: () => false,
		close: async () => {
			server.closeAllConnections();
			await new Promise<void>((closed) => server.close(() => closed()));
		},
	};
	return registry;
}
