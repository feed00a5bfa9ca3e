import type { Warning } from "#model";
import type { CatalogResult } from "../types.ts";

/** A build takes its packages from some ten repositories. */
const setsLimit = 10_000;

/** `rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_4`: the alphabet of repository ids. */
const contentSet = /^[A-Za-z0-9][A-Za-z0-9._+:-]{0,254}$/;

/**
 * Reads an image content manifest: an object, or null, whose `content_sets` is a list of repository ids. A file without
 * that field is another kind of build information and says nothing.
 * https://github.com/containerbuildsystem/atomic-reactor/blob/master/atomic_reactor/schemas/content_manifest.json
 */
export function parseContentManifest(bytes: Uint8Array, path: string): CatalogResult {
	if (bytes.length === 0) return broken(path, "is empty");
	let content: unknown;
	try {
		content = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
	} catch {
		return broken(path, "is no JSON text");
	}
	if (typeof content !== "object" || content === null || !("content_sets" in content)) return nothing;
	const { content_sets: given } = content;
	if (given === null) return nothing;
	if (!Array.isArray(given)) return broken(path, "has content sets that are no list");
	const sets = new Set<string>();
	let refused = 0;
	for (const set of given as readonly unknown[]) {
		if (typeof set === "string" && contentSet.test(set) && sets.size < setsLimit) sets.add(set);
		else refused++;
	}
	return {
		packages: [],
		...(sets.size > 0 ? { contentSets: [...sets] } : {}),
		warnings: refused > 0 ? [malformed(path, `has ${refused} of ${given.length} content sets that are none`)] : [],
	};
}

const nothing: CatalogResult = { packages: [], warnings: [] };

function broken(path: string, fault: string): CatalogResult {
	return { packages: [], warnings: [malformed(path, fault)] };
}

function malformed(path: string, fault: string): Warning {
	const message = `The content manifest ${fault}: it is not known which Red Hat products the layer's packages belong to, and findings may be missing.`;
	return { code: "package_file_malformed", message, path };
}
