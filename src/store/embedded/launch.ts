import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "pg";
import type { Owner } from "./owner.ts";
import type { Programs } from "./programs.ts";
import { unavailable } from "./unavailable.ts";

/** Recovery after a crash takes a second or two, after one in the middle of much writing more. */
const startMs = 120_000;
/** The log is for the day when the server does not start; it must not fill the disk itself. */
const mostLog = 10 * 1024 * 1024;

const settings: Readonly<Record<string, string>> = {
	listen_addresses: "",
	max_connections: "100",
	shared_buffers: "128MB",
	fsync: "on",
	timezone: "UTC",
	log_timezone: "UTC",
	unix_socket_permissions: "0700",
};

/** Nothing of our own environment: only what the programs need to find their libraries and write their messages. */
export function environmentFor({ libraries }: Programs): NodeJS.ProcessEnv {
	return { LD_LIBRARY_PATH: libraries, DYLD_LIBRARY_PATH: libraries, LC_ALL: "C", PATH: "/usr/bin:/bin", TZ: "UTC" };
}

export function launch(programs: Programs, folder: string, sockets: string, owner: Owner | null): ChildProcess {
	const data = join(folder, "data");
	const path = join(folder, "postgres.log");
	const log = openSync(path, "a", 0o600);
	if (statSync(path).size > mostLog) truncateSync(path);
	const options = Object.entries({ ...settings, unix_socket_directories: sockets });
	const args = ["-D", data, ...options.flatMap(([name, value]) => ["-c", `${name}=${value}`])];
	try {
		// A group of its own: Ctrl-C in a terminal reaches us, and we stop the server when our work is done.
		const child = spawn(programs.postgres, args, {
			...owner,
			cwd: data,
			env: environmentFor(programs),
			stdio: ["ignore", log, log],
			detached: true,
		});
		child.on("error", () => {});
		child.unref();
		return child;
	} finally {
		closeSync(log);
	}
}

/** Waits until the server answers. @throws StoreError database_unavailable: it ended, or takes too long */
export async function ready(url: string, child: ChildProcess, folder: string): Promise<void> {
	const path = join(folder, "postgres.log");
	for (const deadline = Date.now() + startMs; Date.now() < deadline; await pause(20)) {
		if (child.pid === undefined) throw unavailable(`Its program ${child.spawnfile} cannot be run.`);
		if (child.exitCode !== null || child.signalCode !== null) {
			const how = child.signalCode ?? `exit code ${child.exitCode}`;
			throw unavailable(`It ended at once (${how}): ${lastWords(path)} (${path}).`);
		}
		if (await answers(url, 1000)) return;
	}
	throw unavailable(`It did not answer within ${startMs / 1000} s; ${path} may tell why.`);
}

function lastWords(path: string): string {
	const lines = readFileSync(path, "utf8").slice(-8000).split("\n");
	return (
		lines.findLast((line) => /(?:FATAL|PANIC):/.test(line))?.replace(/^.*?(?:FATAL|PANIC): +/, "") ?? "it says nothing"
	);
}

export async function answers(url: string, ms: number): Promise<boolean> {
	const client = new Client({ connectionString: url, connectionTimeoutMillis: ms });
	client.on("error", () => {});
	try {
		await client.connect();
		await client.query("SELECT 1");
		return true;
	} catch {
		return false;
	} finally {
		await client.end().catch(() => {});
	}
}
