import type { PackageType } from "#model";

/** A package URL, taken apart and decoded. */
export interface Purl {
	/** Lower case. */
	readonly type: string;
	/** Segments joined by `/`; empty when there are none. */
	readonly namespace: string;
	readonly name: string;
	readonly version: string;
	readonly qualifiers: ReadonlyMap<string, string>;
	readonly subpath: string;
}

/** Far longer than any real one: they only cost time. */
const lengthLimit = 4_096;

/**
 * Takes a package URL apart; null when it is none. packageurl-js, which writes ours, is not called here: it refuses what
 * generators do write and what tells enough, a Maven artifact without a group or a version with a stray `%`, and it folds
 * names to lower case.
 * https://github.com/package-url/purl-spec/blob/main/purl-specification.md
 */
export function parsePurl(text: string): Purl | null {
	if (text.length > lengthLimit) return null;
	const [, type, rest] = /^pkg:\/*([a-z][a-z0-9.+-]*)\/+([^]*)$/i.exec(text.trim()) ?? [];
	if (type === undefined || rest === undefined) return null;
	const [beforeHash, subpath] = splitAt(rest, rest.indexOf("#"));
	const [path, query] = splitAt(beforeHash, beforeHash.indexOf("?"));
	// A scope's own sign follows a slash: `@babel/core`.
	const at = path.lastIndexOf("@");
	const [names, version] = splitAt(path, at > 0 && path[at - 1] !== "/" ? at : -1);
	const segments = segmentsOf(names);
	const name = segments.pop();
	if (name === undefined) return null;
	return {
		type: type.toLowerCase(),
		namespace: segments.join("/"),
		name,
		version: decode(version),
		qualifiers: new Map(query.split("&").map((pair) => qualifierOf(pair))),
		subpath: segmentsOf(subpath).join("/"),
	};
}

function splitAt(text: string, index: number): readonly [string, string] {
	return index < 0 ? [text, ""] : [text.slice(0, index), text.slice(index + 1)];
}

function segmentsOf(path: string): string[] {
	return path
		.split("/")
		.map(decode)
		.filter((segment) => segment !== "" && segment !== "." && segment !== "..");
}

function qualifierOf(pair: string): readonly [string, string] {
	const [key, value] = splitAt(pair, pair.indexOf("="));
	return [key.toLowerCase(), decode(value)];
}

/** What is not encoded as it should be stays as it is. */
function decode(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

/**
 * Package types by purl type. Beside the registered ones stand those that Trivy of 2023 wrote for the executables of
 * two languages.
 */
const packageTypes: Readonly<Record<string, PackageType>> = {
	deb: "deb",
	apk: "apk",
	rpm: "rpm",
	npm: "npm",
	golang: "golang",
	gobinary: "golang",
	pypi: "pypi",
	conda: "conda",
	gem: "gem",
	composer: "composer",
	cargo: "cargo",
	rustbinary: "cargo",
	maven: "maven",
	nuget: "nuget",
	cran: "cran",
	hex: "hex",
	cpan: "cpan",
	bitnami: "bitnami",
	generic: "generic",
};

/** Null for types that are not known. */
export function packageTypeOf(purlType: string): PackageType | null {
	return Object.hasOwn(packageTypes, purlType) ? (packageTypes[purlType] ?? null) : null;
}
