import type { Cataloger } from "../types.ts";
import { wholeFile } from "../whole-file.ts";
import { parseDescription } from "./parse.ts";

/** The longest on CRAN are some 30 KiB. */
const limit = 1024 * 1024;

/** Installed R packages: the `DESCRIPTION` of each, in any library. */
export const r: Cataloger = {
	id: "r",
	version: 1,
	wants: ({ path }) => path.endsWith("/DESCRIPTION"),
	open: (file) => wholeFile(file, limit, parseDescription),
};
