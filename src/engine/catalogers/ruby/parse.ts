import type { CatalogResult } from "../types.ts";
import { leadingString } from "./literals.ts";

const gemName = /^[A-Za-z0-9_.-]+$/;
const gemVersion = /^[0-9][0-9A-Za-z.-]*$/;
const textLimit = 256;
const requiresLimit = 1_000;

/** Lines that RubyGems writes are shorter but for the list of files, which is not read. */
const lineLimit = 2_000;

const assignment = /^\s*[a-z_]\w*\.(name|version)\s*=\s*(.+)$/;
const versionObject = /^Gem::Version\.(?:new|create)[\s(]\s*/;
/** What may follow a string that is the whole value, without its blanks. */
const endOfValue = /^(?:\.(?:dup|freeze))*\)?(?:\.freeze)?;?(?:#.*)?$/;
const dependency = /^\s*[a-z_]\w*\.add_(?:runtime_)?dependency[\s(]\s*(.+)$/;

/** The first words of the platforms that RubyGems knows; they follow the version behind a hyphen. */
const platform =
	"(?:java|jruby|ruby|x86|x64|i[3-6]86|universal|arm|aarch|mswin|mingw|powerpc|ppc|s390|riscv|dalvik|mri)";
const fileName = new RegExp(String.raw`^(.+?)-([0-9]+(?:\.[0-9A-Za-z]+)*)(?:-${platform}.*)?\.gemspec$`);
const fileNameLimit = 500;

/**
 * One installed gem by its specification, which is Ruby source: RubyGems writes it in plain assignments, of which name,
 * version and run-time dependencies are read. What is not written plainly (`VERSION`, `"#{major}.1"`) the file's own name
 * tells: `name-version(-platform).gemspec`. The platform is no part of the version.
 * https://guides.rubygems.org/specification-reference/
 */
export function parseGemspec(bytes: Uint8Array, path: string): CatalogResult {
	const written = readAssignments(new TextDecoder().decode(bytes));
	const file = path.slice(path.lastIndexOf("/") + 1);
	const [, fileGem, fileVersion] = file.length <= fileNameLimit ? (fileName.exec(file) ?? []) : [];
	const name = written.name ?? fileGem;
	const version = written.version ?? versionBehind(file, name) ?? fileVersion;
	if (!isName(name) || !isVersion(version)) return { packages: [], warnings: [malformed(path)] };
	const { requires } = written;
	return {
		packages: [{ type: "gem", name, version, ...(requires.length > 0 ? { requires } : {}), path }],
		warnings: [],
	};
}

interface Assignments {
	readonly name?: string;
	readonly version?: string;
	readonly requires: readonly string[];
}

function readAssignments(source: string): Assignments {
	const found = new Map<string, string | null>();
	const requires = new Set<string>();
	let isOld = false;
	for (const line of source.split(/\r?\n/)) {
		if (line.length > lineLimit) continue;
		// Behind `else` RubyGems says it again for versions of itself that knew no development dependencies.
		isOld ||= line.trim() === "else";
		const [, field = "", value = ""] = assignment.exec(line) ?? [];
		if (field !== "" && !found.has(field)) found.set(field, readValue(field, value));
		const needed = leadingString(dependency.exec(line)?.[1] ?? "")?.text;
		if (!isOld && isName(needed) && requires.size < requiresLimit) requires.add(needed);
	}
	const name = found.get("name");
	const version = found.get("version");
	return { ...(name ? { name } : {}), ...(version ? { version } : {}), requires: [...requires] };
}

/** Null when it is no plain string, or not only one: `"1." + minor`, `"1.0" unless x`. */
function readValue(field: string, value: string): string | null {
	const string = leadingString(field === "version" ? value.replace(versionObject, "") : value);
	if (string === null || !endOfValue.test(string.rest.replaceAll(/\s+/g, ""))) return null;
	return (field === "name" ? isName(string.text) : isVersion(string.text)) ? string.text : null;
}

/** The version in a file's name, when the gem's name is known. */
function versionBehind(file: string, name: string | undefined): string | undefined {
	if (name === undefined || !file.startsWith(`${name}-`)) return undefined;
	const version = file.slice(name.length + 1, -".gemspec".length).split("-", 1)[0];
	return isVersion(version) ? version : undefined;
}

function isName(text: string | undefined): text is string {
	return text !== undefined && text.length <= textLimit && gemName.test(text);
}

function isVersion(text: string | undefined): text is string {
	return text !== undefined && text.length <= textLimit && gemVersion.test(text);
}

function malformed(path: string): CatalogResult["warnings"][number] {
	const message = "The specification of a Ruby gem has no plain name or version, so it is missing from the inventory.";
	return { code: "package_file_malformed", message, path };
}
