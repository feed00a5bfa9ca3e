/**
 * Readers of the API in a process of their own: each asks, waits as a person does, and asks again. Prints JSON.
 *
 *     node readers.ts URL HEADERS PATHS READERS PAUSE_MS SECONDS
 */
import { setTimeout as pause } from "node:timers/promises";
import { Agent, request } from "undici";

export interface ReadFigures {
	/** Milliseconds of each answer, in order of size. */
	readonly ms: readonly number[];
	/** Answers that were no 200. */
	readonly failures: number;
}

const [url = "", headers = "{}", paths = "[]", readers = "1", pauseMs = "0", seconds = "1"] = process.argv.slice(2);
const asked = JSON.parse(paths) as string[];
const dispatcher = new Agent({ connections: Number(readers), pipelining: 1 });
const ms: number[] = [];
let failures = 0;
const end = performance.now() + Number(seconds) * 1000;

await Promise.all(Array.from({ length: Number(readers) }, (_, at) => read(at)));
await dispatcher.close();
ms.sort((a, b) => a - b);
const figures: ReadFigures = { ms, failures };
process.stdout.write(JSON.stringify(figures));

async function read(at: number): Promise<void> {
	// They do not all come at the same moment.
	await pause((Number(pauseMs) * at) / Number(readers));
	for (let round = at; performance.now() < end; round++) {
		const started = performance.now();
		const path = asked[round % asked.length] ?? "/";
		const answer = await request(`${url}${path}`, {
			headers: JSON.parse(headers) as Record<string, string>,
			dispatcher,
		});
		await answer.body.dump({ limit: 10_000_000 });
		if (answer.statusCode !== 200) failures += 1;
		ms.push(performance.now() - started);
		if (Number(pauseMs) > 0) await pause(Number(pauseMs));
	}
}
