/** PostgreSQL 15 of Debian in a temporary folder, for suites that must hold on both it and the embedded one. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { answers } from "../embedded/launch.ts";
import { serverOwner } from "../embedded/owner.ts";

export interface DebianPostgres {
	/** Of a superuser, over loopback. */
	readonly url: string;
	readonly pid: number;
	stop(): Promise<void>;
}

const programs = "/usr/lib/postgresql/15/bin";
const startMs = 60_000;

/** Null when the programs are not installed. The caller stops it. */
export async function startDebianPostgres(): Promise<DebianPostgres | null> {
	if (!existsSync(join(programs, "postgres"))) return null;
	const owner = await serverOwner();
	const root = mkdtempSync(join(tmpdir(), "plimsoll-debian-pg-"));
	const data = join(root, "data");
	chmodSync(root, 0o755);
	mkdirSync(data, { mode: 0o700 });
	if (owner) chownSync(data, owner.uid, owner.gid);
	const env = { LC_ALL: "C.UTF-8", PATH: "/usr/bin:/bin", TZ: "UTC" };
	const as = { ...owner, cwd: data, env };
	try {
		const args = ["-D", data, "-U", "plimsoll", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"];
		await promisify(execFile)(join(programs, "initdb"), args, as);
		const port = await freePort();
		const settings = ["listen_addresses=127.0.0.1", `port=${port}`, "unix_socket_directories=", "max_connections=100"];
		const options = settings.flatMap((setting) => ["-c", setting]);
		const child = spawn(join(programs, "postgres"), ["-D", data, ...options], { ...as, stdio: "ignore" });
		const url = `postgresql://plimsoll@127.0.0.1:${port}/postgres`;
		await answering(url, child);
		const stop = async () => {
			await end(child);
			rmSync(root, { recursive: true, force: true, maxRetries: 5 });
		};
		return { url, pid: child.pid ?? 0, stop };
	} catch (error) {
		rmSync(root, { recursive: true, force: true, maxRetries: 5 });
		throw error;
	}
}

async function answering(url: string, child: ChildProcess): Promise<void> {
	for (const deadline = Date.now() + startMs; Date.now() < deadline; await pause(30)) {
		if (await answers(url, 1000)) return;
		if (child.exitCode !== null) throw new Error(`Debian's postgres ended with ${child.exitCode}`);
	}
	await end(child);
	throw new Error("Debian's postgres does not answer");
}

async function end(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const ended = new Promise((resolve) => child.once("exit", resolve));
	child.kill("SIGINT");
	await ended;
}

async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	await new Promise((resolve) => server.close(resolve));
	return typeof address === "object" && address ? address.port : 0;
}
