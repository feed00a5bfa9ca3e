import type { Finding } from "#model";

/**
 * Where Plimsoll differs from the reference scanner on purpose; rule by rule, with the exact count. What no rule
 * explains, a reference finding that is missing, or another count fails the gate.
 */
export interface DeliberateDifference {
	readonly image: string;
	readonly rule: string;
	readonly count: number;
	readonly explains: (finding: Finding) => boolean;
}

/** Findings that the reference does not have. */
export const moreFindings: readonly DeliberateDifference[] = [
	{
		image: "synth-wolfi-a",
		rule: "an advisory without a fixed version is a finding: the reference database leaves such records out",
		count: 29,
		explains: (finding) => finding.fixedVersion === null,
	},
	{
		image: "synth-langs-a",
		rule: "the Go standard library is a package of every Go executable: this reference scanner does not report it",
		count: 150,
		explains: (finding) => finding.package.name === "stdlib",
	},
];

/** Findings that both have, with another fixed version. */
export const otherFixes: readonly DeliberateDifference[] = [
	{
		image: "synth-langs-a",
		rule: "the OSV record names the last affected version and no fixed one: the reference prints the feed's own constraint",
		count: 6,
		explains: ({ fixedVersion, package: { type } }) => type === "npm" && fixedVersion === null,
	},
	{
		image: "synth-langs-a",
		rule: "the next fixed event of the OSV range is nearer than what the feed calls patched (request 2.47.0, before the flaw came back)",
		count: 1,
		explains: ({ fixedVersion, package: { name } }) => name === "request" && fixedVersion === "2.47.0",
	},
	{
		image: "synth-langs-a",
		rule: "another range of the same Go record has no end, so that the fixed version is itself called affected",
		count: 8,
		explains: ({ fixedVersion, package: { type } }) => type === "golang" && fixedVersion === null,
	},
];
