import type { IncomingMessage, ServerResponse } from "node:http";

/** How the fake registry wants to be spoken to. The token server is the registry's own `/token`. */
export type FakeAuth =
	| { readonly kind: "basic"; readonly username: string; readonly password: string }
	| {
			readonly kind: "bearer";
			readonly service: string;
			/** Whom tokens are given to; anybody when absent. */
			readonly user?: { readonly username: string; readonly password: string };
			/** The refresh token that POST accepts; without one POST answers 404. */
			readonly refreshToken?: string;
			/** Seconds, told to the client as `expires_in`. */
			readonly expiresIn?: number;
			/** Answer with `access_token` in place of `token`. */
			readonly asAccessToken?: boolean;
			/** Told in place of the registry's own `/token`. */
			readonly realm?: string;
	  };

/** Hands out tokens and checks them. A token is good for one scope, until `revoke`. */
export interface FakeAuthority {
	/** True when the request may go on; otherwise the 401 is already sent. */
	admit(request: IncomingMessage, response: ServerResponse, scope: string, origin: string): boolean;
	/** Answers `/token`. */
	serveToken(request: IncomingMessage, response: ServerResponse, url: URL, body: string): void;
	/** Makes every token given so far invalid. */
	revoke(): void;
}

export function createAuthority(auth: FakeAuth | undefined, violation: (text: string) => void): FakeAuthority {
	const scopes = new Map<string, string>();
	let serial = 0;
	return {
		revoke: () => scopes.clear(),
		admit(request, response, scope, origin) {
			const { authorization } = request.headers;
			if (!auth) {
				if (authorization) violation("authorization sent to a registry that never asked for it");
				return true;
			}
			if (auth.kind === "basic") {
				if (authorization === basic(auth)) return true;
				refuse(response, 'Basic realm="fake"');
				return false;
			}
			if (authorization && scopes.get(authorization) === scope) return true;
			const realm = auth.realm ?? `${origin}/token`;
			refuse(response, `Bearer realm="${realm}",service="${auth.service}",scope="${scope}"`);
			return false;
		},
		serveToken(request, response, url, body) {
			if (auth?.kind !== "bearer") return void response.writeHead(404).end();
			const form = new URLSearchParams(body);
			const asked = request.method === "POST" ? form : url.searchParams;
			if (asked.get("service") !== auth.service) violation(`token asked for service ${asked.get("service")}`);
			if (request.method === "POST") {
				if (auth.refreshToken === undefined) return void response.writeHead(404).end();
				const granted = form.get("grant_type") === "refresh_token" && form.get("refresh_token") === auth.refreshToken;
				if (!granted) return refuse(response, "");
			} else if (auth.user ? request.headers.authorization !== basic(auth.user) : request.headers.authorization) {
				if (!auth.user) violation("credentials sent to an anonymous token server");
				return refuse(response, "");
			}
			const token = `token-${++serial}`;
			scopes.set(`Bearer ${token}`, asked.get("scope") ?? "");
			const name = auth.asAccessToken ? "access_token" : "token";
			const lifetime = auth.expiresIn === undefined ? {} : { expires_in: auth.expiresIn };
			response.writeHead(200, { "content-type": "application/json" });
			response.end(JSON.stringify({ [name]: token, ...lifetime }));
		},
	};
}

function basic({ username, password }: { readonly username: string; readonly password: string }): string {
	return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

function refuse(response: ServerResponse, challenge: string): void {
	response.writeHead(401, challenge === "" ? {} : { "www-authenticate": challenge });
	response.end(JSON.stringify({ errors: [{ code: "UNAUTHORIZED", message: "authentication required" }] }));
}
