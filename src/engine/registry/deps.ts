import { setTimeout as timer } from "node:timers/promises";
import { EngineError } from "../errors.ts";
import type { Fetch } from "../ports.ts";
import type { CredentialProvider } from "./auth/credentials.ts";

/** What talking to a registry needs from outside. */
export interface RegistryDeps {
	readonly fetch: Fetch;
	readonly credentials: CredentialProvider;
	/** Allows plain HTTP with the registry and wherever it points to. Not checking certificates is `fetch`'s matter. */
	readonly insecure: boolean;
	/** Where the API is when it is not at `https://REGISTRY/v2/`. */
	readonly place?: RegistryPlace;
	/** Sends credentials before they are asked for: to registries that give anybody something, and those who log in more. */
	readonly eager?: boolean;
	/** Tries before a request is given up. */
	readonly attempts?: number;
	/** Waits so many milliseconds; rejects when the signal aborts. */
	readonly sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
	/** 0 to 1, for jitter. */
	readonly random?: () => number;
	/** Milliseconds since 1970. */
	readonly now?: () => number;
}

/** Where a registry's API is. */
export interface RegistryPlace {
	readonly scheme: "https" | "http";
	/** `host[:port]` */
	readonly apiHost: string;
	/** Stands before `/v2/`: empty, or `/artifactory/api/docker/key`. */
	readonly basePath: string;
}

/** The pull-through mirrors of this registry, tried in order before it: `host[:port][/prefix]`, `http://` if it must be. */
export interface SourceDeps extends RegistryDeps {
	readonly mirrors: readonly string[];
}

/** The deps that time decides, with their real defaults filled in. */
export interface Pacing {
	readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
	readonly random: () => number;
	readonly now: () => number;
	/** Tries before a request is given up; undefined: the usual number. */
	readonly attempts: number | undefined;
}

export function pacingOf(deps: RegistryDeps): Pacing {
	return {
		sleep: deps.sleep ?? ((milliseconds, signal) => timer(milliseconds, undefined, { signal })),
		random: deps.random ?? Math.random,
		now: deps.now ?? Date.now,
		attempts: deps.attempts,
	};
}

/** The error of work that the caller's signal stopped. */
export function aborted(signal: AbortSignal): EngineError {
	const { reason } = signal;
	if (reason instanceof EngineError) return reason;
	return new EngineError("aborted", "The pull was stopped before it was done.", "Start it again.", reason);
}
