/**
 * Credentials from Docker's `config.json` and podman's `auth.json`, which share a format.
 * https://github.com/docker/cli (config file), https://github.com/containers/image/blob/main/docs/containers-auth.json.5.md
 */
import { readFile } from "node:fs/promises";
import { dockerHub } from "../reference.ts";
import type { RunHelper } from "./credential-helper.ts";
import { type CredentialProvider, type Credentials, firstOf, unusable } from "./credentials.ts";

/** What a file says. */
export interface DockerConfig {
	/** For people. */
	readonly path: string;
	/** Entries by normalised key: `host`, or `host/namespace` as podman writes it. */
	readonly auths: ReadonlyMap<string, AuthEntry>;
	/** Names of helper programs by host. */
	readonly helpers: ReadonlyMap<string, string>;
	/** The helper program for every host; empty when there is none. */
	readonly store: string;
}

interface AuthEntry {
	readonly auth: string;
	readonly username: string;
	readonly password: string;
	readonly identityToken: string;
	readonly registryToken: string;
}

/** Docker Hub's names in these files; the first is what `docker login` writes and what helpers are asked for. */
const hubNames: readonly string[] = [
	"https://index.docker.io/v1/",
	dockerHub,
	"index.docker.io",
	"registry-1.docker.io",
];

/**
 * The credentials of the files at these paths, the first file that has some for a host winning. A missing file is no
 * error, an unreadable or malformed one is `credentials_unusable`. The files are read once, when first asked.
 */
export function fileCredentials(paths: readonly string[], runHelper: RunHelper): CredentialProvider {
	let provider: Promise<CredentialProvider> | null = null;
	const load = async (): Promise<CredentialProvider> => {
		const configs = await Promise.all(paths.map(readDockerConfig));
		return firstOf(configs.filter((config) => config !== null).map((config) => configCredentials(config, runHelper)));
	};
	return {
		async find(host, repository) {
			provider ??= load();
			return (await provider).find(host, repository);
		},
	};
}

/** Credentials as one file tells: a helper for the host, then the helper for all, then what the file itself holds. */
export function configCredentials(config: DockerConfig, runHelper: RunHelper): CredentialProvider {
	return {
		async find(host, repository) {
			const names = host === dockerHub ? hubNames : [host, `https://${host}`];
			const own = names.map((name) => config.helpers.get(keyOf(name))).find((helper) => helper !== undefined);
			for (const helper of own === undefined ? [] : [own]) {
				const found = await askHelper(helper, names, runHelper);
				if (found) return found;
			}
			if (config.store !== "" && config.store !== own) {
				const found = await askHelper(config.store, names, runHelper);
				if (found) return found;
			}
			return fromAuths(config, host, repository);
		},
	};
}

/** Reads the text of a file. Throws `credentials_unusable`; unknown fields are ignored. */
export function parseDockerConfig(text: string, path: string): DockerConfig {
	const wrong = (what: string, cause?: unknown) =>
		unusable(
			`The credentials file ${path} is malformed: ${what}.`,
			"Correct it, or remove it and log in again.",
			cause,
		);
	const json = record(parseJson(text, wrong)) ?? fail(wrong("it is not a JSON object"));
	const auths = Object.entries(record(json["auths"] ?? {}) ?? fail(wrong("auths is not an object")));
	const helpers = Object.entries(record(json["credHelpers"] ?? {}) ?? fail(wrong("credHelpers is not an object")));
	const entries = auths.map(([key, value]): [string, AuthEntry] => {
		const entry = record(value ?? {}) ?? fail(wrong(`auths[${JSON.stringify(key)}] is not an object`));
		const text = (name: string): string => (typeof entry[name] === "string" ? entry[name] : "");
		return [
			keyOf(key),
			{
				auth: text("auth"),
				username: text("username"),
				password: text("password"),
				identityToken: text("identitytoken"),
				registryToken: text("registrytoken"),
			},
		];
	});
	const named = helpers.map(([key, helper]): [string, string] => {
		if (typeof helper !== "string") throw wrong(`credHelpers[${JSON.stringify(key)}] is not a string`);
		return [keyOf(key), helper];
	});
	const store = json["credsStore"] ?? "";
	if (typeof store !== "string") throw wrong("credsStore is not a string");
	return { path, auths: firstWins(entries), helpers: firstWins(named), store };
}

