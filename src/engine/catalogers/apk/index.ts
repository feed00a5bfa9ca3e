import type { Cataloger } from "../types.ts";
import { wholeFile } from "../whole-file.ts";
import { parseInstalled } from "./parse.ts";

const databases = ["lib/apk/db/installed", "usr/lib/apk/db/installed"];

/** A desktop's database with its file lists is about 10 MiB. */
const limit = 64 * 1024 * 1024;

/** Alpine packages, and those of its relatives (Wolfi, Chainguard), with the files that they own. */
export const apk: Cataloger = {
	id: "apk",
	version: 3,
	databases,
	wants: ({ path }) => databases.includes(path),
	open: (file) => wholeFile(file, limit, parseInstalled),
};
