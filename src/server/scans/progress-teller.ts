import type { ScanTask, ScanWork } from "../ports/scans.ts";

/** Twice a second is what an eye follows; each is a write and some events. */
const tellMs = 500;

export interface ProgressTeller {
	at(bytesDone: number, bytesTotal: number): void;
	/** What is being told is told; nothing more is. */
	end(): Promise<void>;
}

/** One that cannot be told is dropped: the next one says more. A scan that is over in less than half a second says nothing. */
export function progressTeller(work: Pick<ScanWork, "progress">, task: ScanTask): ProgressTeller {
	let latest: { readonly done: number; readonly total: number } | null = null;
	let telling: Promise<unknown> = Promise.resolve();
	const timer = setInterval(() => {
		if (!latest) return;
		const { done, total } = latest;
		latest = null;
		telling = telling.then(() => work.progress(task, done, total)).catch(() => {});
	}, tellMs);
	return {
		at: (done, total) => {
			latest = { done, total };
		},
		end: async () => {
			clearInterval(timer);
			await telling;
		},
	};
}
