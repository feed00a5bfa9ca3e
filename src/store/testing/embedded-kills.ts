/** For tests that kill: starts programs that run the embedded PostgreSQL, and ends whatever they left. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { processesIn } from "../embedded/processes.ts";

const program = join(import.meta.dirname, "embedded-writer.ts");

export interface Writer {
	readonly child: ChildProcess;
	/** Process id of its PostgreSQL. */
	readonly server: number;
	/** The last row that was acknowledged. */
	readonly kept: () => number;
}

const children: ChildProcess[] = [];

export function launchWriter(folder: string, mode: "write" | "hold"): { child: ChildProcess; text: () => string } {
	const child = spawn(process.execPath, [program, folder, mode], { stdio: ["ignore", "pipe", "inherit"] });
	children.push(child);
	let text = "";
	child.stdout?.on("data", (chunk) => (text += String(chunk)));
	return { child, text: () => text };
}

/** Resolves once PostgreSQL runs, and the first row is written when rows are. */
export async function startWriter(folder: string, mode: "write" | "hold" = "write"): Promise<Writer> {
	const { child, text } = launchWriter(folder, mode);
	while (!/^ready \d+\n/.test(text())) {
		if (child.exitCode !== null) throw new Error(`the writer ended with ${child.exitCode}`);
		await pause(10);
	}
	const kept = () => Number(/kept (\d+)\n(?!.*\n)/.exec(text())?.[1] ?? 0);
	if (mode === "write") while (kept() === 0) await pause(10);
	return { child, server: Number(/\d+/.exec(text())?.[0]), kept };
}

export async function kill(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const ended = once(child, "exit");
	child.kill("SIGKILL");
	await ended;
}

/** Ends every writer, and the PostgreSQL of each that works below `root`. */
export async function endWriters(root: string): Promise<void> {
	for (const child of children.splice(0)) await kill(child);
	for (const pid of processesIn((path) => path.startsWith(root))) process.kill(pid, "SIGKILL");
}

/** Process id of the PostgreSQL that runs over the folder, as it says itself. */
export function serverIn(folder: string): number | null {
	try {
		return Number(readFileSync(join(folder, "data/postmaster.pid"), "utf8").split("\n")[0]) || null;
	} catch {
		return null;
	}
}

export async function keptRows(url: string): Promise<{ readonly count: number; readonly last: number }> {
	const client = new pg.Client({ connectionString: url });
	await client.connect();
	const { rows } = await client.query<{ count: string; last: string }>("SELECT count(*), max(id) AS last FROM kept");
	await client.end();
	return { count: Number(rows[0]?.count), last: Number(rows[0]?.last) };
}
