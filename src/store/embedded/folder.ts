/**
 * The folder of our own PostgreSQL: `data` (the cluster), `programs-VERSION`, `socket`, `password`, `lock`, `postgres.log`.
 */
import { createHash, randomBytes } from "node:crypto";
import {
	chmodSync,
	chownSync,
	existsSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	realpathSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { StoreError } from "../errors.ts";
import type { Owner } from "./owner.ts";
import { unavailable } from "./unavailable.ts";

/** The longest path of a Unix socket is 107 bytes on Linux, 103 on macOS; `/.s.PGSQL.5432` comes after. */
const longestSocketFolder = 85;

/** Makes the folder where it is not there, and gives its real path: PostgreSQL knows no other. */
export function makeFolder(folder: string): string {
	const made = mkdirSync(folder, { recursive: true });
	// Whatever the umask says: the server's user must come through, and has nothing to list.
	if (made !== undefined) chmodSync(folder, 0o711);
	return realpathSync(folder);
}

/** The server's user must be able to reach the folder. @throws StoreError database_unavailable */
export function checkReach(folder: string, owner: Owner | null): void {
	if (owner === null) return;
	const closed = ancestors(folder).find((path) => !mayEnter(path, owner));
	if (closed === undefined) return;
	throw new StoreError(
		"database_unavailable",
		`Plimsoll's own PostgreSQL cannot run. PostgreSQL refuses to run as root, so it runs as user ${owner.uid}, who may not enter ${closed}.`,
		`Choose another data folder with --data, such as /var/lib/plimsoll, or open this one: chmod o+x ${closed}`,
	);
}

function ancestors(path: string): readonly string[] {
	const parent = dirname(path);
	return parent === path ? [path] : [...ancestors(parent), path];
}

function mayEnter(path: string, { uid, gid }: Owner): boolean {
	const stat = statSync(path);
	if (stat.uid === uid) return (stat.mode & 0o100) !== 0;
	if (stat.gid === gid) return (stat.mode & 0o010) !== 0;
	return (stat.mode & 0o001) !== 0;
}

export function socketFolder(folder: string): string {
	const here = join(folder, "socket");
	if (Buffer.byteLength(here) <= longestSocketFolder) return here;
	// Not the temporary folder of the environment: a worker beside us may have another one.
	return join("/tmp", `plimsoll-${createHash("sha256").update(folder).digest("hex").slice(0, 16)}`);
}

/** In /tmp anybody may have made it before us, for us to put our socket in. */
export function makeSocketFolder(path: string, owner: Owner | null): void {
	mkdirSync(path, { recursive: true, mode: 0o700 });
	const stat = lstatSync(path);
	const ours = [process.getuid?.(), owner?.uid].includes(stat.uid);
	if (!stat.isDirectory() || !ours)
		throw unavailable(`${path}, where its socket belongs, was made by somebody else (user ${stat.uid}).`);
	giveTo(path, owner);
}

export function giveTo(path: string, owner: Owner | null): void {
	if (owner) chownSync(path, owner.uid, owner.gid);
	chmodSync(path, 0o700);
}

/** The server's password; made whole or not at all. */
export function passwordIn(folder: string): string {
	const path = join(folder, "password");
	if (!existsSync(path)) {
		const unfinished = `${path}.unfinished`;
		rmSync(unfinished, { force: true });
		writeFileSync(unfinished, randomBytes(24).toString("hex"), { mode: 0o600, flush: true });
		renameSync(unfinished, path);
	}
	return readFileSync(path, "utf8");
}

/** Takes away what a killed start left behind. Only under the folder's lock. */
export function sweep(folder: string): void {
	const left = /^(?:data\.unfinished.*|programs-.*\.unfinished|password\.\d+|password\.unfinished)$/;
	for (const name of readdirSync(folder))
		if (left.test(name)) rmSync(join(folder, name), { recursive: true, force: true, maxRetries: 5 });
}
