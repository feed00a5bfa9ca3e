import { byteRange } from "../byte-range.ts";
import type { Cataloger, CatalogSink, FileInfo } from "../types.ts";
import { type Program, programs } from "./programs.ts";
import { searchRedis } from "./redis.ts";
import { latin1, type PatternSearch, searchPattern } from "./search.ts";
import { textLimit, type VersionFile, versionFiles } from "./texts.ts";

/**
 * Programs that were installed without a package manager (built in the image, copied from an archive), by the version
 * texts that they carry. Those of a distribution are found too; they are left out later, by the package that owns them.
 */
export const runtime: Cataloger = {
	id: "runtime",
	version: 1,
	wants: (file) =>
		file.size > 0 &&
		!file.path.startsWith(bitnami) &&
		(versionFileOf(file) !== undefined || candidatesOf(file).length > 0),
	open(file) {
		const text = versionFileOf(file);
		return text ? readText(file, text) : readProgram(file, candidatesOf(file));
	},
};

/** Bitnami describes what it puts there, revision included: the SBOM cataloger reads that. */
const bitnami = "opt/bitnami/";

interface Candidate {
	readonly product: string;
	readonly search: PatternSearch;
	readonly always: boolean;
}

const redisServers: Readonly<Record<string, string>> = {
	"redis-server": "redis",
	// Debian's redis-server is a link to it.
	"redis-check-rdb": "redis",
	"valkey-server": "valkey",
	"valkey-check-rdb": "valkey",
};

/** First letters of all names: almost every other file is passed over at once. */
const initials = new Set("abchlmnoprv");

/** What a file of that name may be; `mysqld` is MySQL's as well as MariaDB's. */
function candidatesOf({ path }: FileInfo): readonly Candidate[] {
	const name = path.slice(path.lastIndexOf("/") + 1);
	if (!initials.has(name.charAt(0))) return [];
	const redis = Object.hasOwn(redisServers, name) ? redisServers[name] : undefined;
	if (redis !== undefined) return [{ product: redis, search: searchRedis(), always: true }];
	return programs
		.filter(({ file }) => file.test(name))
		.map((program) => ({
			product: program.product,
			search: searchPattern(patternOf(program, name)),
			always: program.always === true,
		}));
}

function patternOf({ pattern }: Program, name: string): RegExp {
	return typeof pattern === "function" ? pattern(name) : pattern;
}

function versionFileOf({ path }: FileInfo): VersionFile | undefined {
	if (!path.endsWith("release") && !path.endsWith("VERSION")) return undefined;
	return versionFiles.find((file) => file.path.test(path));
}

/** Only executables count: scripts share their names with what they start. */
function readProgram({ path }: FileInfo, candidates: readonly Candidate[]): CatalogSink {
	const head = byteRange(0, magicLength);
	let position = 0;
	return {
		write(chunk) {
			head.write(chunk, position);
			position += chunk.length;
			if (mayBeExecutable(head.bytes())) for (const { search } of candidates) search.write(chunk);
		},
		end() {
			const isExecutable = head.bytes().length === magicLength && mayBeExecutable(head.bytes());
			const program =
				candidates.find(({ search }) => search.found() !== null) ?? candidates.find(({ always }) => always);
			if (!isExecutable || !program) return { packages: [], warnings: [] };
			const version = program.search.found() ?? "";
			return { packages: [{ type: "generic", name: program.product, version, path }], warnings: [] };
		},
	};
}

const magicLength = 4;
const magics: readonly (readonly number[])[] = [
	[0x7f, 0x45, 0x4c, 0x46],
	[0xcf, 0xfa, 0xed, 0xfe],
	[0x4d, 0x5a],
];

/** ELF, Mach-O and PE; also what is too short to tell. */
function mayBeExecutable(head: Uint8Array): boolean {
	return magics.some((magic) => magic.every((byte, at) => at >= head.length || head[at] === byte));
}

function readText({ path }: FileInfo, { product, version }: VersionFile): CatalogSink {
	const head = byteRange(0, textLimit);
	let position = 0;
	return {
		write(chunk) {
			head.write(chunk, position);
			position += chunk.length;
		},
		end() {
			const found = version(latin1(head.bytes()));
			return {
				packages: found === null ? [] : [{ type: "generic", name: product, version: found, path }],
				warnings: [],
			};
		},
	};
}
