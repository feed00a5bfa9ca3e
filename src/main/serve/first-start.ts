/**
 * What a new service gets: an administrator, sample images, and advisories to begin with. Each step looks whether it was
 * done, so that a first start that was cut short is made up for by the next.
 */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { AccessStore } from "#server";
import type { DataFolder } from "./data-folder.ts";

const administrator = "admin";
const samples = join(import.meta.dirname, "../../../demo/first-start.ts");

/**
 * Told before it holds: whoever is killed in between has told a password that is nobody's, and the next start tells
 * another one. The other way round nobody would know it. `before` is what else a service gets once: while there is no
 * administrator it may not have been done to its end.
 */
export async function makeAdministrator(
	access: Pick<AccessStore, "users" | "ensureAdministrator">,
	write: (text: string) => void,
	before: () => Promise<void> = async () => {},
): Promise<boolean> {
	const { items } = await access.users({ limit: 1 });
	if (items.length > 0) return false;
	await before();
	// 120 bits.
	const password = randomBytes(15).toString("base64url");
	write(
		`\nThis is Plimsoll's first start. Sign in as "${administrator}" with this one-time password:  ${password}\nIt is shown only now. You choose your own when you sign in.\n\n`,
	);
	if (await access.ensureAdministrator(administrator, password)) return true;
	write("Another process has just made the administrator: the password that it showed holds, not this one.\n");
	return false;
}

/** Sample images and the starter set of advisories, unless there are some. True when something was made. */
export async function makeSamples(folder: DataFolder): Promise<boolean> {
	if (existsSync(folder.samples) && existsSync(folder.advisories)) return false;
	await promisify(execFile)(process.execPath, [samples, folder.root], { env: {} });
	return true;
}
