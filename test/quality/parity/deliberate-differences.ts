/**
 * Where Plimsoll differs on purpose from a real Trivy with the same database; see `../deliberate-differences.ts`.
 * Counts are `any` where they follow from Debian's archive or from this checkout's lock file.
 */
import { withTrivyDb } from "../deliberate-differences.ts";
import type { DeliberateDifference } from "../explain.ts";

/** Main modules of the Go programs that the lock file brings. */
const goPrograms: ReadonlySet<string> = new Set([
	"github.com/microsoft/typescript-go",
	"github.com/typescript-eslint/tsgolint",
]);

const debian: readonly DeliberateDifference[] = [
	{
		image: "debian-npm",
		kind: "package extra",
		rule: "the Go standard library is a package of every Go executable: this Trivy does not report it",
		count: "any",
		explains: ({ type, name }) => type === "golang" && name === "stdlib",
	},
	{
		image: "debian-npm",
		kind: "finding extra",
		rule: "the Go standard library is judged like any module",
		count: "any",
		explains: ({ type, name }) => type === "golang" && name === "stdlib",
	},
	{
		image: "debian-npm",
		kind: "package missing",
		rule: "Go's word for no version, (devel), is no version; modules replaced by a folder have their own names, not the folder's",
		count: "any",
		explains: ({ type, version }) => type === "golang" && version === "(devel)",
	},
	{
		image: "debian-npm",
		kind: "package extra",
		rule: "the main module of a Go executable is a package, too: this Trivy lists only what it depends on",
		count: "any",
		explains: ({ type, name }) => type === "golang" && goPrograms.has(name),
	},
	{
		image: "debian-npm",
		kind: "package extra",
		rule: "Go modules without a version are listed without one, with a warning that they could not be judged",
		count: "any",
		explains: ({ type, version }) => type === "golang" && version === "",
	},
];

const almalinux: readonly DeliberateDifference[] = [
	{
		image: "almalinux-rpm",
		kind: "finding missing",
		rule: "packages of another vendor are not judged by the distribution's errata, and a warning says so; Trivy does the same from 0.70 on",
		count: 118,
		explains: ({ listed }) => listed?.thirdParty === "Example Software Ltd.",
	},
];

const languages: readonly DeliberateDifference[] = [
	{
		image: "languages",
		kind: "package extra",
		rule: "packages that Composer installed for development are installed: this Trivy reads composer.lock, and there not its packages-dev",
		count: 10,
		explains: ({ type, listed }) => type === "composer" && listed?.path === "srv/php/vendor/composer/installed.json",
	},
	{
		image: "languages",
		kind: "package extra",
		rule: "jars without pom.properties are named by manifest or file name: Trivy asks its Java database, which is empty here",
		count: "any",
		explains: ({ type }) => type === "maven",
	},
	{
		image: "languages",
		kind: "finding extra",
		rule: "Python names that differ in `.`, `-`, `_` and capitals are one name (PEP 503): Trivy keeps the dot apart",
		count: 1,
		explains: ({ type, name }) => type === "pypi" && name === "Products.GenericSetup",
	},
	{
		image: "languages",
		kind: "finding extra",
		rule: "npm takes a version with a `v` in front for the version without it; this Trivy does not judge it",
		count: 1,
		explains: ({ type, version }) => type === "npm" && version.startsWith("v"),
	},
	{
		image: "languages",
		kind: "finding extra",
		rule: "a pre-release inside a vulnerable range has the flaw, too: this Trivy leaves it out as npm does when it picks one",
		count: 1,
		explains: ({ type, version }) => type === "npm" && version.includes("-beta"),
	},
];

export const fromTrivy: readonly DeliberateDifference[] = [...withTrivyDb, ...debian, ...almalinux, ...languages];
