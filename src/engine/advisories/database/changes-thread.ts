/** Compares two snapshots in a thread of its own: SQLite works for seconds on large ones, and the caller must go on. */
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { EngineError, type EngineErrorCode } from "../../errors.ts";
import { type AdvisoryChanges, changesBetween } from "./changes.ts";

interface Asked {
	readonly older: string | null;
	readonly newer: string;
}

type Answer =
	| { readonly changes: AdvisoryChanges }
	| { readonly error: { readonly code: EngineErrorCode; readonly message: string; readonly hint: string } };

/** As `changesBetween`; stopped by the signal. @throws EngineError for the newer file */
export function compareSnapshots(older: string | null, newer: string, signal: AbortSignal): Promise<AdvisoryChanges> {
	const asked: Asked = { older, newer };
	return new Promise((resolve, reject) => {
		signal.throwIfAborted();
		const worker = new Worker(new URL(import.meta.url), { workerData: { compare: asked }, env: {} });
		const stop = (): void => {
			void worker.terminate();
			reject(signal.reason as Error);
		};
		signal.addEventListener("abort", stop, { once: true });
		worker.once("message", (answer: Answer) => {
			if ("changes" in answer) resolve(answer.changes);
			else reject(new EngineError(answer.error.code, answer.error.message, answer.error.hint));
		});
		worker.once("error", reject);
		worker.once("exit", (code) => {
			signal.removeEventListener("abort", stop);
			reject(new Error(`Comparing advisories ended with ${code}.`));
		});
	});
}

function answer({ older, newer }: Asked): Answer {
	try {
		return { changes: changesBetween(older, newer) };
	} catch (error) {
		if (!(error instanceof EngineError)) throw error;
		return { error: { code: error.code, message: error.message, hint: error.hint } };
	}
}

const asked = isMainThread ? undefined : (workerData as { readonly compare?: Asked } | null)?.compare;
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
if (asked) parentPort?.postMessage(answer(asked));
