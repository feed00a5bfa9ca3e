import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** One run of a command as the kernel accounted for it: seconds, and the largest process's peak resident memory. */
export interface Run {
	readonly wall: number;
	readonly cpu: number;
	readonly peakMb: number;
}

/** Runs a command under GNU time. The command's output goes nowhere; its failure is an error. */
export function measure(command: readonly string[], env: NodeJS.ProcessEnv = process.env): Run {
	const dir = mkdtempSync(join(tmpdir(), "plimsoll-bench-"));
	try {
		const figures = join(dir, "time");
		const args = ["--quiet", "-f", "%e %U %S %M", "-o", figures, "--", ...command];
		const { status, stderr } = spawnSync("/usr/bin/time", args, { env, stdio: ["ignore", "ignore", "pipe"] });
		if (status !== 0) throw new Error(`${command.join(" ")} ended with ${status}: ${stderr.toString().slice(0, 500)}`);
		const [wall = 0, user = 0, sys = 0, peakKb = 0] = readFileSync(figures, "utf8").trim().split(" ").map(Number);
		return { wall, cpu: user + sys, peakMb: peakKb / 1024 };
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
}

/** The median of each figure. */
export function median(runs: readonly Run[]): Run {
	return {
		wall: middle(runs.map((run) => run.wall)),
		cpu: middle(runs.map((run) => run.cpu)),
		peakMb: middle(runs.map((run) => run.peakMb)),
	};
}

function middle(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
