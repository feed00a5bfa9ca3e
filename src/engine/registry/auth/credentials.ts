import { EngineError } from "../../errors.ts";

/** A secret for one registry host. */
export type Credentials =
	| { readonly kind: "password"; readonly username: string; readonly password: string }
	/** An OAuth 2 refresh token, which the token server changes for access tokens. */
	| { readonly kind: "identity"; readonly username: string; readonly password: string; readonly token: string }
	/** A bearer token that is sent as it is. */
	| { readonly kind: "bearer"; readonly token: string };

/** Knows the credentials for registries. */
export interface CredentialProvider {
	/**
	 * The credentials for a repository of a registry, host as references name it (`docker.io`); null when there are none.
	 * Throws `credentials_unusable` when there should be some but they cannot be read.
	 */
	find(host: string, repository: string): Promise<Credentials | null>;
}

/** Pulls without logging in. */
export const anonymous: CredentialProvider = { find: async () => null };

/** A user and password that hold for one registry host and no other. */
export function fixedCredentials(host: string, username: string, password: string): CredentialProvider {
	return {
		find: async (asked) => (asked === host ? { kind: "password", username, password } : null),
	};
}

/** Asks one provider after the other. */
export function firstOf(providers: readonly CredentialProvider[]): CredentialProvider {
	return {
		async find(host, repository) {
			for (const provider of providers) {
				const found = await provider.find(host, repository);
				if (found) return found;
			}
			return null;
		},
	};
}

/** The error of credentials that exist but cannot be used. Never holds a secret. */
export function unusable(message: string, hint: string, cause?: unknown): EngineError {
	return new EngineError("credentials_unusable", message, hint, cause);
}
