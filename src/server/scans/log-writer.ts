import type { NewLogLine, ScanTask, ScanWork } from "../ports/scans.ts";

/** More than anybody reads; a hostile image must not fill the database with warnings. */
const mostLines = 2_000;
/** What is said at the end comes through all the same. */
const roomForTheEnd = 50;
const flushMs = 200;

export interface LogWriter {
	add(level: NewLogLine["level"], message: string): void;
	/** The last words: kept even when the log is full. */
	conclude(level: NewLogLine["level"], message: string): void;
	flush(): Promise<void>;
}

/** Writes in batches, in order; lines that cannot be written are tried with the next batch. */
export function logWriter(work: Pick<ScanWork, "log">, task: ScanTask): LogWriter {
	let waiting: NewLogLine[] = [];
	let count = 0;
	let full = false;
	let timer: NodeJS.Timeout | null = null;
	let writing: Promise<void> = Promise.resolve();

	async function write(): Promise<void> {
		const lines = waiting;
		waiting = [];
		if (lines.length === 0) return;
		try {
			count = await work.log(task, lines);
		} catch (error) {
			waiting = [...lines, ...waiting].slice(0, mostLines);
			throw error;
		}
	}

	const flush = (): Promise<void> => {
		if (timer) clearTimeout(timer);
		timer = null;
		writing = writing.catch(() => {}).then(write);
		return writing;
	};
	const push = (level: NewLogLine["level"], message: string, limit: number): void => {
		if (count + waiting.length >= limit) {
			if (full) return;
			full = true;
			level = "warning";
			message = `The log has ${limit} lines; what else is said is left out.`;
		}
		waiting.push({ at: new Date().toISOString(), level, message });
		timer ??= setTimeout(() => void flush().catch(() => {}), flushMs);
	};
	return {
		add: (level, message) => push(level, message, mostLines),
		conclude: (level, message) => {
			full = false;
			push(level, message, mostLines + roomForTheEnd);
		},
		flush,
	};
}
