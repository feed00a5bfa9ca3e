/** Texts of images and feeds in a form that PostgreSQL takes. */
import { createHash } from "node:crypto";

/** PostgreSQL's text has neither NUL nor lone surrogates. */
export function storable(text: string): string {
	return text.toWellFormed().replaceAll("\0", "\u{fffd}");
}

/** An entry of an index may have 2,700 bytes, and some have two such texts. */
const mostBytes = 800;

/** For columns with an index: a text that is too long for one is cut, and a digest keeps it apart from its like. */
export function indexable(text: string): string {
	const clean = storable(text);
	if (Buffer.byteLength(clean) <= mostBytes) return clean;
	const digest = createHash("sha256").update(text).digest("hex");
	return `${clean.slice(0, mostBytes / 4).toWellFormed()}…${digest}`;
}

/** JSON for a jsonb column. */
export function storableJson(value: unknown): string {
	return JSON.stringify(value, (_key, one: unknown) => (typeof one === "string" ? storable(one) : one));
}
