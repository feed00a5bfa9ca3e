/** Turns pushed chunks into a body that can be read with `for await`. Made for one reader. */
export interface BodyQueue {
	readonly body: AsyncIterable<Uint8Array>;
	push(chunk: Uint8Array): void;
	end(): void;
	fail(error: Error): void;
	/** Throws away what was not read, now and later. */
	drop(): void;
}

/** `onTaken` is told of bytes that left the queue, read or dropped because the reader has stopped. */
export function bodyQueue(onTaken: (bytes: number) => void): BodyQueue {
	const chunks: Uint8Array[] = [];
	let closed = false;
	let ended = false;
	let failure: Error | null = null;
	let wake: (() => void) | null = null;
	const notify = () => {
		wake?.();
		wake = null;
	};
	const drop = () => {
		closed = true;
		for (const chunk of chunks.splice(0)) onTaken(chunk.length);
	};
	async function* read(): AsyncGenerator<Uint8Array> {
		try {
			for (;;) {
				const chunk = chunks.shift();
				if (chunk !== undefined) {
					onTaken(chunk.length);
					yield chunk;
				} else if (failure !== null) throw failure;
				else if (ended) return;
				else
					await new Promise<void>((resolve) => {
						wake = resolve;
					});
			}
		} finally {
			drop();
		}
	}
	return {
		body: read(),
		push: (chunk) => {
			if (closed) onTaken(chunk.length);
			else chunks.push(chunk);
			notify();
		},
		end: () => {
			ended = true;
			notify();
		},
		fail: (error) => {
			failure = error;
			notify();
		},
		drop,
	};
}
