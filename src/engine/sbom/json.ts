/** A parsed JSON object of unknown content; `null` fields count as absent everywhere here. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Empty for everything that is no object. */
export function objectOf(value: unknown): JsonObject {
	return isObject(value) ? value : {};
}

/** Empty for everything that is no text. */
export function textOf(value: unknown): string {
	return typeof value === "string" ? value : "";
}

/** Empty for everything that is no list. */
export function listOf(value: unknown): readonly unknown[] {
	return Array.isArray(value) ? value : [];
}

/** The objects of a list; what else stands in it is passed over. */
export function objectsOf(value: unknown): readonly JsonObject[] {
	return listOf(value).filter(isObject);
}
