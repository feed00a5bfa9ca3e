/** A limit of bytes a second, shared by all bodies that are read under it. */
import { setTimeout as pause } from "node:timers/promises";

export interface Bandwidth {
	/** null: no limit. */
	setRate(bytesPerSecond: number | null): void;
	/** Waits until so many bytes may have come. */
	spend(bytes: number): Promise<void>;
}

/** Shorter waits than this are saved up: timers are no more exact. */
const grain = 25;

export function bandwidth(now: () => number = () => performance.now()): Bandwidth {
	let rate: number | null = null;
	/** When all that was spent so far is paid for. */
	let paid = 0;
	return {
		setRate: (bytesPerSecond) => {
			rate = bytesPerSecond;
		},
		async spend(bytes) {
			if (rate === null) return;
			const at = now();
			paid = Math.max(paid, at) + (bytes / rate) * 1000;
			if (paid - at >= grain) await pause(paid - at);
		},
	};
}

/** The response, whose body comes no faster than the limit allows. */
export function limited(response: Response, limit: Bandwidth): Response {
	if (response.body === null) return response;
	const reader = response.body.getReader();
	const body = new ReadableStream<Uint8Array>(
		{
			async pull(controller) {
				const { done, value } = await reader.read();
				if (done) return controller.close();
				await limit.spend(value.length);
				controller.enqueue(value);
			},
			cancel: (reason) => reader.cancel(reason),
		},
		// Nothing is read ahead of who reads.
		{ highWaterMark: 0 },
	);
	const { status, statusText, headers } = response;
	return new Response(body, { status, statusText, headers });
}
