/** The child's side: waits for jobs, one at a time, until its parent is gone. */
import type { LayerCache } from "#engine";
import type { FromChild, ToChild } from "./messages.ts";
import { failureOf, type ImageConnector, readJob } from "./read.ts";

export interface ServeDeps {
	readonly connect: (access: unknown) => ImageConnector;
	readonly cache: LayerCache | null;
}

/** Where /proc does not tell it, the parent learns from us how much memory we take. */
const memoryMs = 500;

export function serveScans(deps: ServeDeps): void {
	// Whoever started us stops us; Ctrl-C in a terminal reaches the whole group.
	process.on("SIGINT", () => {});
	process.on("SIGTERM", () => {});
	process.on("disconnect", () => process.exit(0));
	let kept: (() => void) | null = null;
	process.on("message", (message: ToChild) => {
		if (message.type === "kept") kept?.();
		else void scan(message.job);
	});
	setInterval(() => void send({ type: "memory", bytes: process.memoryUsage.rss() }), memoryMs).unref();

	async function scan(job: Extract<ToChild, { type: "scan" }>["job"]): Promise<void> {
		try {
			await readJob(job, {
				...deps,
				// A scan that is stopped is killed.
				signal: new AbortController().signal,
				onEvent: (event) => void send({ type: "event", event }),
				onImage: async (outcome) => {
					const answer = Promise.withResolvers<void>();
					kept = answer.resolve;
					await send({ type: "image", outcome });
					await answer.promise;
				},
			});
			await send({ type: "done" });
		} catch (cause) {
			await send({ type: "failed", failure: failureOf(cause) });
		}
	}

	void send({ type: "ready" });
}

function send(message: FromChild): Promise<void> {
	return new Promise((resolve) => {
		if (!process.connected) return resolve();
		process.send?.(message, undefined, {}, () => resolve());
	});
}
