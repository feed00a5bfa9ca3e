import { setTimeout as pause } from "node:timers/promises";

/** Asks again until there is an answer. Throws after `ms`; how long it took decides nothing else. */
export async function eventually<T>(ask: () => Promise<T | null | undefined>, ms = 30_000): Promise<T> {
	for (const deadline = Date.now() + ms; ; await pause(50)) {
		const answer = await ask();
		if (answer !== null && answer !== undefined) return answer;
		if (Date.now() > deadline) throw new Error(`nothing after ${ms / 1000} s: ${ask.toString().slice(0, 400)}`);
	}
}
