/**
 * Text that is no text: NUL, which PostgreSQL holds nowhere, and halves of surrogate pairs, which no UTF-8 has. Refused
 * here, once, before any of it reaches a query.
 */
import type { Explained } from "./explain.ts";

/** The first place that holds such text; null when none does. Values are JSON, no deeper than bodies may be. */
export function unreadableIn(value: unknown, path = ""): Explained | null {
	if (typeof value === "string")
		return isReadable(value) ? null : { path, message: "holds a NUL character or half of a surrogate pair" };
	if (typeof value !== "object" || value === null) return null;
	for (const [name, inner] of Object.entries(value)) {
		if (!isReadable(name)) return { path, message: "has a property whose name is no text" };
		const found = unreadableIn(inner, `${path}/${name}`);
		if (found) return found;
	}
	return null;
}

function isReadable(text: string): boolean {
	return !text.includes("\0") && text.isWellFormed();
}

/** Parsers of queries pass on as it is what they cannot decode, and so do not tell `%ED%A0%80` from that text. */
export function canBeDecoded(url: string): boolean {
	const query = url.indexOf("?");
	if (query < 0) return true;
	try {
		decodeURIComponent(url.slice(query));
		return true;
	} catch {
		return false;
	}
}
