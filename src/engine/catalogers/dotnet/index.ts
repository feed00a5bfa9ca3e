import type { Cataloger } from "../types.ts";
import { type ParseFile, wholeFile } from "../whole-file.ts";
import { parseDeps } from "./parse-deps.ts";
import { parseLock } from "./parse-lock.ts";
import { parsePackagesConfig, parsePackagesProps } from "./parse-xml.ts";

/** The largest programs have a list of some MiB. */
const jsonLimit = 16 * 1024 * 1024;

/** Written by hand or by an editor, and ten times as slow to read. */
const xmlLimit = 4 * 1024 * 1024;

interface Kind {
	readonly ending: string;
	readonly limit: number;
	readonly parse: ParseFile;
}

/** Endings of paths, in lower case; those with a slash are whole names. */
const kinds: readonly Kind[] = [
	{ ending: ".deps.json", limit: jsonLimit, parse: parseDeps },
	{ ending: "/packages.lock.json", limit: jsonLimit, parse: parseLock },
	{ ending: "/packages.config", limit: xmlLimit, parse: parsePackagesConfig },
	{ ending: "packages.props", limit: xmlLimit, parse: parsePackagesProps },
];

/** NuGet packages of .NET programs, the .NET runtime among them. */
export const dotnet: Cataloger = {
	id: "dotnet",
	version: 1,
	wants: ({ path }) => kindOf(path) !== undefined,
	open: (file) => wholeFile(file, kindOf(file.path)?.limit ?? 0, kindOf(file.path)?.parse ?? parseDeps),
};

function kindOf(path: string): Kind | undefined {
	const last = path.charCodeAt(path.length - 1) | 0x20;
	if (last !== lowerN && last !== lowerG && last !== lowerS) return undefined;
	const place = `/${path}`.toLowerCase();
	return kinds.find(({ ending }) => place.endsWith(ending));
}

/** The last letters of the endings: almost every file is passed over by them. */
const [lowerN, lowerG, lowerS] = [0x6e, 0x67, 0x73];
