import { EngineError } from "../errors.ts";

/** A parsed JSON object. Absent and `null` are the same here: Go writes `null` for an empty slice or map. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Fails with `image_malformed`. `where` is the document and the field: `manifest: layers[2].size`. */
export function malformed(where: string, problem: string, cause?: unknown): EngineError {
	return new EngineError(
		"image_malformed",
		`The image is malformed: ${where} ${problem}.`,
		"Build or push the image again; what the registry or the archive holds does not follow the image specification.",
		cause,
	);
}

/** Reads UTF-8 JSON that must be an object. `what` names the document in errors. */
export function parseObject(bytes: Uint8Array, what: string): JsonObject {
	let value: unknown;
	try {
		value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
	} catch (cause) {
		throw malformed(what, "is not JSON", cause);
	}
	return asObject(value, what);
}

export function asObject(value: unknown, where: string): JsonObject {
	if (!isObject(value)) throw malformed(where, `is not an object but ${kindOf(value)}`);
	return value;
}

/** Absent or `null` is the empty list. */
export function asList(value: unknown, where: string): readonly unknown[] {
	if (value === undefined || value === null) return [];
	if (!Array.isArray(value)) throw malformed(where, `is not a list but ${kindOf(value)}`);
	return value;
}

/** Absent or `null` is the empty string. */
export function asText(value: unknown, where: string): string {
	if (value === undefined || value === null) return "";
	if (typeof value !== "string") throw malformed(where, `is not a string but ${kindOf(value)}`);
	return value;
}

/** Absent or `null` is false. */
export function asFlag(value: unknown, where: string): boolean {
	if (value === undefined || value === null) return false;
	if (typeof value !== "boolean") throw malformed(where, `is not true or false but ${kindOf(value)}`);
	return value;
}

/** A map of strings; absent or `null` is the empty map. Keys like `__proto__` stay plain keys. */
export function asTextMap(value: unknown, where: string): Readonly<Record<string, string>> {
	if (value === undefined || value === null) return {};
	const entries = Object.entries(asObject(value, where));
	return Object.fromEntries(entries.map(([key, text]) => [key, asText(text, `${where}[${JSON.stringify(key)}]`)]));
}

export function isPresent(value: unknown): boolean {
	return value !== undefined && value !== null;
}

function isObject(value: unknown): value is JsonObject {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
	if (value === undefined) return "missing";
	if (value === null) return "null";
	return Array.isArray(value) ? "a list" : `of type ${typeof value}`;
}
