/**
 * Text of a query or a path as the values that its schema asks for. Only what has one clear meaning is turned: `1e3` is
 * no integer here, `yes` no boolean. What cannot be turned stays text, and the check that follows refuses it.
 */

type Node = Readonly<Record<string, unknown>>;

export function coerce(schema: Node, value: unknown): unknown {
	const properties = schema["properties"] as Readonly<Record<string, Node>> | undefined;
	if (properties === undefined || typeof value !== "object" || value === null) return value;
	return Object.fromEntries(
		Object.entries(value).map(([name, text]) => {
			const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
			return [name, property === undefined ? text : coerceValue(property, text)];
		}),
	);
}

function coerceValue(schema: Node, value: unknown): unknown {
	const variants = schema["anyOf"] as readonly Node[] | undefined;
	if (variants) {
		for (const variant of variants) {
			const turned = coerceValue(variant, value);
			if (turned !== value) return turned;
		}
		return value;
	}
	if (schema["type"] === "array") {
		const items = (schema["items"] ?? {}) as Node;
		return (Array.isArray(value) ? value : [value]).map((item) => coerceValue(items, item));
	}
	return typeof value === "string" ? coerceText(schema["type"], value) : value;
}

function coerceText(type: unknown, text: string): unknown {
	if (type === "integer" && /^-?\d{1,15}$/.test(text)) return Number(text);
	if (type === "number" && /^-?\d{1,15}(?:\.\d{1,15})?$/.test(text)) return Number(text);
	if (type === "boolean" && text === "true") return true;
	if (type === "boolean" && text === "false") return false;
	if (type === "null" && text === "null") return null;
	return text;
}
