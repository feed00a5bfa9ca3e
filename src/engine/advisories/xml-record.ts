/** One element of a feed as a tree of plain values. `xmlElements` has seen to it that its tags nest. */
import { XMLParser } from "fast-xml-parser";
import { printable } from "./feed-text.ts";
import { isObject, type JsonObject, Malformed } from "./json.ts";

const parser = new XMLParser({
	ignoreAttributes: false,
	attributeNamePrefix: "@",
	removeNSPrefix: true,
	parseTagValue: false,
	parseAttributeValue: false,
	processEntities: false,
	alwaysCreateTextNode: true,
	// A list has the same shape whether it holds one element or several.
	isArray: (_name, _path, _leaf, isAttribute) => !isAttribute,
});

/**
 * An element: its attributes as `@name`, its text as `#text`, its children as lists by name.
 * Throws `Malformed`, also for names that only an attacker gives.
 */
export function xmlRecord(text: string, name: string): JsonObject {
	let tree: unknown;
	try {
		tree = parser.parse(text);
	} catch (error) {
		throw new Malformed(`it cannot be read: ${printable(error instanceof Error ? error.message : String(error))}`);
	}
	const [element] = isObject(tree) ? childrenOf(tree, name) : [];
	if (!element) throw new Malformed(`it is no ${name}`);
	return element;
}

export function childrenOf(element: JsonObject, name: string): readonly JsonObject[] {
	const children = Object.hasOwn(element, name) ? element[name] : undefined;
	return Array.isArray(children) ? children.filter(isObject) : [];
}

/** The only child of that name, or the first; an empty element where there is none. */
export function childOf(element: JsonObject, name: string): JsonObject {
	return childrenOf(element, name)[0] ?? {};
}

/** The text of an element; empty when it has none. */
export function textOf(element: JsonObject): string {
	const text = element["#text"];
	return typeof text === "string" ? decoded(text).trim() : "";
}

/** An attribute; undefined when it is not given. */
export function attributeOf(element: JsonObject, name: string): string | undefined {
	const value = element[`@${name}`];
	return typeof value === "string" ? decoded(value) : undefined;
}

const predefined: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** The five predefined entities and character references (XML 1.0 §4.6, §4.1), once: what they give is not read again. */
function decoded(text: string): string {
	if (!text.includes("&")) return text;
	return text.replaceAll(
		/&(?:#(\d{1,7})|#x([0-9A-Fa-f]{1,6})|(amp|lt|gt|quot|apos));/g,
		(whole, decimal, hex, name) => {
			if (typeof name === "string") return predefined[name] ?? whole;
			const code = typeof decimal === "string" ? Number(decimal) : Number.parseInt(String(hex), 16);
			return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
		},
	);
}
