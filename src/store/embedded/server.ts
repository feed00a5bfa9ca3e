/**
 * A PostgreSQL of our own: a child process on a Unix socket in the data folder, no TCP, with a password, fsync on, as an
 * unprivileged user when we are root. One that a killed Plimsoll left behind is used again.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { chmodSync, chownSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { Client } from "pg";
import { StoreError } from "../errors.ts";
import { type Owner, serverOwner } from "./owner.ts";
import { installPrograms, type Programs } from "./programs.ts";

export interface EmbeddedPostgres {
	/** For `openDatabase`; holds the password. */
	readonly url: string;
	/** Process id of the server. */
	readonly pid: number;
	/** Ends the server, when this process started it or found it left behind. */
	stop(): Promise<void>;
}

const user = "plimsoll";
/** A cold start with recovery after a crash takes a second or two; a machine under load more. */
const startMs = 60_000;
/** The longest path of a Unix socket is 107 bytes on Linux, 103 on macOS; `/.s.PGSQL.5432` comes after. */
const longestSocketFolder = 85;

const run = promisify(execFile);

/** Starts the server over `folder`, which is made when it is not there. Throws `database_unavailable`. */
export async function startEmbeddedPostgres(folder: string): Promise<EmbeddedPostgres> {
	mkdirSync(folder, { recursive: true, mode: 0o755 });
	const owner = await serverOwner();
	const programs = await installPrograms(folder);
	const data = join(folder, "data");
	const sockets = socketFolder(folder);
	for (const path of [sockets]) {
		mkdirSync(path, { recursive: true, mode: 0o700 });
		own(path, owner);
	}
	const secret = secretIn(folder);
	const url = urlOf(sockets, secret);
	if (!existsSync(join(data, "PG_VERSION"))) await initialise(programs, folder, data, secret, owner);
	const left = pidIn(data);
	if (left !== null && (await answers(url, 2000))) return { url, pid: left, stop: () => stopServer(left, null) };
	const child = launch(programs, folder, data, sockets, owner);
	await ready(url, child, folder);
	const pid = child.pid ?? 0;
	return { url, pid, stop: () => stopServer(pid, child) };
}

function urlOf(sockets: string, secret: string): string {
	return `postgresql://${user}:${secret}@/postgres?host=${encodeURIComponent(sockets)}`;
}

function socketFolder(folder: string): string {
	const here = join(folder, "socket");
	if (Buffer.byteLength(here) <= longestSocketFolder) return here;
	return join(tmpdir(), `plimsoll-${createHash("sha256").update(folder).digest("hex").slice(0, 16)}`);
}

function secretIn(folder: string): string {
	const path = join(folder, "password");
	if (!existsSync(path)) writeFileSync(path, randomBytes(24).toString("hex"), { mode: 0o600, flag: "wx" });
	return readFileSync(path, "utf8");
}

function own(path: string, owner: Owner | null): void {
	if (owner) chownSync(path, owner.uid, owner.gid);
	chmodSync(path, 0o700);
}

/** A folder that initdb did not finish is made anew: nothing was ever kept in it. */
async function initialise(
	programs: Programs,
	folder: string,
	data: string,
	secret: string,
	owner: Owner | null,
): Promise<void> {
	const unfinished = join(folder, "data.unfinished");
	rmSync(unfinished, { recursive: true, force: true });
	mkdirSync(unfinished, { mode: 0o700 });
	own(unfinished, owner);
	const passwords = join(unfinished, "..", `password.${process.pid}`);
	writeFileSync(passwords, secret, { mode: 0o600 });
	own(passwords, owner);
	try {
		const args = ["-D", unfinished, "-U", user, "--auth=scram-sha-256", `--pwfile=${passwords}`, "-E", "UTF8"];
		await run(programs.initdb, [...args, "--locale-provider=builtin", "--locale=C.UTF-8"], {
			...owner,
			cwd: unfinished,
			env: environmentFor(programs),
		});
	} catch (cause) {
		const said = cause instanceof Error && "stderr" in cause ? String(cause.stderr).trim() : String(cause);
		throw unavailable(`Its database could not be made in ${data}: ${said}`, cause);
	} finally {
		rmSync(passwords, { force: true });
	}
	const { renameSync } = await import("node:fs");
	rmSync(data, { recursive: true, force: true });
	renameSync(unfinished, data);
}

/** Nothing of our own environment: only what the programs need to find their libraries and write their messages. */
function environmentFor({ libraries }: Programs): NodeJS.ProcessEnv {
	return { LD_LIBRARY_PATH: libraries, DYLD_LIBRARY_PATH: libraries, LC_ALL: "C", PATH: "/usr/bin:/bin", TZ: "UTC" };
}

const settings: Readonly<Record<string, string>> = {
	listen_addresses: "",
	max_connections: "100",
	shared_buffers: "128MB",
	fsync: "on",
	timezone: "UTC",
	log_timezone: "UTC",
	unix_socket_permissions: "0700",
};

function launch(programs: Programs, folder: string, data: string, sockets: string, owner: Owner | null): ChildProcess {
	const log = openSync(join(folder, "postgres.log"), "a", 0o600);
	const options = Object.entries({ ...settings, unix_socket_directories: sockets });
	const args = ["-D", data, ...options.flatMap(([name, value]) => ["-c", `${name}=${value}`])];
	// A group of its own: Ctrl-C in a terminal reaches us, and we stop the server when our work is done.
	const child = spawn(programs.postgres, args, {
		...owner,
		cwd: data,
		env: environmentFor(programs),
		stdio: ["ignore", log, log],
		detached: true,
	});
	child.unref();
	return child;
}

async function ready(url: string, child: ChildProcess, folder: string): Promise<void> {
	let ended: string | null = null;
	child.once("error", (error) => (ended = error.message));
	child.once("exit", (code, signal) => (ended = signal ?? `exit code ${code}`));
	for (const deadline = Date.now() + startMs; Date.now() < deadline; ) {
		if (await answers(url, 1000)) return;
		if (ended !== null)
			throw unavailable(`It ended at once (${String(ended)}); ${join(folder, "postgres.log")} tells why.`);
		await pause(20);
	}
	throw unavailable(`It did not answer within ${startMs / 1000} s; ${join(folder, "postgres.log")} may tell why.`);
}

async function answers(url: string, ms: number): Promise<boolean> {
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

function pidIn(data: string): number | null {
	try {
		return Number(readFileSync(join(data, "postmaster.pid"), "utf8").split("\n")[0]) || null;
	} catch {
		return null;
	}
}

/** SIGINT is PostgreSQL's fast shutdown: it ends open transactions and leaves nothing to recover. */
async function stopServer(pid: number, child: ChildProcess | null): Promise<void> {
	const ended = child && child.exitCode === null ? new Promise((resolve) => child.once("exit", resolve)) : null;
	try {
		process.kill(pid, "SIGINT");
	} catch {
		return;
	}
	if (ended) await Promise.race([ended, pause(20_000, undefined, { ref: false })]);
	for (let tries = 0; tries < 400 && isAlive(pid); tries++) await pause(50);
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}

function unavailable(message: string, cause?: unknown): StoreError {
	return new StoreError(
		"database_unavailable",
		`Plimsoll's own PostgreSQL cannot run. ${message}`,
		"Check free space and the folder's owner, or set DATABASE_URL to a PostgreSQL of your own.",
		cause,
	);
}
