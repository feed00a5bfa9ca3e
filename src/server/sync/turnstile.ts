/** So many at a time. */
export type Turnstile = <T>(work: () => Promise<T>) => Promise<T>;

export function turnstile(most: number): Turnstile {
	let inside = 0;
	const waiting: (() => void)[] = [];
	return async (work) => {
		if (inside >= most) await new Promise<void>((enter) => waiting.push(enter));
		else inside++;
		try {
			return await work();
		} finally {
			const next = waiting.shift();
			if (next) next();
			else inside--;
		}
	};
}

/** Calls `work` for each, `most` at a time. After a failure none is begun, and what runs is waited for. */
export async function eachOf<T>(items: readonly T[], most: number, work: (item: T) => Promise<void>): Promise<void> {
	const rest = items[Symbol.iterator]();
	let failed = false;
	const worker = async (): Promise<void> => {
		for (let next = rest.next(); !next.done && !failed; next = rest.next()) {
			try {
				await work(next.value);
			} catch (error) {
				failed = true;
				throw error;
			}
		}
	};
	const ended = await Promise.allSettled(Array.from({ length: Math.min(most, items.length) }, worker));
	for (const each of ended) if (each.status === "rejected") throw each.reason;
}
