import type { Package } from "#model";
import type { CatalogResult } from "../types.ts";
import { type MetadataHeaders, readHeaders } from "./headers.ts";

/** PEP 508's rule for names. */
const projectName = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;
const requiredName = /^[A-Za-z0-9][A-Za-z0-9._-]*/;
const printable = /^[\x21-\x7e]+$/;
const nameLimit = 214;
const versionLimit = 256;

/** `name-1.0.dist-info`, `name-1.0-py3.11.egg-info`, `name-1.0-py2.7-linux-x86_64.egg`. */
const folderName = /^(.+?)-([0-9][^-]*)(?:-py[0-9].*)?\.(?:dist-info|egg-info|egg)$/i;
const folderNameLimit = 500;

/**
 * One installed Python project by its metadata file: `METADATA` of a wheel, `PKG-INFO` of an egg, or the single file that
 * distutils wrote. What the file does not tell its folder's name does, so that a damaged file hides nothing.
 * https://packaging.python.org/en/latest/specifications/recording-installed-packages/
 */
export function parseMetadata(bytes: Uint8Array, path: string): CatalogResult {
	const headers = readHeaders(new TextDecoder().decode(bytes));
	const named = nameFromPath(path);
	const name = isName(headers.name) ? headers.name : named?.name;
	const version = isVersion(headers.version) ? headers.version : named?.version;
	if (name === undefined || version === undefined) return { packages: [], warnings: [malformed(path)] };
	return { packages: [packageOf(name, version, headers, path)], warnings: [] };
}

/** The package that a path's own name tells of; null when it tells none. */
export function packageFromPath(path: string): Package | null {
	const named = nameFromPath(path);
	return named === null ? null : { type: "pypi", ...named, path };
}

export function malformed(path: string): CatalogResult["warnings"][number] {
	const message = "The metadata of a Python package has no name or no version, so it is missing from the inventory.";
	return { code: "package_file_malformed", message, path };
}

function packageOf(name: string, version: string, { requiresDist }: MetadataHeaders, path: string): Package {
	const requires = [...new Set(requiresDist.flatMap(requirementOf))];
	return { type: "pypi", name, version, ...(requires.length > 0 ? { requires } : {}), path };
}

/** `name[extra] (>=1.0) ; marker`. What only an extra needs is not counted: nobody may have asked for the extra. */
function requirementOf(text: string): string[] {
	const semicolon = text.indexOf(";");
	if (semicolon >= 0 && /\bextra\b/.test(text.slice(semicolon))) return [];
	const name = requiredName.exec(text)?.[0];
	return name === undefined || name.length > nameLimit ? [] : [name];
}

function nameFromPath(path: string): { name: string; version: string } | null {
	const folder = path.split("/").findLast((part) => /\.(?:dist-info|egg-info|egg)$/i.test(part));
	if (folder === undefined || folder.length > folderNameLimit) return null;
	const [, name, version] = folderName.exec(folder) ?? [];
	return isName(name) && isVersion(version) ? { name, version } : null;
}

function isName(text: string | undefined): text is string {
	return text !== undefined && text.length <= nameLimit && projectName.test(text);
}

function isVersion(text: string | undefined): text is string {
	return text !== undefined && text.length <= versionLimit && printable.test(text);
}
