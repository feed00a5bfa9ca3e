import { apkLastDays } from "./eol-apk.ts";
import { debLastDays, esmLastDays } from "./eol-deb.ts";
import { rpmLastDays } from "./eol-rpm.ts";

/**
 * The last day of free, public security updates, by os-release `ID` and release key. Long-term support that is free
 * for all counts: for Debian that is the end of LTS, since Debian's own security tracker serves fixes until then, and
 * for Ubuntu the end of standard support. What is paid for or needs an account does not count (Debian ELTS, Ubuntu
 * Pro, Red Hat ELS, SUSE LTSS). LTS serves fewer architectures, which this date cannot say. A release whose date is
 * not known for sure is left out.
 *
 * Dates to come change: check them when a release is added.
 */
type LastDays = Readonly<Record<string, Readonly<Record<string, string>>>>;

const lastDays: LastDays = { ...apkLastDays, ...debLastDays, ...rpmLastDays };

/** What an end of life is worked out from. */
export interface Release {
	/** os-release `ID`. */
	readonly id: string;
	readonly versionId: string;
	readonly prettyName?: string;
	readonly extended?: "esm";
	/** The first day without support, as the image's own os-release has it. */
	readonly supportEnd?: string;
}

/**
 * End of life, `YYYY-MM-DD`, the last day with security updates; undefined where it is not known or there is none.
 * `SUPPORT_END` is as old as the image, and support is prolonged far more often than cut short (Amazon Linux 2 images
 * say 2025, their updates went on to 2026): of it and the tables the later counts.
 */
export function endOfLife(release: Release): string | undefined {
	const known = lookUp(lastDays, release);
	const extended = release.extended === "esm" ? lookUp(esmLastDays, release) : undefined;
	const stated = release.supportEnd === undefined ? undefined : dayBefore(release.supportEnd);
	return [known, extended, stated]
		.filter((day) => day !== undefined)
		.sort()
		.at(-1);
}

function lookUp(tables: LastDays, release: Release): string | undefined {
	const table = Object.hasOwn(tables, release.id) ? tables[release.id] : undefined;
	const key = releaseKey(release.id, release.versionId);
	const exact = `${key}${editionOf(release)}`;
	if (table === undefined || key === "") return undefined;
	return Object.hasOwn(table, exact) ? table[exact] : Object.hasOwn(table, key) ? table[key] : undefined;
}

/** CentOS Linux and CentOS Stream share their `ID` and numbers; only the name tells them apart. */
function editionOf({ id, prettyName = "" }: Release): string {
	if (id !== "centos") return "";
	if (/\bStream\b/.test(prettyName)) return "-stream";
	return prettyName.startsWith("CentOS Linux") ? "-linux" : "";
}

/** Distributions whose releases are told by two numbers; all others go by the first. */
const twoNumbers = new Set(["alpine", "opensuse-leap", "sl-micro", "sle-micro", "sled", "sles", "ubuntu"]);

/** Those whose first release of a line is the bare number: SLES 15 is `15`, its first service pack `15.1`. */
const firstIsBare = new Set(["sled", "sles"]);

/** The release that a version belongs to (`12.15` to `12`, `3.18.9` to `3.18`); empty for testing and rolling ones. */
export function releaseKey(id: string, versionId: string): string {
	if (id === "openeuler") return versionId;
	const [, major, minor] = /^(\d+)(?:\.(\d+))?(?:\.\d+)*(?:-r\d+)?$/.exec(versionId) ?? [];
	if (major === undefined) return "";
	if (!twoNumbers.has(id)) return major;
	if (minor !== undefined) return `${major}.${minor}`;
	return firstIsBare.has(id) ? `${major}.0` : "";
}

function dayBefore(day: string): string {
	const time = new Date(`${day}T00:00:00Z`);
	time.setUTCDate(time.getUTCDate() - 1);
	return time.toISOString().slice(0, 10);
}
