/**
 * What a request may hold is exactly what its schema names. JSON Schema lets unknown properties pass unless told
 * otherwise; here that is turned round, once for all routes, when they are registered. An object that says
 * `additionalProperties` itself keeps what it says.
 */
import { type TSchema, Type } from "typebox";

type Node = Readonly<Record<string, unknown>>;

const noProperties = Type.Object({}, { additionalProperties: false });

/** The schema with every object in it closed, intersections of objects joined into one. */
export function closed(schema: TSchema): TSchema {
	const node: unknown = schema;
	const copy: unknown = isNode(node) ? closeNode(node) : node;
	return copy as TSchema;
}

/** For routes that name no schema of their own: they take nothing. */
export function closedOrNothing(schema: TSchema | undefined): TSchema {
	return schema === undefined ? noProperties : closed(schema);
}

function closeNode(node: Node): Node {
	const joined = joinIntersection(node);
	if (joined) return closeNode(joined);
	const copy = copyOf(node);
	for (const key of ["anyOf", "oneOf", "allOf"]) if (Array.isArray(node[key])) copy[key] = node[key].map(closeAny);
	for (const key of ["items", "not"]) if (isNode(node[key])) copy[key] = closeNode(node[key]);
	if (isNode(node["patternProperties"])) copy["patternProperties"] = closeEach(node["patternProperties"]);
	if (isNode(node["properties"])) {
		copy["properties"] = closeEach(node["properties"]);
		if (node["additionalProperties"] === undefined && node["patternProperties"] === undefined)
			copy["additionalProperties"] = false;
	}
	return copy;
}

/** Two closed objects would each refuse what the other one names, so they must become one. */
function joinIntersection(node: Node): Node | null {
	const parts = node["allOf"];
	if (!Array.isArray(parts)) return null;
	const objects = parts
		.filter(isNode)
		.map((part) => joinIntersection(part) ?? part)
		.filter((part) => isNode(part["properties"]));
	if (objects.length !== parts.length) return null;
	const { allOf: _, ...rest } = node;
	const properties = Object.assign({}, ...objects.map((part) => part["properties"])) as Node;
	const required = [...new Set(objects.flatMap((part) => (part["required"] as string[] | undefined) ?? []))];
	return { ...rest, type: "object", properties, ...(required.length > 0 ? { required } : {}) };
}

function closeAny(value: unknown): unknown {
	return isNode(value) ? closeNode(value) : value;
}

function closeEach(nodes: Node): Node {
	return Object.fromEntries(Object.entries(nodes).map(([name, value]) => [name, closeAny(value)]));
}

/** TypeBox keeps what it knows of a schema in properties that are not enumerable. */
function copyOf(node: Node): Record<string, unknown> {
	return Object.defineProperties({}, Object.getOwnPropertyDescriptors(node));
}

function isNode(value: unknown): value is Node {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
