/**
 * RPM versions, `[epoch:]version[-release]`, ordered exactly as rpm 4.18 orders them.
 * rpm compares any text but the empty one. `parse` refuses what rpm would never build besides: blanks and control
 * characters, no version, a hyphen with no release behind it. All else is taken: a package may carry it.
 * Specification: rpm-version(7), https://man7.org/linux/man-pages/man7/rpm-version.7.html
 */
import type { VersionScheme } from "../types.ts";
import { compareVersionParts } from "./compare-parts.ts";

export interface RpmVersion {
	/** Digits; `0` when none is given. A text, since rpm sets no bound when it compares. */
	readonly epoch: string;
	readonly version: string;
	/** Null when the text has none: that is below every release. */
	readonly release: string | null;
}

const FORBIDDEN = /[\s\x00-\x1f\x7f]/;

/** Digits up to the first colon, or nothing at all before it, which is epoch 0. Any other beginning is version text. */
const EPOCH = /^([0-9]*):/;

function parse(raw: string): RpmVersion | null {
	if (FORBIDDEN.test(raw)) return null;
	const [prefix, digits] = EPOCH.exec(raw) ?? ["", ""];
	const rest = raw.slice(prefix.length);
	const hyphen = rest.lastIndexOf("-");
	const version = hyphen === -1 ? rest : rest.slice(0, hyphen);
	const release = hyphen === -1 ? null : rest.slice(hyphen + 1);
	if (version === "" || release === "") return null;
	return { epoch: digits || "0", version, release };
}

function compareReleases(a: string | null, b: string | null): -1 | 0 | 1 {
	if (a === null) return b === null ? 0 : -1;
	return b === null ? 1 : compareVersionParts(a, b);
}

function compare(a: RpmVersion, b: RpmVersion): -1 | 0 | 1 {
	return (
		compareVersionParts(a.epoch, b.epoch) ||
		compareVersionParts(a.version, b.version) ||
		compareReleases(a.release, b.release)
	);
}

/** The scheme of every distribution that installs with rpm. */
export const rpm: VersionScheme<RpmVersion> = { id: "rpm", parse, compare };
