/** One logged-in client of a registry, kept until what it logged in with ends. */
import { type Credentials, type Fetch, openRegistry, type RegistryApi, type RegistryPlace } from "#engine";

export interface Login {
	readonly credentials: Credentials | null;
	/** Milliseconds since 1970; Infinity when it does not end by itself. */
	readonly expiresAt: number;
}

export interface SessionOptions {
	/** As references and credentials name it. */
	readonly host: string;
	readonly place: RegistryPlace;
	readonly insecure: boolean;
	readonly eager: boolean;
	readonly fetch: Fetch;
	readonly login: (signal: AbortSignal) => Promise<Login>;
	/** Tries of one request; the usual number when absent. */
	readonly attempts?: number;
}

/** Gives the client, logging in anew when it is time. */
export type Session = (signal: AbortSignal) => Promise<RegistryApi>;

export function sessionOf(options: SessionOptions): Session {
	let current: { readonly api: RegistryApi; readonly expiresAt: number } | null = null;
	return async (signal) => {
		if (current && current.expiresAt > Date.now()) return current.api;
		const { credentials, expiresAt } = await options.login(signal);
		const api = openRegistry(options.host, {
			fetch: options.fetch,
			// Whatever else the registry sends us to gets its own credentials or none.
			credentials: { find: async (host) => (host === options.host ? credentials : null) },
			insecure: options.insecure,
			place: options.place,
			eager: options.eager,
			...(options.attempts !== undefined && { attempts: options.attempts }),
		});
		current = { api, expiresAt };
		return api;
	};
}
