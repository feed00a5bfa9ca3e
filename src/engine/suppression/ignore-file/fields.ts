import { faultInGlob } from "../glob.ts";
import { isImagePurl } from "../image-match.ts";
import { readPurl } from "../purl.ts";
import { cleanText } from "../text.ts";
import type { PackageMatch } from "../types.ts";
import type { YamlEntry, YamlMap, YamlNode } from "../yaml-nodes.ts";
import { nearest } from "./spelling.ts";

/** What is wrong with a file, and where. */
export interface Fault {
	readonly line: number;
	readonly problem: string;
}

/** The fields of one map of the file, read one by one; each mistake is kept, and reads as absent. */
export interface Fields {
	readonly line: number;
	/** A text; undefined when it is absent or wrong. */
	text(name: string, most: number): string | undefined;
	/** One text or a list of them; empty when it is absent or wrong. */
	texts(name: string, most: number): readonly string[];
	node(name: string): YamlEntry | undefined;
	/** Adds a mistake at the field's line. */
	wrong(name: string, problem: string): void;
}

/** Unknown fields are mistakes: a misspelt one must not pass for one that limits. */
export function fieldsOf(map: YamlMap, known: readonly string[], faults: Fault[]): Fields {
	const entries = new Map(map.entries.map((entry) => [entry.key, entry]));
	for (const { key, line } of map.entries) {
		if (known.includes(key)) continue;
		const meant = nearest(key, known);
		const hint = meant === null ? `known are ${known.join(", ")}` : `did you mean "${meant}"?`;
		faults.push({ line, problem: `unknown field "${cleanText(key, 40)}": ${hint}` });
	}
	const wrong = (name: string, problem: string): void => {
		faults.push({ line: entries.get(name)?.value.line ?? map.line, problem });
	};
	const checked = (name: string, node: YamlNode, most: number): string | undefined => {
		const text = node.kind === "scalar" ? node.text : null;
		if (text === null || text.trim() === "") faults.push({ line: node.line, problem: `${name} is not a text` });
		else if (text.length > most) faults.push({ line: node.line, problem: `${name} is longer than ${most} characters` });
		else return text.trim();
		return undefined;
	};
	return {
		line: map.line,
		wrong,
		node: (name) => entries.get(name),
		text(name, most) {
			const entry = entries.get(name);
			return entry && checked(name, entry.value, most);
		},
		texts(name, most) {
			const entry = entries.get(name);
			if (!entry) return [];
			const { value } = entry;
			if (value.kind === "list" && value.items.length === 0) wrong(name, `${name} is empty`);
			const nodes = value.kind === "list" ? value.items : [value];
			return nodes.map((node) => checked(name, node, most)).filter((text) => text !== undefined);
		},
	};
}

/**
 * A package by its name or its package URL, both with `*`; or why it is neither.
 * `pkg:npm/@scope/*@1.2.*` has wildcards in name and version, and then no qualifiers.
 */
export function readPackage(text: string): PackageMatch | string {
	if (!text.startsWith("pkg:")) return faultInGlob(text) ?? { kind: "name", pattern: text };
	if (!text.includes("*")) {
		const purl = readPurl(text);
		if (purl === null) return "it is not a package URL";
		return isImagePurl(purl) ? "it names an image, which belongs in the field image" : { kind: "purl", purl };
	}
	const [, type = "", rest = ""] = /^pkg:([A-Za-z0-9.+-]+)\/(.+)$/.exec(text) ?? [];
	if (rest === "") return "it is not a package URL";
	if (/[?#]/.test(rest)) return "a package URL with wildcards has no qualifiers";
	const at = rest.lastIndexOf("@");
	const versioned = at > 0 && rest[at - 1] !== "/";
	const path = versioned ? rest.slice(0, at) : rest;
	const version = versioned ? rest.slice(at + 1) : null;
	const fault = faultInGlob(path) ?? (version === null ? null : faultInGlob(version));
	if (fault !== null) return fault;
	// The parts that a wildcard stands among are read as those of any package URL: decoded, in their type's case.
	const plain = readPurl(`pkg:${type}/${path.replaceAll("*", wild)}@${(version ?? "1").replaceAll("*", wild)}`);
	if (plain === null) return "it is not a package URL";
	const back = (part: string): string => part.replaceAll(wild, "*");
	return {
		kind: "purl-pattern",
		type: plain.type,
		path: back(plain.namespace === "" ? plain.name : `${plain.namespace}/${plain.name}`),
		version: version === null ? null : back(plain.version ?? ""),
	};
}

/** Stands for `*` while a package URL is read; in no name, and neither changed by case nor by decoding. */
const wild = "00wild00";
