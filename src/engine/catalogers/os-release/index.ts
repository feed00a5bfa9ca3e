import type { Cataloger, CatalogResult } from "../types.ts";
import { wholeFile } from "../whole-file.ts";
import { parseApkRepositories, repositoriesPath } from "./parse-apk-repositories.ts";
import { parseOsRelease } from "./parse-os-release.ts";
import { parseAlpineRelease, parseDebianVersion, parseLsbRelease } from "./parse-release-files.ts";
import { parseSuseRelease, parseSystemRelease, versionAfterName } from "./parse-system-release.ts";
import { parseUbuntuPro, proStatusPath } from "./parse-ubuntu-pro.ts";
import type { ReadRelease } from "./release-fact.ts";

/** Real release files are below 1 KiB, Ubuntu Pro's state below 32 KiB. */
const limit = 256 * 1024;

const readerOf: ReadonlyMap<string, ReadRelease> = new Map<string, ReadRelease>([
	["etc/os-release", parseOsRelease],
	["usr/lib/os-release", parseOsRelease],
	["x86_64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release", parseOsRelease],
	["aarch64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release", parseOsRelease],
	["etc/alpine-release", parseAlpineRelease],
	[repositoriesPath, parseApkRepositories],
	["etc/debian_version", parseDebianVersion],
	["etc/lsb-release", parseLsbRelease],
	[proStatusPath, parseUbuntuPro],
	["etc/almalinux-release", parseSystemRelease],
	["etc/centos-release", parseSystemRelease],
	["etc/fedora-release", parseSystemRelease],
	["usr/lib/fedora-release", parseSystemRelease],
	["etc/mageia-release", parseSystemRelease],
	["etc/openEuler-release", parseSystemRelease],
	["etc/oracle-release", parseSystemRelease],
	["etc/redhat-release", parseSystemRelease],
	["etc/rocky-release", parseSystemRelease],
	["etc/system-release", parseSystemRelease],
	["usr/lib/system-release", parseSystemRelease],
	["etc/azurelinux-release", versionAfterName("azurelinux")],
	["etc/mariner-release", versionAfterName("mariner")],
	["etc/photon-release", versionAfterName("photon")],
	["etc/SuSE-release", parseSuseRelease],
]);

/** What each release file says of the operating system; `resolveOs` decides over all of them. */
export const osRelease: Cataloger = {
	id: "os-release",
	version: 3,
	wants: ({ path }) => readerOf.has(path),
	open: (file) => wholeFile(file, limit, readFact),
};

function readFact(bytes: Uint8Array, path: string): CatalogResult {
	const read = readerOf.get(path)?.(new TextDecoder().decode(bytes), path) ?? null;
	if (read === null) return { packages: [], warnings: [] };
	if ("fault" in read) {
		return { packages: [], warnings: [{ code: "package_file_malformed", message: read.fault, path }] };
	}
	return { packages: [], os: read, warnings: [] };
}
