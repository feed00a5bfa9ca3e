/** Reading of unknown JSON: every function says what is wrong by a `Malformed`, with the path of the field. */

export class Malformed extends Error {}

export type JsonObject = Readonly<Record<string, unknown>>;

/** Null counts as absent: several feeds write it for empty lists. */
export function isAbsent(value: unknown): value is null | undefined {
	return value === undefined || value === null;
}

export function isObject(value: unknown): value is JsonObject {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function objectAt(value: unknown, path: string): JsonObject {
	if (!isObject(value)) throw new Malformed(`${path} is not an object`);
	return value;
}

/** A list, empty when absent. */
export function listAt(value: unknown, path: string, most: number): readonly unknown[] {
	if (isAbsent(value)) return [];
	if (!Array.isArray(value)) throw new Malformed(`${path} is not a list`);
	if (value.length > most) throw new Malformed(`${path} has ${value.length} entries, more than ${most}`);
	return value;
}

/** A string that is not empty and holds no control characters. */
export function stringAt(value: unknown, path: string, most: number): string {
	if (typeof value !== "string") throw new Malformed(`${path} is not a string`);
	if (value === "") throw new Malformed(`${path} is empty`);
	if (value.length > most) throw new Malformed(`${path} has ${value.length} characters, more than ${most}`);
	if (/\p{Cc}/u.test(value)) throw new Malformed(`${path} holds control characters`);
	return value;
}

export function stringsAt(
	value: unknown,
	path: string,
	mostEntries: number,
	mostCharacters: number,
): readonly string[] {
	return listAt(value, path, mostEntries).map((entry, index) => stringAt(entry, `${path}[${index}]`, mostCharacters));
}

/** A date and time of RFC 3339; an offset other than `Z` is converted, so that texts sort as instants do. */
export function dateAt(value: unknown, path: string): string {
	const text = stringAt(value, path, 64);
	const date = new Date(text);
	if (!/^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(text) || Number.isNaN(date.getTime()))
		throw new Malformed(`${path} is not a date of RFC 3339`);
	return text.endsWith("Z") ? text : date.toISOString();
}
