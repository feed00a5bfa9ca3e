import type { CatalogResult } from "../types.ts";

const packageName = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
const printable = /^[\x21-\x7e]+$/;
const textLimit = 256;

/** `name-version-build.json`: neither version nor build may hold a hyphen. */
const fileName = /^(.+)-([^-]+)-([^-]+)\.json$/;

interface CondaRecord {
	readonly name?: unknown;
	readonly version?: unknown;
	readonly depends?: unknown;
}

/**
 * One installed conda package by its record in `conda-meta`. Its file's name says the same, which is why a damaged record
 * hides nothing. https://docs.conda.io/projects/conda/en/stable/dev-guide/specs/
 */
export function parseRecord(bytes: Uint8Array, path: string): CatalogResult {
	const record = readRecord(bytes);
	const [, namedName, namedVersion] = fileName.exec(path.slice(path.lastIndexOf("/") + 1)) ?? [];
	const name = isName(record.name) ? record.name : namedName;
	const version = isVersion(record.version) ? record.version : namedVersion;
	if (!isName(name) || !isVersion(version)) return { packages: [], warnings: [malformed(path)] };
	const requires = requirementsOf(record.depends);
	return {
		packages: [{ type: "conda", name, version, ...(requires.length > 0 ? { requires } : {}), path }],
		warnings: [],
	};
}

function readRecord(bytes: Uint8Array): CondaRecord {
	try {
		const record: unknown = JSON.parse(new TextDecoder().decode(bytes));
		return typeof record === "object" && record !== null ? record : {};
	} catch {
		return {};
	}
}

/** `python >=3.11,<3.12.0a0`; names that begin with two underscores are conda's word for the machine. */
function requirementsOf(depends: unknown): readonly string[] {
	if (!Array.isArray(depends)) return [];
	const names = depends.map((text: unknown) =>
		typeof text === "string" ? (/^[^\s<>=!~]+/.exec(text)?.[0] ?? "") : "",
	);
	return [...new Set(names.filter((name) => isName(name) && !name.startsWith("__")))];
}

function isName(text: unknown): text is string {
	return typeof text === "string" && text.length <= textLimit && packageName.test(text);
}

function isVersion(text: unknown): text is string {
	return typeof text === "string" && text.length <= textLimit && printable.test(text);
}

function malformed(path: string): CatalogResult["warnings"][number] {
	const message = "The record of a conda package has no name or no version, so it is missing from the inventory.";
	return { code: "package_file_malformed", message, path };
}
