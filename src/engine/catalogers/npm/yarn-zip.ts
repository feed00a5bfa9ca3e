import { Buffer } from "node:buffer";
import { unzipSync } from "fflate";
import type { Package, Warning } from "#model";
import type { CatalogResult } from "../types.ts";
import { manifestLimit, parsePackageJson } from "./parse.ts";

/**
 * Where Yarn 2 and later keep packages: a project's own cache, or the user's. With Plug'n'Play (the default) programs run
 * from these archives, and no `node_modules` exists. With `nodeLinker: node-modules` they are left-overs: then the image
 * holds each package twice, and both are listed.
 * https://yarnpkg.com/features/caching, https://yarnpkg.com/features/pnp
 */
export const yarnArchive = /(?:^|\/)\.yarn\/(?:berry\/)?cache\/[^/]+\.zip$/;

/** Bytes of an archive. The largest packages on npm (browsers, compilers) pack into some 100 MB; most into 1 MB. */
export const archiveLimit = 128 * 1024 * 1024;

/** The package itself, and those that it bundles. */
const manifestEntry = /^(?:node_modules\/(?:@[^/]+\/)?[^/]+\/)+package\.json$/;

/** Bundling more packages than this is no work of npm. */
const manifestsLimit = 2_000;

/** Reads the manifests inside one archive of Yarn's cache, as it names them: `node_modules/<name>/package.json`. */
export function parseYarnZip(bytes: Uint8Array, path: string): CatalogResult {
	let left = manifestsLimit;
	let skipped = false;
	let entries: ReturnType<typeof unzipSync>;
	try {
		entries = unzipSync(bytes, {
			filter({ name, originalSize }) {
				if (!manifestEntry.test(name)) return false;
				if (originalSize <= manifestLimit && left-- > 0) return true;
				skipped = true;
				return false;
			},
		});
	} catch {
		return { packages: [], warnings: [warning(path, "cannot be unpacked")] };
	}
	const packages: Package[] = [];
	const warnings: Warning[] = skipped ? [warning(path, "holds more or larger manifests than are read")] : [];
	for (const [name, content] of Object.entries(entries)) {
		const result = parsePackageJson(Buffer.from(content), `${path}/${name}`);
		packages.push(...result.packages);
		warnings.push(...result.warnings);
	}
	return { packages, warnings };
}

function warning(path: string, what: string): Warning {
	const message = `The archive of Yarn's cache ${what}, so npm packages may be missing from the inventory.`;
	return { code: "package_file_malformed", message, path };
}
