/** Text of feeds for people: what is only shown is read leniently, and cut where it is too long. */
import { Malformed } from "./json.ts";

/** White space and control characters become single spaces, and the length is capped without splitting a character. */
function oneLine(text: string, most: number): string {
	const line = text
		.slice(0, most * 4)
		.replaceAll(/[\s\p{Cc}]+/gu, " ")
		.trim();
	const characters = [...line];
	return characters.length <= most ? line : `${characters.slice(0, most - 1).join("")}…`;
}

/** A line of text where there is one: `{ [field]: text }`, ready to be spread into a record. */
export function lineAs<F extends string>(field: F, value: unknown, most: number): { readonly [K in F]?: string } {
	const line = typeof value === "string" ? oneLine(value, most) : "";
	return line === "" ? {} : ({ [field]: line } as { readonly [K in F]?: string });
}

/** Characters of a reference; a longer one is left out. */
const mostReference = 2048;

/** Those of the values that are web addresses, each once, at most `most` of them. */
export function webAddresses(values: Iterable<unknown>, most: number): readonly string[] {
	const urls = new Set<string>();
	for (const url of values) {
		if (urls.size === most) break;
		if (typeof url === "string" && url.length <= mostReference && /^https?:\/\/[^\s\p{Cc}]+$/u.test(url)) urls.add(url);
	}
	return [...urls];
}

/** Hostile text for a message: short, on one line, without control characters. */
export function printable(text: string): string {
	return text.slice(0, 200).replaceAll(/[\p{Cc}\p{Cf}]/gu, "?");
}

/**
 * A date with an optional time, whose zone is UTC when none is told, as RFC 3339: `2024-07-01`, `2024-07-01 20:41`,
 * `2024-07-01T20:41:00.000`.
 */
export function looseDateAt(value: unknown, path: string): string {
	const match =
		typeof value === "string" &&
		/^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)?)?(Z|[+-]\d\d:?\d\d)?$/.exec(value.trim());
	const text = match ? `${match[1]}T${match[2] ?? "00:00"}${match[3] ?? ":00"}${match[4] ?? "Z"}` : "";
	const date = new Date(text.replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
	if (Number.isNaN(date.getTime())) throw new Malformed(`${path} is not a date`);
	return date.toISOString().replace(/\.000Z$/, "Z");
}

const cve = /^CVE-\d{4}-\d{4,19}$/;

/** Whether a text is a CVE's name. */
export function isCve(text: unknown): text is string {
	return typeof text === "string" && cve.test(text);
}

/** A CVE's name. */
export function cveAt(value: unknown, path: string): string {
	if (!isCve(value)) throw new Malformed(`${path} is not a CVE`);
	return value;
}
