import type { Cataloger } from "../types.ts";
import { wholeFile } from "../whole-file.ts";
import { parsePackageJson } from "./parse.ts";

/** The largest published manifests are some hundred KiB. */
const limit = 4 * 1024 * 1024;

/** Installed npm packages: every `package.json` that gives a name and a version, wherever it lies. */
export const npm: Cataloger = {
	id: "npm",
	version: 1,
	wants: ({ path }) => path.endsWith("package.json") && (path === "package.json" || path.endsWith("/package.json")),
	open: (file) => wholeFile(file, limit, parsePackageJson),
};
