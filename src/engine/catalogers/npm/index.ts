import type { Cataloger } from "../types.ts";
import { wholeFile } from "../whole-file.ts";
import { manifestLimit, parsePackageJson } from "./parse.ts";
import { archiveLimit, parseYarnZip, yarnArchive } from "./yarn-zip.ts";

/** Installed npm packages: every `package.json` that gives a name and a version, wherever it lies, and Yarn's archives. */
export const npm: Cataloger = {
	id: "npm",
	version: 2,
	wants: ({ path }) => isManifest(path) || (path.endsWith(".zip") && yarnArchive.test(path)),
	open: (file) =>
		isManifest(file.path)
			? wholeFile(file, manifestLimit, parsePackageJson)
			: wholeFile(file, archiveLimit, parseYarnZip),
};

function isManifest(path: string): boolean {
	return path.endsWith("package.json") && (path === "package.json" || path.endsWith("/package.json"));
}
