import type { Cataloger } from "../types.ts";
import { wholeFile } from "../whole-file.ts";
import { parseInstalled } from "./parse.ts";

/** The longest lists have some MiB. */
const limit = 64 * 1024 * 1024;

/**
 * PHP packages that Composer installed. Its list lies in the folder `composer` of the vendor folder, however that is
 * called. `composer.lock` is no proof: it says what would be installed.
 */
export const composer: Cataloger = {
	id: "composer",
	version: 1,
	wants: ({ path }) => path.endsWith("/composer/installed.json") || path === "composer/installed.json",
	open: (file) => wholeFile(file, limit, parseInstalled),
};
