import { EngineError } from "../errors.ts";

/** The error of a reading that was called off. */
export function abortedError(signal: AbortSignal): EngineError {
	return new EngineError("aborted", "The scan was stopped.", "Start it again when you want its result.", signal.reason);
}

/**
 * The chunks of a body; throws EngineError aborted as soon as the signal fires, even while the body waits for its source.
 * The body is closed when the caller stops early.
 */
export async function* chunksOf(body: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
	const iterator = body[Symbol.asyncIterator]();
	let waiting: ((error: Error) => void) | null = null;
	const onAbort = () => waiting?.(abortedError(signal));
	signal.addEventListener("abort", onAbort, { once: true });
	let ended = false;
	try {
		for (;;) {
			if (signal.aborted) throw abortedError(signal);
			const next = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
				waiting = reject;
				iterator.next().then(resolve, reject);
			});
			if (next.done) {
				ended = true;
				return;
			}
			yield next.value;
		}
	} finally {
		signal.removeEventListener("abort", onAbort);
		// Not awaited: a body that hangs in `next` would hang in `return` as well.
		if (!ended) iterator.return?.().catch(() => undefined);
	}
}
