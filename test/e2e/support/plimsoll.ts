import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface Ended {
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

const program = fileURLToPath(new URL("../../../bin/plimsoll.js", import.meta.url));

/** Runs the command line as its users do, in a folder that is also its home, with nothing of our environment but PATH. */
export function runPlimsoll(
	args: readonly string[],
	home: string,
	env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, [program, ...args], {
			cwd: home,
			env: { PATH: process.env["PATH"], HOME: home, ...env },
			stdio: ["ignore", "pipe", "pipe"],
		});
		let [stdout, stderr] = ["", ""];
		child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
		child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
		child.on("error", reject);
		child.on("close", (code) => resolve({ code, stdout, stderr }));
	});
}
