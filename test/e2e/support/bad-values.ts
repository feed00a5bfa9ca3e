/** Values that no part of a request may choke on, and the places of a request where they are put. */
import type { TSchema } from "typebox";
import { Value } from "typebox/value";

type Node = Readonly<Record<string, unknown>>;

export interface BadValue {
	readonly what: string;
	/** JSON text, for bodies. */
	readonly json: string;
	/** For addresses, encoded; null where it is the same as another. */
	readonly text: string | null;
	/** Nothing that the service takes can be this. */
	readonly never: boolean;
}

const long = "x".repeat(100_000);
const value = (what: string, json: string, text: string | null, never = false): BadValue => ({
	what,
	json,
	text,
	never,
});

export const badValues: readonly BadValue[] = [
	value("a number", "1", "1"),
	value("a fraction", "1.5", "1.5"),
	value("an object", "{}", "%7B%7D"),
	value("a list", "[]", "%5B%5D"),
	value("a list of lists", "[[[]]]", null),
	value("null", "null", "null"),
	value("true", "true", "true"),
	value("nothing", '""', ""),
	value("a number beyond all", "1e400", "1e400"),
	value("NaN", '"NaN"', "NaN"),
	value("-1", "-1", "-1"),
	value("2^63", "9223372036854775808", "9223372036854775808"),
	value("2^63 in text", '"9223372036854775808"', null),
	value("a word", '"[object Object]"', "%5Bobject%20Object%5D"),
	value("what patterns are made of", '"%_\\\\%\'\\"(*+?[]{}|^$"', "%25_%5C%25%27%22%28%2A%2B%3F%5B%5D%7B%7D%7C%5E%24"),
	value("a lone surrogate", '"\\ud800"', "%ED%A0%80", true),
	value("a lone surrogate in a long text", '"abcdefghijklmnop\\udc00"', null, true),
	value("NUL", '"\\u0000"', "%00", true),
	value("NUL in a long text", '"abcdefghijklmnop\\u0000"', "abcdefghijklmnop%00", true),
	value("100 KB", JSON.stringify(long), long, true),
	value("a prototype", '{"__proto__":{"a":1}}', "__proto__", false),
	value("a constructor", '{"constructor":{"prototype":{"a":1}}}', "constructor", false),
];

/** Whether text in an address has a meaning that its schema takes. */
export function takesText(schema: TSchema, encoded: string): boolean {
	const text = decode(encoded);
	const readings: unknown[] = [text, { true: true, false: false, null: null }[text]];
	if (/^-?\d+(?:\.\d+)?$/.test(text)) readings.push(Number(text));
	return readings.some((reading) => reading !== undefined && fits(schema, reading));
}

function decode(encoded: string): string {
	try {
		return decodeURIComponent(encoded);
	} catch {
		return encoded;
	}
}

export interface Place {
	readonly path: string;
	readonly schema: TSchema;
	readonly required: boolean;
	/** The body, right but for this JSON at this place; undefined: nothing is there. */
	readonly put: (json: string | undefined) => string;
}

/** Every place in a body. `right` is one that the schema takes, as far as it goes. */
export function placesIn(schema: TSchema, right: unknown, path = ""): readonly Place[] {
	return objectsIn(schema).flatMap((variant) => {
		const properties = (variant as Node)["properties"] as Readonly<Record<string, TSchema>>;
		const required = ((variant as Node)["required"] ?? []) as readonly string[];
		const around = (fits(variant, right) ? right : sampleOf(variant)) as Node;
		return Object.entries(properties).flatMap(([name, property]) => {
			const put: Place["put"] = (json) => {
				const { [name]: _, ...others } = around;
				const rest = JSON.stringify(others).slice(1, -1);
				const own = json === undefined ? "" : `${JSON.stringify(name)}:${json}`;
				return `{${[rest, own].filter((part) => part !== "").join(",")}}`;
			};
			const own: Place = { path: `${path}/${name}`, schema: property, required: required.includes(name), put };
			const below = placesIn(property, around[name], own.path).map((place) => ({
				...place,
				put: (json: string | undefined) => put(place.put(json)),
			}));
			const items = (property as Node)["items"] as TSchema | undefined;
			const entry: Place[] = items
				? [{ path: `${own.path}/0`, schema: items, required: false, put: (json) => put(`[${json ?? ""}]`) }]
				: [];
			return [own, ...below, ...entry];
		});
	});
}

/** Of a union each of its objects. */
function objectsIn(schema: TSchema): readonly TSchema[] {
	const node = schema as Node;
	if (Array.isArray(node["anyOf"])) return (node["anyOf"] as readonly TSchema[]).flatMap(objectsIn);
	return node["properties"] === undefined ? [] : [schema];
}

const words = ["1", "abcdefghijklmnop", "https://registry.example", "sha256:".padEnd(71, "a"), "0 0 * * *"];

/** A value that the schema takes. */
function sampleOf(schema: TSchema): unknown {
	const node = schema as Node;
	if ("const" in node) return node["const"];
	if (Array.isArray(node["enum"])) return node["enum"][0];
	if (Array.isArray(node["anyOf"])) return sampleOf(node["anyOf"][0] as TSchema);
	const properties = node["properties"] as Readonly<Record<string, TSchema>> | undefined;
	if (properties) {
		const required = (node["required"] ?? []) as readonly string[];
		return Object.fromEntries(
			Object.entries(properties).flatMap(([name, property]) =>
				required.includes(name) ? [[name, sampleOf(property)]] : [],
			),
		);
	}
	const found = [...words, 1, 60, 10_000, true, [], ["read"], null, {}].find((one) => fits(schema, one));
	if (found === undefined) throw new Error(`No sample fits ${JSON.stringify(schema)}.`);
	return found;
}

export function fits(schema: TSchema, given: unknown): boolean {
	return Value.Check(schema, given);
}
