import type { CatalogResult } from "../types.ts";

/** The longest list known, Google Cloud CLI's, has 45,366. Of more, the rest counts as nobody's: that hides no package. */
const mostPaths = 500_000;

const checksumLine = /(?:^|\n)[\da-f]{32} [ *](?:\.?\/)?([^\n]+)/gi;

/**
 * Files of one package, from the list of checksums that dpkg keeps a package (deb-md5sums(5)):
 * `<32 hex digits>  <path>`, paths relative to the root. Lines of another form are passed over; they cost no package.
 */
export function parseMd5sums(bytes: Uint8Array, path: string): CatalogResult {
	const paths: string[] = [];
	for (const [, listed = ""] of new TextDecoder().decode(bytes).matchAll(checksumLine)) {
		const owned = listed.endsWith("\r") ? listed.slice(0, -1) : listed;
		if (owned !== "") paths.push(owned);
		if (paths.length === mostPaths) break;
	}
	const owner = ownerOf(path);
	return { packages: [], owned: owner && paths.length > 0 ? [{ owner, paths }] : [], warnings: [] };
}

/** `…/libc6:amd64.md5sums` belongs to `libc6`. */
function ownerOf(path: string): string {
	const file = path.slice(path.lastIndexOf("/") + 1, -".md5sums".length);
	const colon = file.indexOf(":");
	return colon < 0 ? file : file.slice(0, colon);
}
