/** Makes the cluster: beside its place, and put there in one step, so that there is a whole one or none. */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { giveTo } from "./folder.ts";
import { environmentFor } from "./launch.ts";
import type { Owner } from "./owner.ts";
import { processesIn, signal, within } from "./processes.ts";
import type { Programs } from "./programs.ts";
import { unavailable } from "./unavailable.ts";

const run = promisify(execFile);

export const databaseUser = "plimsoll";

/** An initdb whose Plimsoll was killed works on; nobody waits for it. */
export async function endLeftInitdb(folder: string): Promise<void> {
	const unfinished = () => processesIn((path) => path.startsWith(join(folder, "data.unfinished")));
	for (const pid of unfinished()) signal(pid, "SIGKILL");
	await within(5000, () => unfinished().length === 0);
}

export async function initialise(
	programs: Programs,
	folder: string,
	password: string,
	owner: Owner | null,
): Promise<void> {
	const data = join(folder, "data");
	if (existsSync(join(data, "PG_VERSION"))) return checkVersion(data, programs);
	const unfinished = join(folder, `data.unfinished.${randomBytes(6).toString("hex")}`);
	mkdirSync(unfinished, { mode: 0o700 });
	giveTo(unfinished, owner);
	const passwords = join(folder, `password.${process.pid}`);
	writeFileSync(passwords, password, { mode: 0o600 });
	giveTo(passwords, owner);
	try {
		const args = ["-D", unfinished, "-U", databaseUser, "--auth=scram-sha-256", `--pwfile=${passwords}`, "-E", "UTF8"];
		await run(programs.initdb, [...args, "--locale-provider=builtin", "--locale=C.UTF-8"], {
			...owner,
			cwd: unfinished,
			env: environmentFor(programs),
		});
	} catch (cause) {
		rmSync(unfinished, { recursive: true, force: true });
		const said = cause instanceof Error && "stderr" in cause ? String(cause.stderr).trim() : String(cause);
		throw unavailable(`Its database could not be made in ${data}: ${lastError(said)}`, cause);
	} finally {
		rmSync(passwords, { force: true });
	}
	// Never a cluster: it has no PG_VERSION.
	rmSync(data, { recursive: true, force: true });
	renameSync(unfinished, data);
}

/** initdb tells its whole progress; what went wrong is in the lines with a severity. */
function lastError(said: string): string {
	const lines = said.split("\n").filter((line) => /error|fatal|panic/i.test(line));
	return (lines.length > 0 ? lines : said.split("\n")).slice(-2).join(" ");
}

function checkVersion(data: string, { version }: Programs): void {
	const made = readFileSync(join(data, "PG_VERSION"), "utf8").trim();
	const [major] = version.split(".");
	if (made !== major)
		throw unavailable(`Its data in ${data} is of PostgreSQL ${made}, and this Plimsoll brings ${major ?? version}.`);
}
