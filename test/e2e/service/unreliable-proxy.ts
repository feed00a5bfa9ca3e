/** Stands before a registry and makes it misbehave as long as it is told to. */
import { createServer, request as forward, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

export type Mood = "fine" | "down" | "500" | "429" | "slow" | "garbage";

export interface UnreliableProxy {
	readonly host: string;
	/** From the next request on. */
	become(mood: Mood): void;
	close(): Promise<void>;
}

export async function startUnreliableProxy(upstream: string): Promise<UnreliableProxy> {
	let mood: Mood = "fine";
	const [hostname, port] = upstream.split(":");
	const server = createServer((request, response) => {
		if (mood === "down") return void request.socket.destroy();
		if (mood === "500") return void response.writeHead(500).end("oops");
		if (mood === "429") return void response.writeHead(429, { "retry-after": "1" }).end();
		if (mood === "garbage") return void response.writeHead(200, { "content-type": "text/html" }).end("<p>hello</p>");
		const slow = mood === "slow";
		const options = { hostname, port, path: request.url, method: request.method, headers: request.headers };
		const onward = forward(options, (answer) => {
			response.writeHead(answer.statusCode ?? 502, answer.headers);
			if (slow) void trickle(answer, response).catch(() => response.destroy());
			else answer.pipe(response);
		});
		onward.on("error", () => response.destroy());
		request.pipe(onward);
	});
	await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
	return {
		host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
		become: (next) => {
			mood = next;
			if (next === "down") server.closeAllConnections();
		},
		close: async () => {
			server.closeAllConnections();
			await new Promise<void>((closed) => server.close(() => closed()));
		},
	};
}

/** Some bytes at a time, with pauses. */
async function trickle(from: AsyncIterable<Buffer>, to: ServerResponse): Promise<void> {
	for await (const chunk of from) {
		for (let at = 0; at < chunk.length; at += 64) {
			to.write(chunk.subarray(at, at + 64));
			await pause(20);
		}
	}
	to.end();
}
