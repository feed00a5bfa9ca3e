/** The parent's side: one child process that reads one job at a time, watched. */
import { type ChildProcess, fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { type ScannerDeps, ScannerError, type ScannerJob } from "#engine";
import type { FromChild, ToChild } from "./messages.ts";

export interface ChildLimits {
	/** Resident memory of the child. */
	readonly memoryBytes: number;
	readonly milliseconds: number;
}

export interface ChildOptions extends ChildLimits {
	/** The program, which calls `serveScans`. */
	readonly entry: string;
	/** All of the child's environment; nothing of ours is passed on. */
	readonly env: Readonly<Record<string, string>>;
}

export interface ScanChild {
	readonly pid: number;
	readonly alive: boolean;
	/** @throws ScannerError */
	scan(job: ScannerJob, deps: ScannerDeps): Promise<void>;
	kill(): Promise<void>;
}

const watchMs = 250;

export function startChild(options: ChildOptions): ScanChild {
	// We kill before V8 gives up: that tells a lack of memory from a crash.
	const heapMb = Math.ceil((options.memoryBytes * 1.25) / 1e6);
	const child = fork(options.entry, [], {
		serialization: "advanced",
		execArgv: [`--max-old-space-size=${heapMb}`],
		env: { ...options.env },
		stdio: ["ignore", "ignore", "ignore", "ipc"],
	});
	const exited = new Promise<void>((resolve) => {
		child.once("exit", () => resolve());
		child.once("error", () => resolve());
	});
	let alive = true;
	void exited.then(() => {
		alive = false;
	});
	return {
		get pid() {
			return child.pid ?? 0;
		},
		get alive() {
			return alive && child.connected;
		},
		scan: (job, deps) => scanIn(child, exited, options, job, deps),
		kill: async () => {
			child.kill("SIGKILL");
			await exited;
		},
	};
}

async function scanIn(
	child: ChildProcess,
	exited: Promise<void>,
	limits: ChildLimits,
	job: ScannerJob,
	deps: ScannerDeps,
): Promise<void> {
	const over = Promise.withResolvers<void>();
	over.promise.catch(() => {});
	let most = 0;
	const fail = (error: unknown): void => over.reject(error);
	/** What is told is kept in order; the end comes after the last. */
	let work: Promise<void> = Promise.resolve();
	const onMessage = (message: FromChild): void => {
		if (message.type === "event") deps.onEvent(message.event);
		else if (message.type === "memory") most = message.bytes;
		else if (message.type === "image")
			work = work.then(async () => {
				await deps.onImage(message.outcome);
				tell(child, { type: "kept" });
			});
		else if (message.type === "done") work.then(over.resolve, fail);
		else if (message.type === "failed") fail(new ScannerError("final", message.failure));
		work.catch(fail);
	};
	const stop = (): void => {
		fail(new ScannerError("stopped", { code: "aborted", message: "The scan was stopped.", hint: "Start it again." }));
	};
	const watch = setInterval(() => {
		const bytes = residentBytes(child.pid) ?? most;
		if (bytes > limits.memoryBytes) fail(tooMuchMemory(bytes, limits.memoryBytes));
	}, watchMs);
	const clock = setTimeout(() => fail(tooLong(limits.milliseconds)), limits.milliseconds);
	child.on("message", onMessage);
	deps.signal.addEventListener("abort", stop);
	void exited.then(() => fail(died(child)));
	try {
		if (deps.signal.aborted) stop();
		else tell(child, { type: "scan", job });
		await over.promise;
	} catch (error) {
		// Also after a failure of its own: what it does besides is unknown. A plain failure leaves a child that is well.
		if (!(error instanceof ScannerError) || error.kind !== "final" || ownCodes.has(error.code)) {
			child.kill("SIGKILL");
			await exited;
		}
		throw error;
	} finally {
		clearInterval(watch);
		clearTimeout(clock);
		child.off("message", onMessage);
		deps.signal.removeEventListener("abort", stop);
		await work.catch(() => {});
	}
}

function tell(child: ChildProcess, message: ToChild): void {
	if (child.connected) child.send(message, () => {});
}

const ownCodes: ReadonlySet<string> = new Set(["scan_memory_exceeded", "scan_time_exceeded"]);

function tooMuchMemory(bytes: number, limit: number): ScannerError {
	const mb = (value: number): string => `${Math.round(value / 1e6)} MB`;
	const message = `Reading the image took ${mb(bytes)} of memory; the limit is ${mb(limit)}.`;
	const hint = "Look with `plimsoll scan` on a machine with more memory what is in the image.";
	return new ScannerError("final", { code: "scan_memory_exceeded", message, hint });
}

function tooLong(milliseconds: number): ScannerError {
	const message = `Reading the image took longer than ${Math.round(milliseconds / 1000)} seconds.`;
	const hint = "Look whether the registry is slow and the image unusually large, then scan it again.";
	return new ScannerError("final", { code: "scan_time_exceeded", message, hint });
}

function died(child: ChildProcess): ScannerError {
	const how = child.signalCode ? `signal ${child.signalCode}` : `exit code ${child.exitCode}`;
	const message = `The process that read the image ended in the middle (${how}).`;
	return new ScannerError("died", { code: "scanner_died", message, hint: "It is tried again, three times at most." });
}

/** Linux tells it without asking the child, which may be too busy to answer. */
function residentBytes(pid: number | undefined): number | null {
	try {
		const [, kb] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
		return kb === undefined ? null : Number(kb) * 1024;
	} catch {
		return null;
	}
}
