/**
 * Our own scanner: reads images in child processes, so that an image that eats memory or time, or breaks the reader,
 * costs a child and nothing else.
 */
import { type Scanner, ScannerError } from "#engine";
import { type ChildOptions, type ScanChild, startChild } from "./child.ts";

export interface BuiltinOptions {
	/** The program of the child, which calls `serveScans`. */
	readonly entry: string;
	readonly env?: Readonly<Record<string, string>>;
	readonly memoryBytes?: number;
	readonly milliseconds?: number;
	/** A child ends after so many scans: what leaks in it leaks no further. */
	readonly scansPerChild?: number;
	/** A child that nobody needed for so long ends. */
	readonly idleMilliseconds?: number;
}

export interface BuiltinScanner extends Scanner {
	/** Process ids of the children that live. */
	children(): readonly number[];
}

export function builtinScanner(options: BuiltinOptions): BuiltinScanner {
	const { scansPerChild = 100, idleMilliseconds = 60_000 } = options;
	const childOptions: ChildOptions = {
		entry: options.entry,
		env: options.env ?? {},
		memoryBytes: options.memoryBytes ?? 1.5e9,
		milliseconds: options.milliseconds ?? 3_600_000,
	};
	const idle: { readonly child: ScanChild; readonly timer: NodeJS.Timeout }[] = [];
	const scans = new Map<ScanChild, number>();
	let closed = false;

	function take(): ScanChild {
		for (let one = idle.pop(); one; one = idle.pop()) {
			clearTimeout(one.timer);
			if (one.child.alive) return one.child;
			scans.delete(one.child);
		}
		const child = startChild(childOptions);
		scans.set(child, 0);
		return child;
	}

	function end(child: ScanChild): void {
		scans.delete(child);
		void child.kill();
	}

	function giveBack(child: ScanChild): void {
		const done = (scans.get(child) ?? 0) + 1;
		scans.set(child, done);
		if (closed || !child.alive || done >= scansPerChild) return end(child);
		const timer = setTimeout(() => {
			idle.splice(
				idle.findIndex((one) => one.child === child),
				1,
			);
			end(child);
		}, idleMilliseconds).unref();
		idle.push({ child, timer });
	}

	return {
		id: "builtin",
		scan: async (job, deps) => {
			if (closed)
				throw new ScannerError("stopped", {
					code: "aborted",
					message: "The scanner is being shut down.",
					hint: "The scan goes to another worker.",
				});
			const child = take();
			try {
				await child.scan(job, deps);
			} finally {
				giveBack(child);
			}
		},
		health: async () => ({ ok: true, reason: null }),
		children: () => [...scans.keys()].filter(({ alive }) => alive).map(({ pid }) => pid),
		close: async () => {
			closed = true;
			for (const { timer } of idle) clearTimeout(timer);
			await Promise.all([...scans.keys()].map((child) => child.kill()));
		},
	};
}
