/**
 * Why a value is not of a closed schema's form, field by field. A validator's own errors speak of all variants of a union
 * at once, and are cut off before the one that matters.
 */
import type { TSchema } from "typebox";
import { Value } from "typebox/value";

export interface Explained {
	/** `/target/query/state`; empty: the whole. */
	readonly path: string;
	readonly message: string;
}

type Node = Readonly<Record<string, unknown>>;

export function explain(schema: TSchema, value: unknown, path = ""): readonly Explained[] {
	const fits: boolean = Value.Check(schema, value);
	if (fits) return [];
	const node = schema as Node;
	if (Array.isArray(node["anyOf"])) return explainUnion(node["anyOf"] as readonly TSchema[], value, path);
	if (isObject(node["properties"]) && isObject(value)) return explainObject(node, value, path);
	if (Array.isArray(value) && isObject(node["items"])) {
		const items: TSchema = node["items"];
		const wrong = value.flatMap((item, at) => explain(items, item, `${path}/${at}`));
		if (wrong.length > 0) return wrong;
	}
	return [{ path, message: leafMessage(schema, value) }];
}

function explainObject(node: Node, value: Node, path: string): readonly Explained[] {
	const properties = node["properties"] as Readonly<Record<string, TSchema>>;
	const required = (node["required"] ?? []) as readonly string[];
	const unknown = Object.keys(value).filter((name) => !Object.hasOwn(properties, name));
	return [
		...(node["additionalProperties"] === false ? unknown : []).map((name) => ({
			path: `${path}/${name.slice(0, 100)}`,
			message: "is not known here",
		})),
		...required
			.filter((name) => !Object.hasOwn(value, name))
			.map((name) => ({ path: `${path}/${name}`, message: "is missing" })),
		...Object.entries(properties).flatMap(([name, property]) =>
			Object.hasOwn(value, name) ? explain(property, value[name], `${path}/${name}`) : [],
		),
	];
}

/** Only the variant that was meant: the one whose constants fit and that lacks least. */
function explainUnion(variants: readonly TSchema[], value: unknown, path: string): readonly Explained[] {
	const candidates = variants
		.filter((variant) => isObject((variant as Node)["properties"]) === isObject(value) || "anyOf" in variant)
		.map((variant) => explain(variant, value, path));
	const constants = variants.map((variant) => (variant as Node)["const"]);
	if (!constants.includes(undefined)) {
		const allowed = constants.map((constant) => JSON.stringify(constant));
		return [{ path, message: `must be one of: ${allowed.join(", ")}` }];
	}
	const weigh = (errors: readonly Explained[]): number =>
		errors.reduce((sum, { message }) => sum + (message.startsWith("must be ") ? 100 : 1), 0);
	const [nearest] = candidates.toSorted((a, b) => weigh(a) - weigh(b));
	return nearest ?? [{ path, message: "is of none of the forms that it may have" }];
}

function leafMessage(schema: TSchema, value: unknown): string {
	const node = schema as Node;
	if (Array.isArray(node["enum"])) return `must be one of: ${node["enum"].join(", ")}`;
	if ("const" in node) return `must be ${JSON.stringify(node["const"])}`;
	return Value.Errors(schema, value)[0]?.message ?? "is not what it should be";
}

function isObject(value: unknown): value is Node {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
