import { readFileSync } from "node:fs";

/** The first child of a process; null when it has none. */
export function childOf(pid: number): number | null {
	const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
	return text === "" ? null : Number(text.split(" ")[0]);
}

export function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}
