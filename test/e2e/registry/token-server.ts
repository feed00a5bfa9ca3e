/** A token server as the Distribution project specifies it, with real signed JWTs (RFC 7519, RS256, x5c). */
import { createPrivateKey, randomUUID, sign, X509Certificate } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface TokenServer {
	readonly realm: string;
	/** Scopes that tokens were asked for, with the user: `me repository:a:pull`. */
	readonly asked: readonly string[];
	stop(): Promise<void>;
}

export interface TokenServerOptions {
	readonly certificate: string;
	readonly key: string;
	readonly issuer: string;
	readonly service: string;
	readonly username: string;
	readonly password: string;
	/** Given as refresh token, it stands for the user. */
	readonly refreshToken: string;
}

/** The user may do everything; anybody may pull from `public/…`. */
export async function startTokenServer(options: TokenServerOptions): Promise<TokenServer> {
	const asked: string[] = [];
	const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
		let body = "";
		for await (const chunk of request) body += String(chunk);
		const url = new URL(request.url ?? "/", "http://token");
		const form = request.method === "POST" ? new URLSearchParams(body) : url.searchParams;
		const basic = `Basic ${Buffer.from(`${options.username}:${options.password}`).toString("base64")}`;
		const sent = request.headers.authorization;
		const isUser = sent === basic || form.get("refresh_token") === options.refreshToken;
		if ((sent !== undefined && !isUser) || form.get("service") !== options.service) {
			response.writeHead(401).end();
			return;
		}
		const scopes = form.getAll("scope");
		asked.push(...scopes.map((scope) => `${isUser ? options.username : "anybody"} ${scope}`));
		const token = jwt(
			options,
			isUser ? options.username : "",
			scopes.flatMap((scope) => granted(scope, isUser)),
		);
		response.writeHead(200, { "content-type": "application/json" });
		const name = request.method === "POST" ? "access_token" : "token";
		response.end(JSON.stringify({ [name]: token, expires_in: 120, issued_at: new Date().toISOString() }));
	};
	const server = createServer((request, response) => {
		answer(request, response).catch(() => response.destroy());
	});
	await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
	const { port } = server.address() as AddressInfo;
	return {
		realm: `http://127.0.0.1:${port}/token`,
		asked,
		stop: async () => {
			server.closeAllConnections();
			await new Promise<void>((closed) => server.close(() => closed()));
		},
	};
}

function granted(scope: string, isUser: boolean): readonly object[] {
	const [, type, name = "", wanted = ""] = /^([a-z]+):(.+):([a-z*,]+)$/.exec(scope) ?? [];
	const actions = wanted.split(",").filter((action) => isUser || (name.startsWith("public/") && action === "pull"));
	return actions.length === 0 ? [] : [{ type, name, actions }];
}

function jwt(
	{ certificate, key, issuer, service }: TokenServerOptions,
	subject: string,
	access: readonly object[],
): string {
	const x5c = [new X509Certificate(certificate).raw.toString("base64")];
	const now = Math.floor(Date.now() / 1000);
	const header = { typ: "JWT", alg: "RS256", x5c };
	const claims = {
		iss: issuer,
		sub: subject,
		aud: service,
		exp: now + 120,
		nbf: now - 10,
		iat: now,
		jti: randomUUID(),
		access,
	};
	const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
	const signed = `${encode(header)}.${encode(claims)}`;
	return `${signed}.${sign("sha256", Buffer.from(signed), createPrivateKey(key)).toString("base64url")}`;
}
