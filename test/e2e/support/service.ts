/** Plimsoll's service as its users start it: the real program, in a process of its own, with a data folder of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type ApiClient, apiClient } from "./api-client.ts";

export interface ServiceOptions {
	/** A folder to use again; else a new one, which `remove` deletes. */
	readonly data?: string;
	/** A PostgreSQL of its own choice in place of the embedded one. */
	readonly databaseUrl?: string;
	readonly args?: readonly string[];
	readonly env?: Readonly<Record<string, string>>;
}

export interface RunningService {
	/** `http://127.0.0.1:PORT` */
	readonly url: string;
	readonly data: string;
	readonly pid: number;
	/** All that it printed so far. */
	said(): string;
	/** Null unless this was the first start on the data folder. */
	readonly password: string | null;
	/** SIGTERM, then waits; gives the exit code. */
	stop(): Promise<number | null>;
	/** SIGKILL to the process; with `database` to the embedded PostgreSQL as well. */
	kill(database?: boolean): Promise<void>;
	/** Stops what still runs and deletes the data. */
	remove(): Promise<void>;
}

const program = fileURLToPath(new URL("../../../src/main/cli.ts", import.meta.url));
/** First starts make a database; a loaded machine takes its time. */
const startMs = 60_000;

export async function startService(options: ServiceOptions = {}): Promise<RunningService> {
	const data = options.data ?? newFolder();
	const child = spawn(
		process.execPath,
		[program, "serve", "--listen", "127.0.0.1:0", "--data", data, ...(options.args ?? [])],
		{
			env: {
				PATH: process.env["PATH"],
				HOME: data,
				PLIMSOLL_OFFLINE: "1",
				PLIMSOLL_ALLOW_ADDRESSES: "127.0.0.0/8",
				...(options.databaseUrl === undefined ? {} : { DATABASE_URL: options.databaseUrl }),
				...options.env,
			},
			stdio: ["ignore", "pipe", "pipe"],
		},
	);
	let text = "";
	child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
	child.stderr.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
	const url = await found(
		() => /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0],
		child,
		() => text,
	);
	return {
		url,
		data,
		pid: child.pid ?? 0,
		said: () => text,
		password: /password:?\s+(\S{12,})/i.exec(text)?.[1] ?? null,
		stop: () => ended(child, "SIGTERM"),
		kill: async (database = false) => {
			const server = postmasterOf(data);
			await ended(child, "SIGKILL");
			if (database && server !== null) killQuietly(server);
		},
		remove: async () => {
			await ended(child, "SIGTERM");
			const server = postmasterOf(data);
			if (server !== null) killQuietly(server);
			await pause(100);
			rmSync(data, { recursive: true, force: true, maxRetries: 5 });
		},
	};
}

/** Starts the service and signs its administrator in, with the password changed. */
export async function startSignedIn(
	options: ServiceOptions = {},
): Promise<{ readonly service: RunningService; readonly api: ApiClient }> {
	const service = await startService(options);
	if (service.password === null) throw new Error(`no password was printed:\n${service.said()}`);
	const api = await apiClient(service.url, "admin", service.password, administratorPassword);
	return { service, api };
}

export const administratorPassword = "a password for this test only";

function newFolder(): string {
	const folder = mkdtempSync(join(tmpdir(), "plimsoll-service-"));
	// PostgreSQL runs as another user when tests run as root.
	chmodSync(folder, 0o755);
	return folder;
}

async function found(look: () => string | undefined, child: ChildProcess, said: () => string): Promise<string> {
	for (const deadline = Date.now() + startMs; Date.now() < deadline; await pause(20)) {
		const value = look();
		if (value !== undefined) return value;
		if (child.exitCode !== null || child.signalCode !== null) break;
	}
	child.kill("SIGKILL");
	throw new Error(`The service did not start:\n${said()}`);
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
	if (child.exitCode === null && child.signalCode === null) {
		const exit = new Promise((resolve) => child.once("exit", resolve));
		child.kill(signal);
		await exit;
	}
	return child.exitCode;
}

function postmasterOf(data: string): number | null {
	try {
		return Number(readFileSync(join(data, "postgres/data/postmaster.pid"), "utf8").split("\n")[0]) || null;
	} catch {
		return null;
	}
}

function killQuietly(pid: number): void {
	try {
		process.kill(pid, "SIGKILL");
	} catch {
		// It has ended by itself.
	}
}
