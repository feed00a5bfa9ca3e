/**
 * Debian package versions, ordered exactly as dpkg orders them.
 * `parse` refuses what dpkg refuses with an error and takes what dpkg only warns about (a first character that is no
 * digit, characters outside the allowed set): an installed package may carry such a version.
 * Specification: Debian Policy §5.6.12, deb-version(7)
 * https://www.debian.org/doc/debian-policy/ch-controlfields.html#version
 */
import type { VersionScheme } from "../types.ts";
import { compareVersionParts } from "./compare-parts.ts";

/** `[epoch:]upstream[-revision]`. A missing revision is empty and equals revision `0`. */
export interface DebVersion {
	/** 0 to 2147483647. */
	readonly epoch: number;
	readonly upstream: string;
	readonly revision: string;
}

/** dpkg keeps the epoch in a C `int` and refuses anything larger. */
const MAX_EPOCH = 2_147_483_647;

/** The number dpkg reads before the first colon: C's `strtol`, hence the space and the sign. */
const EPOCH = /^[ \t\n\v\f\r]*([+-]?[0-9]+)$/;

/** Space and tab around a version are dropped, inside they are an error. NUL cannot be in a control file field. */
const FORBIDDEN = /[ \t\0]/;

function trimBlanks(text: string): string {
	let start = 0;
	let end = text.length;
	while (start < end && isBlank(text.charCodeAt(start))) start++;
	while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
	return text.slice(start, end);
}

function isBlank(code: number): boolean {
	return code === 0x20 || code === 0x09;
}

function parseEpoch(text: string): number | null {
	const digits = EPOCH.exec(text)?.[1];
	if (digits === undefined) return null;
	const epoch = Number(digits);
	if (epoch < 0 || epoch > MAX_EPOCH) return null;
	return epoch;
}

function parse(raw: string): DebVersion | null {
	const text = trimBlanks(raw);
	if (FORBIDDEN.test(text)) return null;

	const colon = text.indexOf(":");
	const epoch = colon === -1 ? 0 : parseEpoch(text.slice(0, colon));
	if (epoch === null) return null;

	const rest = text.slice(colon + 1);
	const hyphen = rest.lastIndexOf("-");
	const upstream = hyphen === -1 ? rest : rest.slice(0, hyphen);
	const revision = hyphen === -1 ? "" : rest.slice(hyphen + 1);
	if (upstream === "" || (hyphen !== -1 && revision === "")) return null;

	return { epoch, upstream, revision };
}

function compare(a: DebVersion, b: DebVersion): -1 | 0 | 1 {
	if (a.epoch !== b.epoch) return a.epoch < b.epoch ? -1 : 1;
	return compareVersionParts(a.upstream, b.upstream) || compareVersionParts(a.revision, b.revision);
}

/** The scheme of Debian, Ubuntu and everything else that installs with dpkg. */
export const deb: VersionScheme<DebVersion> = { id: "deb", parse, compare };
