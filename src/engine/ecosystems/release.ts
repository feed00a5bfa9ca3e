/** Reads releases out of os-release's VERSION_ID, in the form that feeds name them. */
import type { OperatingSystem } from "#model";

type Os = Pick<OperatingSystem, "versionId" | "prettyName" | "extended">;

/** `12` of `12`, `12.15` and `12-beta`; null where it does not begin with a number. */
export function major({ versionId }: Os): string | null {
	return /^(\d+)(?:[.-]|$)/.exec(versionId)?.[1] ?? null;
}

/** `3.19` of `3.19` and `3.19.1`. */
export function majorMinor({ versionId }: Os): string | null {
	return /^(\d+\.\d+)(?:\.\d+)*$/.exec(versionId)?.[1] ?? null;
}

/**
 * Ubuntu's releases as OSV names them: those with long-term support say so. What Ubuntu Pro adds has its own name, and
 * there stands all that only Pro fixes: universe, and everything after the end of standard support. So both are always
 * asked, the image's own first.
 */
export function ubuntuEcosystems({ versionId, extended }: Os): readonly string[] {
	const [, year, month] = /^(\d\d)\.(\d\d)$/.exec(versionId) ?? [];
	if (year === undefined) return [];
	if (Number(year) % 2 === 1 || month !== "04") return [`Ubuntu:${versionId}`];
	const plain = `Ubuntu:${versionId}:LTS`;
	const pro = `Ubuntu:Pro:${versionId}:LTS`;
	return extended ? [`Ubuntu ESM:${versionId}`, pro, plain] : [plain, pro];
}

/** Amazon Linux 1 has dates for versions: `2018.03`. */
export function amazonRelease(os: Os): string | null {
	return /^201\d\./.test(os.versionId) ? "1" : major(os);
}

/** SUSE Linux Enterprise: `15` is `15`, `15.5` is `15 SP5`, and from 16 on the minor stays: `16.0`. */
export function suseRelease({ versionId }: Os): string | null {
	const [, number, minor] = /^(\d+)(?:\.(\d+))?$/.exec(versionId) ?? [];
	if (number === undefined) return null;
	if (Number(number) >= 16) return versionId;
	return minor && minor !== "0" ? `${number} SP${minor}` : number;
}

/** CentOS Stream runs ahead of Red Hat's releases, whose advisories say nothing of its versions. */
export function isStream(os: Os): boolean {
	return /\bStream\b/.test(os.prettyName ?? "") || Number(major(os) ?? 0) >= 9;
}
