/**
 * Where Plimsoll differs from the reference scanner on purpose; rule by rule, with the exact count. What no rule
 * explains, or another count, fails the gate.
 */
import type { Difference } from "./compare.ts";
import type { DeliberateDifference } from "./explain.ts";

const noFixNamed = ({ ours }: Difference) => ours?.fixedVersion === null;

/** The same with either database. */
const always: readonly DeliberateDifference[] = [
	{
		image: "synth-langs-a",
		kind: "package extra",
		rule: "the Go standard library is a package of every Go executable: this reference scanner does not report it",
		count: 2,
		explains: ({ name }) => name === "stdlib",
	},
	{
		image: "synth-langs-a",
		kind: "finding extra",
		rule: "the Go standard library is judged like any module",
		count: 150,
		explains: ({ name }) => name === "stdlib",
	},
	{
		image: "synth-langs-a",
		kind: "package extra",
		rule: "a Go main module that does not tell its version is listed, with a warning that it could not be judged",
		count: 1,
		explains: ({ type, version }) => type === "golang" && version === "",
	},
	{
		image: "synth-langs-a",
		kind: "fixed version",
		rule: "the next fixed event of the range is nearer than what the feed calls patched (request 2.47.0, before the flaw came back)",
		count: 1,
		explains: ({ name, ours }) => name === "request" && ours?.fixedVersion === "2.47.0",
	},
	{
		image: "synth-langs-a",
		kind: "fixed version",
		rule: "the feed only says what the fix is above (`> 3.0.4`), which names no version: the reference prints the bound",
		count: 2,
		explains: (difference) => difference.type === "gem" && noFixNamed(difference),
	},
];

/** With the pack's OSV records. */
export const withOsv: readonly DeliberateDifference[] = [
	...always,
	{
		image: "synth-wolfi-a",
		kind: "finding extra",
		rule: "an advisory without a fixed version is a finding: the reference database leaves such records out",
		count: 29,
		explains: noFixNamed,
	},
	{
		image: "synth-almalinux-9",
		kind: "finding extra",
		rule: "an erratum that names no CVE is a finding too: the reference database leaves such errata out",
		count: 1,
		explains: ({ id }) => id.startsWith("ALSA-"),
	},
	{
		image: "synth-langs-a",
		kind: "fixed version",
		rule: "the OSV record names the last affected version and no fixed one: the reference prints the feed's own constraint",
		count: 6,
		explains: (difference) => difference.type === "npm" && noFixNamed(difference),
	},
	{
		image: "synth-langs-a",
		kind: "fixed version",
		rule: "another range of the same Go record has no end, so that the fixed version is itself called affected",
		count: 8,
		explains: (difference) => difference.type === "golang" && noFixNamed(difference),
	},
];

/** With the pack's trivy-db. */
export const withTrivyDb: readonly DeliberateDifference[] = [
	...always,
	{
		image: "synth-langs-a",
		kind: "finding extra",
		rule: "Composer's `>=4` begins at 4.0.0-dev, so that 4.0.0-rc2 is in it (getcomposer.org, versions); the reference takes rc2 for older",
		count: 5,
		explains: ({ name, version }) => name === "guzzlehttp/guzzle" && version === "4.0.0-rc2",
	},
	{
		image: "synth-langs-a",
		kind: "fixed version",
		rule: "the feed only says what the fix is above (`> 0.9.6`), which names no version: the reference prints the bound",
		count: 3,
		explains: (difference) => difference.type === "npm" && noFixNamed(difference),
	},
	{
		image: "synth-langs-a",
		kind: "fixed version",
		rule: "what the Go record calls patched is older than what is installed, and another of its ranges has no end",
		count: 6,
		explains: (difference) => difference.type === "golang" && noFixNamed(difference),
	},
];
