import type { ReleaseFact, ReleaseFault } from "./release-fact.ts";

const nameless: ReleaseFault = {
	fault:
		"The file does not say which operating system this is (it has no usable ID line), so its packages may not be judged.",
};

/**
 * A file that names no distribution is a fault unless it is empty; the specification's default, `linux`, would say no
 * more.
 */
export function parseOsRelease(text: string, path: string): ReleaseFact | ReleaseFault | null {
	const fields = readAssignments(text);
	const id = cleanId(fields.get("ID") ?? "");
	if (id === "") return text.trim() === "" ? null : nameless;
	const prettyName = cleanName(fields.get("PRETTY_NAME") ?? "");
	const idLike = cleanIds(fields.get("ID_LIKE") ?? "");
	const supportEnd = cleanDate(fields.get("SUPPORT_END") ?? "");
	return {
		source: "os-release",
		path,
		id,
		versionId: versionOf(id, fields),
		...(prettyName ? { prettyName } : {}),
		...(idLike.length > 0 ? { idLike } : {}),
		...(supportEnd ? { supportEnd } : {}),
	};
}

/** openEuler keeps its service pack, whose packages are others, in VERSION alone: `22.03 (LTS-SP3)`. */
function versionOf(id: string, fields: ReadonlyMap<string, string>): string {
	const versionId = cleanVersion(fields.get("VERSION_ID") ?? "");
	if (id !== "openeuler") return versionId;
	const [number = "", pack = ""] = (fields.get("VERSION") ?? "").split(" ", 2);
	return number === versionId ? servicePack(versionId, pack) : versionId;
}

/** `22.03` and `(LTS-SP3)` give `22.03-LTS-SP3`; a text that names no pack adds nothing. */
export function servicePack(version: string, parenthesis: string): string {
	const [, pack] = /^\(([A-Z]+(?:-SP\d{1,3})?)\)$/.exec(parenthesis) ?? [];
	return pack === undefined ? version : `${version}-${pack}`;
}

/**
 * Reads `NAME=value` lines as os-release(5) defines them: a subset of shell, with quotes and backslashes but no
 * expansion. A later line of the same name wins, as in a shell.
 * https://www.freedesktop.org/software/systemd/man/latest/os-release.html
 */
export function readAssignments(text: string): ReadonlyMap<string, string> {
	const fields = new Map<string, string>();
	for (const raw of text.split("\n")) {
		const line = raw.trim();
		const equals = line.indexOf("=");
		const name = line.slice(0, Math.max(0, equals));
		if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) fields.set(name, unquote(line.slice(equals + 1)));
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

/** `ID_LIKE`: identifiers parted by blanks, the nearest relative first. Real ones name at most five. */
function cleanIds(text: string): readonly string[] {
	const ids = text
		.split(/\s+/, 8)
		.map(cleanId)
		.filter((id) => id !== "");
	return [...new Set(ids)];
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

/** A day of the calendar, `YYYY-MM-DD`; empty when it is none. */
function cleanDate(text: string): string {
	const day = text.trim();
	if (!/^(?:19|20|21)\d\d-\d\d-\d\d$/.test(day)) return "";
	const time = Date.parse(`${day}T00:00:00Z`);
	return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day) ? day : "";
}