async function readDockerConfig(path: string): Promise<DockerConfig | null> {
	let text: string;
	try {
		text = await readFile(path, "utf8");
	} catch (cause) {
		// ENOTDIR: a part of the path is a file, so there is no such file either.
		if (cause instanceof Error && "code" in cause && (cause.code === "ENOENT" || cause.code === "ENOTDIR")) return null;
		throw unusable(`The credentials file ${path} cannot be read.`, "Check who may read it.", cause);
	}
	return parseDockerConfig(text, path);
}

async function askHelper(helper: string, names: readonly string[], run: RunHelper): Promise<Credentials | null> {
	// The first two names are what Docker and podman store under; asking for more only costs time.
	for (const name of names.slice(0, 2)) {
		const answer = await run(helper, name);
		if (answer === null) continue;
		const { username, secret } = answer;
		return username === "<token>"
			? { kind: "identity", username: "", password: "", token: secret }
			: { kind: "password", username, password: secret };
	}
	return null;
}

/** The longest key that is the repository or a part of it from the left, by whole path components. */
function fromAuths(config: DockerConfig, host: string, repository: string): Credentials | null {
	const aliases = host === dockerHub ? hubNames.map(keyOf) : [host];
	const parts = repository === "" ? [] : repository.split("/");
	for (let length = parts.length; length >= 0; length--) {
		for (const alias of new Set(aliases)) {
			const key = [alias, ...parts.slice(0, length)].join("/");
			const entry = config.auths.get(key);
			const found = entry && entryCredentials(entry, key, config.path);
			if (found) return found;
		}
	}
	return null;
}

function entryCredentials(entry: AuthEntry, key: string, path: string): Credentials | null {
	if (entry.registryToken !== "") return { kind: "bearer", token: entry.registryToken };
	const decoded = entry.auth === "" ? null : decodeAuth(entry.auth, key, path);
	const username = decoded?.username ?? entry.username;
	const password = decoded?.password ?? entry.password;
	if (entry.identityToken !== "") return { kind: "identity", username, password, token: entry.identityToken };
	return username === "" ? null : { kind: "password", username, password };
}

/** Base64 of `user:password`; Docker pads the password with NUL. */
function decodeAuth(auth: string, key: string, path: string): { username: string; password: string } {
	const text = /^[A-Za-z0-9+/]+={0,2}$/.test(auth) ? Buffer.from(auth, "base64").toString() : "";
	const colon = text.indexOf(":");
	if (colon < 0) {
		throw unusable(
			`The credentials file ${path} is malformed: the auth of ${key} is not base64 of user:password.`,
			`Log in to ${key} again.`,
		);
	}
	return { username: text.slice(0, colon), password: text.slice(colon + 1).replace(/\0+$/, "") };
}

/** `https://host/v1/`, `host/v2` and `host` are one key; `host/namespace` stays. */
function keyOf(name: string): string {
	const match = /^https?:\/\/([^/]+)/.exec(name);
	const bare = match?.[1] ?? name.replace(/\/(?:v[12]\/?)?$/, "");
	const slash = bare.indexOf("/");
	return slash < 0 ? bare.toLowerCase() : bare.slice(0, slash).toLowerCase() + bare.slice(slash);
}

function firstWins<T>(entries: readonly (readonly [string, T])[]): ReadonlyMap<string, T> {
	return new Map([...entries].reverse());
}

function parseJson(text: string, wrong: (what: string, cause: unknown) => Error): unknown {
	try {
		return JSON.parse(text.replace(/^\ufeff/, ""));
	} catch {
		// The parser's own message quotes the file, secrets and all: it goes no further.
		throw wrong("it is not JSON", undefined);
	}
}

function record(value: unknown): Readonly<Record<string, unknown>> | null {
	if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
	return value as Readonly<Record<string, unknown>>;
}

function fail(error: Error): never {
	throw error;
}
