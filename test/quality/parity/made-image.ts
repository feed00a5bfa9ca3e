/** Images that the parity test makes of real packages, kept in `.cache/parity` by what makes them. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildImage, type ImageInput, layoutFiles, writeFiles } from "#engine/testing";

export interface ImageRecipe {
	readonly name: string;
	/** The file that says how; with its content the kept image becomes another one. */
	readonly script: string;
	/** What else it is made of: a list of packages, a lock file. */
	readonly ingredients?: readonly string[];
	/** In an empty folder that is thrown away. */
	readonly make: (folder: string) => Promise<ImageInput>;
}

const kept = fileURLToPath(new URL("../../../.cache/parity", import.meta.url));

/** The image as an OCI layout folder; made only if there is none yet from this recipe. */
export async function madeImage({ name, script, ingredients = [], make }: ImageRecipe): Promise<string> {
	const hash = createHash("sha256").update(readFileSync(fileURLToPath(script)));
	for (const ingredient of ingredients) hash.update("\0").update(ingredient);
	const layout = join(kept, `${name}-${hash.digest("hex").slice(0, 16)}`);
	if (existsSync(layout)) return layout;
	await mkdir(kept, { recursive: true });
	const folder = await mkdtemp(join(kept, `building-${name}-`));
	try {
		const work = join(folder, "work");
		await mkdir(work);
		const image = buildImage(await make(work));
		await writeFiles(join(folder, "layout"), layoutFiles([{ image, tag: "it" }]));
		await mkdir(dirname(layout), { recursive: true });
		await rename(join(folder, "layout"), layout);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
	return layout;
}

/**
 * The line that makes mmdebstrap take Debian 12 from the mirror of this machine, its main suite alone: without the
 * security suite there is something to find.
 */
export function debianMain(): string {
	const files = ["/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list"];
	const text = files.flatMap((file) => (existsSync(file) ? [readFileSync(file, "utf8")] : [])).join("\n");
	const [, uri = "http://deb.debian.org/debian"] = /^(?:URIs:\s*|deb\s+(?:\[[^\]]*\]\s*)?)(\S+)/m.exec(text) ?? [];
	return `deb ${uri} bookworm main`;
}

/** Texts that say that a root filesystem is Debian 12. */
export const debianRelease: Readonly<Record<string, string>> = {
	"etc/os-release": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n',
	"etc/debian_version": "12.5\n",
};
