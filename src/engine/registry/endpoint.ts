import { EngineError } from "../errors.ts";
import { isLoopback } from "./address.ts";
import type { RegistryPlace } from "./deps.ts";
import { dockerHub, isHost, isRepository } from "./reference.ts";

export type Scheme = "https" | "http";

/** A host that speaks the distribution API: a registry itself or a mirror of it. */
export interface Endpoint {
	readonly role: "origin" | "mirror";
	/** The host as references and credentials name it: `docker.io`. */
	readonly host: string;
	/** The host that is spoken to: `registry-1.docker.io`. */
	readonly apiHost: string;
	/** `apiHost` without port, as URL writes it. */
	readonly hostname: string;
	/** Stands before the repository's name on a mirror: `proxy-cache/`; else empty. */
	readonly prefix: string;
	/** Stands before `/v2/`; else empty. */
	readonly basePath: string;
	/** Plain HTTP is allowed with it and wherever it points to. */
	readonly insecure: boolean;
	/** In the order to try. */
	readonly schemes: readonly Scheme[];
}

/** Docker Hub's references say docker.io, but the API is elsewhere. */
const apiHosts: Readonly<Record<string, string>> = { [dockerHub]: "registry-1.docker.io" };

/** The registry itself. As Docker does, loopback and insecure registries are tried by HTTPS, then by HTTP, unless `place` tells. */
export function originEndpoint(registry: string, insecure: boolean, place?: RegistryPlace): Endpoint {
	const apiHost = place?.apiHost ?? apiHosts[registry] ?? registry;
	const { hostname } = new URL(`https://${apiHost}`);
	const usual: readonly Scheme[] = insecure || isLoopback(hostname) ? ["https", "http"] : ["https"];
	const schemes = place ? [place.scheme] : usual;
	const basePath = place?.basePath ?? "";
	return { role: "origin", host: registry, apiHost, hostname, prefix: "", basePath, insecure, schemes };
}

/**
 * A mirror out of the settings: `host[:port][/prefix]`. `--insecure` speaks of the registry, not of its mirrors: plain
 * HTTP with a mirror is written `http://host`. Throws `reference_malformed`.
 */
export function mirrorEndpoint(setting: string): Endpoint {
	const match = /^(?:(https?):\/\/)?([^/]+)(?:\/(.*?))?\/?$/.exec(setting);
	const [, scheme, host = "", prefix = ""] = match ?? [];
	if (!isHost(host) || (prefix !== "" && !isRepository(prefix))) {
		throw new EngineError(
			"reference_malformed",
			`The mirror ${JSON.stringify(setting)} is not of the form host[:port][/prefix].`,
			"Correct the mirror in the settings: mirror.example, mirror.example:5000 or harbor.example/proxy-cache.",
		);
	}
	const origin = originEndpoint(host, scheme === "http");
	const schemes: readonly Scheme[] = scheme === "http" ? ["http"] : scheme === "https" ? ["https"] : origin.schemes;
	return { ...origin, role: "mirror", schemes, prefix: prefix === "" ? "" : `${prefix}/` };
}
