/**
 * Ending without cutting anybody off: no new requests, streams that would never end are told to, and what still runs
 * after a while is cut.
 */
import type { ServerResponse } from "node:http";
import type { App } from "../app.ts";

export interface Closing {
	/** Aborted when the server begins to close: what streams events ends then. */
	readonly signal: AbortSignal;
	/** Call for every request. */
	watch(response: ServerResponse): void;
}

export function closing(app: App, graceMilliseconds: number): Closing {
	const begun = new AbortController();
	const open = new Set<ServerResponse>();
	app.addHook("preClose", async () => {
		begun.abort();
		const cut = setTimeout(() => {
			for (const response of open) response.destroy();
		}, graceMilliseconds);
		cut.unref();
		app.server.once("close", () => clearTimeout(cut));
	});
	return {
		signal: begun.signal,
		watch: (response) => {
			open.add(response);
			response.once("close", () => open.delete(response));
		},
	};
}

declare module "fastify" {
	interface FastifyInstance {
		/** Aborted when the server begins to close. */
		readonly closing: AbortSignal;
	}
}
