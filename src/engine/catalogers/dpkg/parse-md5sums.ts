import type { CatalogResult } from "../types.ts";

/**
 * Files of one package, from the list of checksums that dpkg keeps a package (deb-md5sums(5)):
 * `<32 hex digits>  <path>`, paths relative to the root. Lines of another form are passed over; they cost no package.
 */
export function parseMd5sums(bytes: Uint8Array, path: string): CatalogResult {
	const paths: string[] = [];
	for (const line of new TextDecoder().decode(bytes).split("\n")) {
		const [, owned] = /^[0-9a-fA-F]{32} [ *](?:\.?\/)?(.+?)\r?$/.exec(line) ?? [];
		if (owned) paths.push(owned);
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
