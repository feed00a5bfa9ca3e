import type { OsFact } from "../types.ts";

/** A file that names no distribution says nothing; the specification's default, `linux`, would say no more. */
export function parseOsRelease(text: string, path: string): OsFact | null {
	const fields = readAssignments(text);
	const id = cleanId(fields.get("ID") ?? "");
	if (id === "") return null;
	const prettyName = cleanName(fields.get("PRETTY_NAME") ?? "");
	return {
		source: "os-release",
		path,
		id,
		versionId: cleanVersion(fields.get("VERSION_ID") ?? ""),
		...(prettyName ? { prettyName } : {}),
	};
}

/**
 * Reads `NAME=value` lines as os-release(5) defines them: a subset of shell, with quotes and backslashes but no
 * expansion. A later line of the same name wins, as in a shell.
 * https://www.freedesktop.org/software/systemd/man/latest/os-release.html
 */
export function readAssignments(text: string): ReadonlyMap<string, string> {
	const fields = new Map<string, string>();
	for (const line of text.split("\n")) {
		const [, name, value] = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*?)\s*$/.exec(line) ?? [];
		if (name !== undefined && value !== undefined) fields.set(name, unquote(value));
	}
	return fields;
}

/** The value of one shell word, quotes and escapes resolved. Text after an unquoted blank is no part of it. */
function unquote(word: string): string {
	let value = "";
	let quote = "";
	for (let i = 0; i < word.length; i++) {
		const char = word[i] ?? "";
		const next = word[i + 1] ?? "";
		if (quote === "" && /\s/.test(char)) break;
		if (char === quote) quote = "";
		else if (quote === "" && (char === '"' || char === "'")) quote = char;
		else if (char === "\\" && next !== "" && (quote === "" || (quote === '"' && '$"\\`'.includes(next)))) {
			value += next;
			i++;
		} else value += char;
	}
	return value;
}

/** An `ID` in lower case, of the characters that the specification allows; empty when it is none. */
export function cleanId(text: string): string {
	const id = text.trim().toLowerCase();
	return /^[a-z0-9._-]{1,64}$/.test(id) ? id : "";
}

/** A version of printable characters without blanks (`trixie/sid` is one); empty when it is none. */
export function cleanVersion(text: string): string {
	const version = text.trim();
	return /^[\x21-\x7e]{1,64}$/.test(version) ? version : "";
}

/** A name for people, on one line: it ends up on terminals, so control characters go. */
export function cleanName(text: string): string {
	return text
		.replace(/[\p{Cc}\p{Cf}]/gu, "")
		.trim()
		.slice(0, 200);
}
