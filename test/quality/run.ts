import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

export interface RunOptions {
	readonly cwd?: string;
	readonly env?: Readonly<Record<string, string | undefined>>;
	/** Milliseconds. */
	readonly timeout?: number;
}

/** What a program printed. Errors hold the end of what it complained of. */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
	try {
		const { stdout } = await execute(program, args, { timeout: 60_000, ...options, maxBuffer: 2 ** 28 });
		return stdout;
	} catch (cause) {
		const said = cause instanceof Error && "stderr" in cause ? String(cause.stderr).trimEnd().slice(-3000) : "";
		throw new Error(`${program} ${args.slice(0, 6).join(" ")}: ${said || String(cause)}`, { cause });
	}
}
