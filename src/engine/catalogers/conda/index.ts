import type { Cataloger } from "../types.ts";
import { wholeFile } from "../whole-file.ts";
import { parseRecord } from "./parse.ts";

/** Records list every file of their package; the longest have some ten MiB. */
const limit = 64 * 1024 * 1024;

const record = /(?:^|\/)conda-meta\/[^/]+-[^/]+-[^/]+\.json$/;

/**
 * Packages of conda environments, wherever they lie. They are listed and not judged: nobody publishes advisories on conda
 * packages. Those that hold Python projects have these projects' own metadata as well.
 */
export const conda: Cataloger = {
	id: "conda",
	version: 1,
	wants: ({ path }) => path.endsWith(".json") && record.test(path),
	open: (file) => wholeFile(file, limit, parseRecord),
};
