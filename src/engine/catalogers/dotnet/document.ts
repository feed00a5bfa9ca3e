import type { Package, Warning } from "#model";
import type { CatalogResult } from "../types.ts";

/** The text of a .NET file: UTF-8, or UTF-16 where a byte order mark says so, as Windows' tools write it. */
export function textOf(bytes: Uint8Array): string {
	const [first, second] = bytes;
	if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
	if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
	return new TextDecoder().decode(bytes);
}

/** A JSON object; null when the text is none. */
export function objectOf(text: string): Readonly<Record<string, unknown>> | null {
	try {
		return asObject(JSON.parse(text));
	} catch {
		return null;
	}
}

/** Arrays are no objects here. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> | null {
	const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
	return isObject ? (value as Readonly<Record<string, unknown>>) : null;
}

/** What a file says of one package. */
export interface Listed {
	readonly name: string;
	readonly version: string;
	readonly requires: readonly string[];
}

/** More than any solution has. */
const packageLimit = 50_000;

/** NuGet's own rule is stricter by a little: 100 characters. */
const packageName = /^[A-Za-z0-9_.-]{1,256}$/;
const printable = /^[\x21-\x7e]{0,256}$/;

/** Packages, each once; what cannot be one is counted in a warning. */
export function resultOf(listed: Iterable<Listed | null>, path: string): CatalogResult {
	const packages = new Map<string, Package>();
	let faults = 0;
	for (const one of listed) {
		if (one === null || packages.size >= packageLimit || !isPlain(one)) {
			faults++;
			continue;
		}
		const { name, version } = one;
		const requires = [...new Set(one.requires)].filter((other) => packageName.test(other));
		packages.set(`${name}@${version}`, {
			type: "nuget",
			name,
			version,
			...(requires.length > 0 ? { requires } : {}),
			path,
		});
	}
	const entries = faults === 1 ? "One entry" : `${faults} entries`;
	const warnings = faults === 0 ? [] : [malformed(`${entries} of this .NET file cannot be read`, path)];
	return { packages: [...packages.values()], warnings };
}

function isPlain({ name, version }: Listed): boolean {
	return packageName.test(name) && printable.test(version);
}

function malformed(what: string, path: string): Warning {
	const message = `${what}; NuGet packages are missing from the inventory.`;
	return { code: "package_file_malformed", message, path };
}

export const nothing: CatalogResult = { packages: [], warnings: [] };

export function unreadable(what: string, path: string): CatalogResult {
	return { packages: [], warnings: [malformed(`The file ${what}`, path)] };
}
