/**
 * A PostgreSQL of our own: a child process on a Unix socket in the data folder, no TCP, with a password, fsync on, as an
 * unprivileged user when we are root. One that a killed Plimsoll left behind is used again; one that dies is started again.
 */
import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { StoreError } from "../errors.ts";
import { checkReach, makeFolder, makeSocketFolder, passwordIn, socketFolder, sweep } from "./folder.ts";
import { databaseUser, endLeftInitdb, initialise } from "./initialise.ts";
import { answers, launch, ready } from "./launch.ts";
import { lockFolder } from "./lock.ts";
import { type Owner, serverOwner } from "./owner.ts";
import { isAlive, processesIn, programOf, signal, within, worksIn } from "./processes.ts";
import { installPrograms, type Programs } from "./programs.ts";
import { inFolder } from "./unavailable.ts";

export interface EmbeddedPostgres {
	/** For `openDatabase`; holds the password. */
	readonly url: string;
	/** Process id of the server; another one after it died and was started again. */
	readonly pid: number;
	/** Ends the server and lets go of the folder. */
	stop(): Promise<void>;
}

export interface EmbeddedOptions {
	/** Told when the server ended by itself, and when it runs again. */
	readonly onTrouble?: (message: string) => void;
}

/** The port is part of the name, although nothing listens on it. */
const socketName = ".s.PGSQL.5432";

interface Place {
	readonly folder: string;
	readonly data: string;
	readonly sockets: string;
	readonly url: string;
	readonly owner: Owner | null;
	readonly programs: Programs;
}

interface Running {
	readonly pid: number;
	/** Null for one that was left behind. */
	readonly child: ChildProcess | null;
}

/**
 * Starts the server over `folder`, which is made when it is not there.
 * @throws StoreError database_unavailable, folder_in_use
 */
export async function startEmbeddedPostgres(folder: string, options: EmbeddedOptions = {}): Promise<EmbeddedPostgres> {
	return inFolder(folder, async () => {
		const home = makeFolder(folder);
		const owner = await serverOwner();
		checkReach(home, owner);
		const lock = lockFolder(home);
		try {
			const place = await prepare(home, owner);
			return supervise(place, await run(place), lock.release, options.onTrouble ?? (() => {}));
		} catch (error) {
			lock.release();
			throw error;
		}
	});
}

/**
 * The server that another Plimsoll runs over `folder`, for a worker beside it.
 * @throws StoreError database_unavailable: none runs there
 */
export async function attachEmbeddedPostgres(folder: string): Promise<{ readonly url: string }> {
	return inFolder(folder, async () => {
		const home = existsSync(folder) ? realpathSync(folder) : folder;
		const password = existsSync(join(home, "password")) ? passwordIn(home) : null;
		const url = password === null ? null : urlOf(socketFolder(home), password);
		if (url !== null && (await answers(url, 5000))) return { url };
		throw new StoreError(
			"database_unavailable",
			`No Plimsoll runs on the data folder ${folder}, whose database this one could use.`,
			"Start `plimsoll serve` there first, or set DATABASE_URL.",
		);
	});
}

function urlOf(sockets: string, password: string): string {
	return `postgresql://${databaseUser}:${password}@/postgres?host=${encodeURIComponent(sockets)}`;
}

async function prepare(folder: string, owner: Owner | null): Promise<Place> {
	await endLeftInitdb(folder);
	sweep(folder);
	const programs = await installPrograms(folder);
	const sockets = socketFolder(folder);
	makeSocketFolder(sockets, owner);
	const password = passwordIn(folder);
	await initialise(programs, folder, password, owner);
	return { folder, data: join(folder, "data"), sockets, url: urlOf(sockets, password), owner, programs };
}

/** The server that runs there already, if it is of these programs; else a new one. */
async function run(place: Place): Promise<Running> {
	const { data, url, programs } = place;
	const left = pidIn(data);
	if (left !== null && isAlive(left) && worksIn(left, data)) {
		const program = programOf(left);
		const ours = program === null || program === realpathSync(programs.postgres);
		if (ours && (await answersSoon(url, left))) return { pid: left, child: null };
		await end(left);
	}
	await settle(place);
	const child = launch(programs, place.folder, place.sockets, place.owner);
	try {
		await ready(url, child, place.folder);
	} catch (error) {
		if (child.pid !== undefined) await end(child.pid);
		throw error;
	}
	return { pid: child.pid ?? 0, child };
}

/** It may be recovering, or on its way down. */
async function answersSoon(url: string, pid: number): Promise<boolean> {
	for (const deadline = Date.now() + 30_000; Date.now() < deadline && isAlive(pid); await pause(50))
		if (await answers(url, 2000)) return true;
	return false;
}

/**
 * Waits for the processes of a server whose head was killed: a new one beside them would damage the data. What holds its
 * process id is taken away then: that id may be another program's by now, and PostgreSQL would not start.
 */
async function settle({ data, sockets }: Place): Promise<void> {
	const left = () => processesIn((path) => path === data);
	if (!(await within(5000, () => left().length === 0))) for (const pid of left()) signal(pid, "SIGKILL");
	await within(5000, () => left().length === 0);
	// Elsewhere we cannot tell who is left, and leave it to PostgreSQL's own check.
	if (process.platform !== "linux") return;
	for (const path of [join(data, "postmaster.pid"), join(sockets, socketName), join(sockets, `${socketName}.lock`)])
		rmSync(path, { force: true });
}

function pidIn(data: string): number | null {
	try {
		return Number(readFileSync(join(data, "postmaster.pid"), "utf8").split("\n")[0]) || null;
	} catch {
		return null;
	}
}

function supervise(
	place: Place,
	first: Running,
	release: () => void,
	onTrouble: (message: string) => void,
): EmbeddedPostgres {
	let running = first;
	let stopping = false;
	let mending: Promise<void> | null = null;
	const watch = setInterval(() => {
		if (stopping || mending || isAlive(running.pid)) return;
		onTrouble("PostgreSQL ended by itself; it is started again.");
		mending = mend().finally(() => (mending = null));
	}, 200);
	watch.unref();
	async function mend(): Promise<void> {
		for (let wait = 100; ; wait = Math.min(wait * 2, 10_000)) {
			if (stopping) return;
			try {
				running = await run(place);
				onTrouble("PostgreSQL runs again.");
				return;
			} catch (error) {
				onTrouble(error instanceof Error ? error.message : String(error));
				await pause(wait, undefined, { ref: false });
			}
		}
	}
	let stopped: Promise<void> | null = null;
	async function stop(): Promise<void> {
		stopping = true;
		clearInterval(watch);
		await mending;
		await end(running.pid);
		await settle(place);
		release();
	}
	return {
		url: place.url,
		get pid() {
			return running.pid;
		},
		stop: () => (stopped ??= stop()),
	};
}

/** SIGINT is PostgreSQL's fast shutdown: it ends open transactions and leaves nothing to recover. SIGQUIT leaves that. */
async function end(pid: number): Promise<void> {
	for (const [name, milliseconds] of [
		["SIGINT", 20_000],
		["SIGQUIT", 5000],
		["SIGKILL", 5000],
	] as const) {
		signal(pid, name);
		if (await within(milliseconds, () => !isAlive(pid))) return;
	}
}
