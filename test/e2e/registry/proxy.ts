/** A small HTTP proxy: CONNECT tunnels and absolute-form requests, with names of its own. */
import { createServer, request as send } from "node:http";
import { type AddressInfo, connect } from "node:net";

export interface Proxy {
	/** `http://user:password@127.0.0.1:PORT` */
	readonly url: string;
	/** `CONNECT registry.test:443`, `GET http://registry.test/v2/` */
	readonly seen: readonly string[];
	stop(): Promise<void>;
}

/** Where names lead: `registry.test:443` to `127.0.0.1:PORT`. Other names are refused with 403. */
export async function startProxy(names: Readonly<Record<string, string>>): Promise<Proxy> {
	const seen: string[] = [];
	const wanted = `Basic ${Buffer.from("user:pass word").toString("base64")}`;
	const server = createServer((request, response) => {
		seen.push(`${request.method} ${request.url}`);
		const url = new URL(request.url ?? "");
		const target = names[`${url.hostname}:${url.port || 80}`];
		if (request.headers["proxy-authorization"] !== wanted) return void response.writeHead(407).end();
		if (target === undefined) return void response.writeHead(403).end();
		const [host, port] = target.split(":");
		const { "proxy-authorization": _, ...headers } = request.headers;
		const options = { host, port, path: url.pathname + url.search, method: request.method, headers };
		request.pipe(
			send(options, (answer) => {
				response.writeHead(answer.statusCode ?? 502, answer.headers);
				answer.pipe(response);
			}),
		);
	});
	server.on("connect", (request, client) => {
		seen.push(`CONNECT ${request.url}`);
		client.on("error", () => {});
		if (request.headers["proxy-authorization"] !== wanted) return void client.end("HTTP/1.1 407 No\r\n\r\n");
		const target = names[request.url ?? ""];
		if (target === undefined) return void client.end("HTTP/1.1 403 No\r\n\r\n");
		const [host = "", port] = target.split(":");
		const upstream = connect(Number(port), host, () => {
			client.write("HTTP/1.1 200 OK\r\n\r\n");
			upstream.pipe(client).pipe(upstream);
		});
		upstream.on("error", () => client.destroy());
		client.on("close", () => upstream.destroy());
	});
	await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://user:pass%20word@127.0.0.1:${port}`,
		seen,
		stop: async () => {
			server.closeAllConnections();
			await new Promise<void>((closed) => server.close(() => closed()));
		},
	};
}
