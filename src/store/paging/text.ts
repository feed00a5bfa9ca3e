/** Text that people search for. */
import { type RawBuilder, sql } from "kysely";
import { ServerError } from "#server";

/** PostgreSQL's text cannot hold NUL; nothing that we keep has one. */
export function searched(text: string): string {
	if (text.includes("\0"))
		throw new ServerError(
			"invalid_request",
			"A search text has a NUL character in it.",
			"Leave it out; no name contains one.",
		);
	return text;
}

/** For ILIKE: anywhere in the text, and every character stands for itself. */
export function anywhere(text: string): string {
	return `%${searched(text).replace(/[\\%_]/g, "\\$&")}%`;
}

/**
 * Whether a name has this text in it, every character of which stands for itself; A to Z are as a to z. Names of registries
 * are ASCII: folding by the rules of C takes a sixth of the time that ILIKE takes for all of Unicode.
 */
export function hasText(name: RawBuilder<unknown>, text: string): RawBuilder<boolean> {
	const folded = anywhere(text).replace(/[A-Z]/g, (letter) => letter.toLowerCase());
	return sql<boolean>`lower(${name} COLLATE "C") LIKE ${folded}`;
}
