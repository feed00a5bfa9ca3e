/**
 * Image references, read as Docker and containers/image read them: a missing registry is Docker Hub, a name of one
 * part there is `library/NAME`, a missing tag is `latest`.
 * Grammar: https://github.com/distribution/reference, https://github.com/opencontainers/distribution-spec (pull).
 */
import { type Digest, isDigest } from "#model";
import { EngineError } from "../errors.ts";

/** What `registry/repository[:tag|@digest]` names. With both tag and digest, the digest is what is pulled. */
export interface Reference {
	/** `host[:port]` as people write it: `docker.io`, `localhost:5000`, `[::1]:5000`. */
	readonly registry: string;
	/** `library/nginx` */
	readonly repository: string;
	readonly tag?: string;
	readonly digest?: Digest;
}

/** Docker Hub's name in references. */
export const dockerHub = "docker.io";

/** The distribution project's limit for a repository name, registry included. */
const maxNameLength = 255;
/** Longer than any well-formed reference: 255 for the name, 128 for the tag, 135 for a sha512 digest. */
const maxLength = 600;

const hostPattern =
	/^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(?::([0-9]{1,5}))?$/;
const componentPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/** Parses a reference. Throws `reference_malformed` with what is wrong in which part. */
export function parseReference(text: string): Reference {
	const fail = (problem: string, hint: string) => malformedReference(text, problem, hint);
	if (text.length > maxLength) throw fail(`is longer than ${maxLength} characters`, usage);
	if (/^[a-z+-]+:\/\//i.test(text)) throw fail("starts with a scheme", `Leave out everything up to "//". ${usage}`);
	const { name, tag, digest } = splitName(text);
	const { registry, path } = splitRegistry(name);
	if (!isHost(registry)) throw fail(`names "${registry}", which is not a registry host`, usage);
	if (path === "") throw fail("names no repository", usage);
	if (/^[0-9a-f]{64}$/.test(text)) {
		throw fail("is an image ID, which no registry can look up", "Give the repository and a tag or digest.");
	}
	const repository = registry === dockerHub && !path.includes("/") ? `library/${path}` : path;
	if (!isRepository(repository)) {
		const upper = /[A-Z]/.test(repository);
		throw fail(
			`names "${path}", which is not a repository name`,
			upper ? "Repository names are lower case." : `Allowed are a-z, 0-9 and . _ - between them. ${usage}`,
		);
	}
	if (registry.length + 1 + repository.length > maxNameLength) {
		throw fail(`has a name of more than ${maxNameLength} characters`, usage);
	}
	if (tag !== undefined && !isTag(tag)) {
		throw fail(`has the tag "${tag}"`, "A tag is 1 to 128 of A-Z a-z 0-9 _ . - and starts with a letter, digit or _.");
	}
	if (digest !== undefined && !isDigest(digest)) {
		throw fail("has a malformed digest", "A digest is sha256: and 64, or sha512: and 128, lower-case hex digits.");
	}
	const named = { registry, repository, ...(tag !== undefined && { tag }) };
	if (digest !== undefined) return { ...named, digest };
	return tag === undefined ? { ...named, tag: "latest" } : named;
}

/** Writes a reference in full: `docker.io/library/nginx:1.27`. */
export function formatReference({ registry, repository, tag, digest }: Reference): string {
	return `${registry}/${repository}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/** True for `host`, `host:port`, `[v6]` and `[v6]:port` that a reference may begin with. */
export function isHost(text: string): boolean {
	const match = hostPattern.exec(text);
	if (!match) return false;
	const port = match[1];
	return port === undefined || (Number(port) > 0 && Number(port) < 65_536);
}

/** True for a repository name that the distribution specification allows. */
export function isRepository(text: string): boolean {
	return text.length <= maxNameLength && text.split("/").every((component) => componentPattern.test(component));
}

/** True for a tag that the distribution specification allows. */
export function isTag(text: string): boolean {
	return tagPattern.test(text);
}

const usage = "A reference looks like registry.example/team/app:1.2 or registry.example/team/app@sha256:….";

function splitName(text: string): { name: string; tag: string | undefined; digest: string | undefined } {
	const at = text.indexOf("@");
	const digest = at < 0 ? undefined : text.slice(at + 1);
	const rest = at < 0 ? text : text.slice(0, at);
	const colon = rest.indexOf(":", rest.lastIndexOf("/") + 1);
	if (colon < 0) return { name: rest, tag: undefined, digest };
	return { name: rest.slice(0, colon), tag: rest.slice(colon + 1), digest };
}

function splitRegistry(name: string): { registry: string; path: string } {
	const slash = name.indexOf("/");
	const first = name.slice(0, Math.max(slash, 0));
	const isRegistry = /[.:]/.test(first) || first.toLowerCase() === "localhost";
	if (slash < 0 || !isRegistry) return { registry: dockerHub, path: name };
	const registry = first.toLowerCase();
	return { registry: registry === "index.docker.io" ? dockerHub : registry, path: name.slice(slash + 1) };
}

function malformedReference(text: string, problem: string, hint: string): EngineError {
	const shown = text.length > 120 ? `${text.slice(0, 120)}…` : text;
	return new EngineError("reference_malformed", `The reference ${JSON.stringify(shown)} ${problem}.`, hint);
}
