import type { Cataloger, CatalogResult, OsFact } from "../types.ts";
import { wholeFile } from "../whole-file.ts";
import { parseApkRepositories, repositoriesPath } from "./parse-apk-repositories.ts";
import { parseOsRelease } from "./parse-os-release.ts";
import { parseAlpineRelease, parseDebianVersion, parseLsbRelease, parseSystemRelease } from "./parse-release-files.ts";

/** Real release files are below 1 KiB. */
const limit = 64 * 1024;

type ParseRelease = (text: string, path: string) => OsFact | null;

const parserOf: ReadonlyMap<string, ParseRelease> = new Map<string, ParseRelease>([
	["etc/os-release", parseOsRelease],
	["usr/lib/os-release", parseOsRelease],
	["x86_64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release", parseOsRelease],
	["aarch64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release", parseOsRelease],
	["etc/alpine-release", parseAlpineRelease],
	[repositoriesPath, parseApkRepositories],
	["etc/debian_version", parseDebianVersion],
	["etc/lsb-release", parseLsbRelease],
	["etc/almalinux-release", parseSystemRelease],
	["etc/centos-release", parseSystemRelease],
	["etc/fedora-release", parseSystemRelease],
	["usr/lib/fedora-release", parseSystemRelease],
	["etc/oracle-release", parseSystemRelease],
	["etc/redhat-release", parseSystemRelease],
	["etc/rocky-release", parseSystemRelease],
	["etc/system-release", parseSystemRelease],
	["usr/lib/system-release", parseSystemRelease],
]);

/** What each release file says of the operating system; `resolveOs` decides over all of them. */
export const osRelease: Cataloger = {
	id: "os-release",
	version: 2,
	wants: ({ path }) => parserOf.has(path),
	open: (file) => wholeFile(file, limit, parseFact),
};

function parseFact(bytes: Uint8Array, path: string): CatalogResult {
	const fact = parserOf.get(path)?.(new TextDecoder().decode(bytes), path) ?? null;
	return { packages: [], ...(fact ? { os: fact } : {}), warnings: [] };
}
