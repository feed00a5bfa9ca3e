import type { Cataloger, FileInfo } from "../types.ts";
import { wholeFile } from "../whole-file.ts";
import { parseMd5sums } from "./parse-md5sums.ts";
import { parseStatus } from "./parse-status.ts";

const statusFile = "var/lib/dpkg/status";
const statusDirectory = "var/lib/dpkg/status.d/";
const infoDirectory = "var/lib/dpkg/info/";

/** A full Debian desktop's status file is about 5 MiB, the longest md5sums list about 2 MiB. */
const limit = 64 * 1024 * 1024;

/**
 * Debian packages from dpkg's database, and the files that they own.
 * `status.d` is how images without dpkg (distroless) list theirs: one file a package, with no Status field.
 */
export const dpkg: Cataloger = {
	id: "dpkg",
	version: 3,
	databases: [statusFile],
	wants: ({ path }) => path === statusFile || isStatusPart(path) || isMd5sums(path),
	open: (file: FileInfo) => wholeFile(file, limit, isMd5sums(file.path) ? parseMd5sums : parseStatus),
};

function isStatusPart(path: string): boolean {
	return isDirectlyIn(path, statusDirectory) && !path.endsWith(".md5sums");
}

function isMd5sums(path: string): boolean {
	return path.endsWith(".md5sums") && (isDirectlyIn(path, infoDirectory) || isDirectlyIn(path, statusDirectory));
}

function isDirectlyIn(path: string, directory: string): boolean {
	return path.startsWith(directory) && path.length > directory.length && !path.includes("/", directory.length);
}
