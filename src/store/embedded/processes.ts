/** Which processes work in a folder. A process id alone says little: ids are used again. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

export function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return !isZombie(pid);
	} catch (cause) {
		// Somebody else's process lives, too.
		return cause instanceof Error && "code" in cause && cause.code === "EPERM";
	}
}

/** Ended, and only not yet waited for by its parent. */
function isZombie(pid: number): boolean {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
		return stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
	} catch {
		return false;
	}
}

/** The working folder of PostgreSQL's processes is their data folder. */
export function worksIn(pid: number, folder: string): boolean {
	if (process.platform === "linux") return workingFolder(pid) === folder;
	try {
		return execFileSync("/bin/ps", ["-p", String(pid), "-o", "comm="], { encoding: "utf8" }).includes("postgres");
	} catch {
		return false;
	}
}

/** All processes whose working folder passes; Linux only, elsewhere none is found. */
export function processesIn(isFolder: (path: string) => boolean): readonly number[] {
	if (process.platform !== "linux") return [];
	return readdirSync("/proc")
		.filter((name) => /^\d+$/.test(name))
		.map(Number)
		.filter((pid) => {
			const folder = workingFolder(pid);
			return folder !== null && isFolder(folder) && !isZombie(pid);
		});
}

function workingFolder(pid: number): string | null {
	try {
		// A folder that was removed under the process carries this mark.
		return readlinkSync(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/, "");
	} catch {
		return null;
	}
}

export function programOf(pid: number): string | null {
	try {
		return readlinkSync(`/proc/${pid}/exe`);
	} catch {
		return null;
	}
}

export function signal(pid: number, name: NodeJS.Signals): void {
	try {
		process.kill(pid, name);
	} catch {
		// It has ended meanwhile.
	}
}

/** Whether the condition came true within the time. */
export async function within(milliseconds: number, isTrue: () => boolean): Promise<boolean> {
	for (const deadline = Date.now() + milliseconds; !isTrue(); await pause(20)) if (Date.now() > deadline) return false;
	return true;
}
