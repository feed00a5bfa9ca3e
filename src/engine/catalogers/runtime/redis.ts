import type { PatternSearch } from "./search.ts";
import { latin1 } from "./search.ts";

/** A version that stands alone, or is the end of a longer text, which linkers merge. The table of commands has dozens: since when each command exists. */
const alone = /[^\d.](\d{1,2}\.\d{1,3}\.\d{1,3})(?=\0)/g;

/**
 * Version, host, time and commit of the build, without anything between version and host, whose name may begin with a
 * digit: `6.2.14912196-d8565-1701469167040305114`.
 */
const buildId = /(\d{1,2}\.\d{1,3}\.\d{1,3}[\w.-]{0,80}\d{10})[0-9a-f]{0,40}\0/g;

/** More texts like that are no work of the build. */
const textsLimit = 1_000;

const span = 256;

/**
 * Finds the version of a Redis or Valkey server: a text that stands alone somewhere and that the build's identifier
 * begins with. Neither is enough by itself.
 */
export function searchRedis(): PatternSearch {
	const versions = new Set<string>();
	const identifiers = new Set<string>();
	let tail = "";
	return {
		write(chunk) {
			const text = tail + latin1(chunk);
			for (const match of text.matchAll(alone)) if (versions.size < textsLimit) versions.add(match[1] ?? "");
			for (const match of text.matchAll(buildId)) if (identifiers.size < textsLimit) identifiers.add(match[1] ?? "");
			tail = text.slice(-span);
		},
		found() {
			const fitting = [...versions].filter((version) => [...identifiers].some((text) => text.startsWith(version)));
			return fitting.sort((a, b) => b.length - a.length)[0] ?? null;
		},
	};
}
