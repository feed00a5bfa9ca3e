import { Buffer } from "node:buffer";
import { inflateSync, constants as zlib } from "node:zlib";
import type { Package } from "#model";
import type { CatalogResult } from "../types.ts";

/** Rust's own compiler has some five hundred crates, which are 60 KiB. */
const inflatedLimit = 16 * 1024 * 1024;
const crateLimit = 50_000;

/** A crate's name is an identifier, with hyphens; crates.io stops at 64 characters. */
const crateName = /^[A-Za-z0-9_-]{1,256}$/;
const printable = /^[\x21-\x7e]{1,256}$/;

interface Crate {
	readonly name: string;
	readonly version: string;
	readonly dependencies: readonly unknown[];
	/** Whether it is part of the program; build scripts and macros only made it. */
	readonly runtime: boolean;
}

/**
 * Reads the crates that cargo-auditable puts into an executable: JSON, compressed with zlib. The program's own crate is
 * one of them; crates that only took part in the build are left out.
 * https://github.com/rust-secure-code/cargo-auditable/blob/master/cargo-auditable.schema.json
 */
export function parseCrates(section: Uint8Array, path: string): CatalogResult {
	const listed = listOf(section);
	if (typeof listed === "string") return malformed(listed, path);
	const crates = listed.slice(0, crateLimit).map(crateOf);
	const packages = new Map<string, Package>();
	for (const crate of crates) {
		if (crate === null || !crate.runtime) continue;
		const { name, version } = crate;
		const requires = requiredBy(crate, crates);
		packages.set(`${name}@${version}`, {
			type: "cargo",
			name,
			version,
			...(requires.length > 0 ? { requires } : {}),
			path,
		});
	}
	const bad = crates.filter((crate) => crate === null).length + Math.max(0, listed.length - crateLimit);
	const warnings = bad === 0 ? [] : malformed(`has ${bad} entries that are no crates`, path).warnings;
	return { packages: [...packages.values()], warnings };
}

export function malformed(fault: string, path: string): CatalogResult {
	const message = `The list of crates in this Rust executable ${fault}; crates are missing from the inventory.`;
	return { packages: [], warnings: [{ code: "package_file_malformed", message, path }] };
}

/** The list, or what is wrong with it. */
function listOf(section: Uint8Array): readonly unknown[] | string {
	let text: string;
	try {
		text = inflateSync(section, { maxOutputLength: inflatedLimit }).toString("utf8");
	} catch (error) {
		return error instanceof RangeError ? "is absurdly long" : "cannot be decompressed";
	}
	try {
		const document: unknown = JSON.parse(text);
		const { packages } = (document ?? {}) as { readonly packages?: unknown };
		return Array.isArray(packages) ? packages : "is none";
	} catch {
		return "is no JSON";
	}
}

function crateOf(entry: unknown): Crate | null {
	if (typeof entry !== "object" || entry === null) return null;
	const { name, version, kind = "runtime", dependencies = [] } = entry as Readonly<Record<string, unknown>>;
	if (typeof name !== "string" || !crateName.test(name)) return null;
	if (typeof version !== "string" || !printable.test(version)) return null;
	return { name, version, dependencies: Array.isArray(dependencies) ? dependencies : [], runtime: kind === "runtime" };
}

/** Dependencies are places in the list. */
function requiredBy({ dependencies }: Crate, crates: readonly (Crate | null)[]): readonly string[] {
	const names = new Set<string>();
	for (const place of dependencies) {
		const crate = typeof place === "number" ? crates[place] : null;
		if (crate?.runtime) names.add(crate.name);
	}
	return [...names];
}

/** How the JSON begins, in every version of cargo-auditable. */
const beginning = Buffer.from('{"packages":[');

/** Compressed bytes within which those are sure to be. */
export const beginningWithin = 512;

/** Whether compressed bytes that may break off begin like a list of crates. */
export function beginsLikeCrates(bytes: Uint8Array): boolean {
	try {
		const options = { finishFlush: zlib.Z_SYNC_FLUSH, chunkSize: 1024, maxOutputLength: 1024 * 1024 };
		const inflated = inflateSync(bytes.subarray(0, beginningWithin), options);
		return inflated.subarray(0, beginning.length).equals(beginning);
	} catch {
		return false;
	}
}
