import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { PackageType } from "#model";
import type { Claim, Claims, PackageClaim } from "./compare.ts";

/** The shared test-data pack: real advisories, images and reference findings. Never copied into the repository. */
export const testdata = resolve(
	process.env["PLIMSOLL_TESTDATA"] ?? join(import.meta.dirname, "../../../shared/testdata"),
);

export const testdataPresent = existsSync(join(testdata, "osv"));

/** Why tests that need the pack are skipped, for their names. */
export const testdataAbsence = testdataPresent
	? ""
	: " (skipped: no test data at PLIMSOLL_TESTDATA or ../shared/testdata)";

/** The pack's images of which it has the reference scanner's findings. */
export const images = [
	"alpine-3.7-dbonly",
	"alpine-3.9-dbonly",
	"debian-12-main-dbonly",
	"synth-alpine-3.9",
	"synth-debian-10",
	"synth-debian-12-a",
	"synth-wolfi-a",
	"synth-almalinux-9",
	"synth-langs-a",
] as const;

export type Image = (typeof images)[number];

export function targetOf(image: string): string {
	return `oci-archive:${join(testdata, "images", `${image}.oci.tar`)}`;
}

/** What the reference scanner calls a kind of package: what a purl calls it, and what people call the ecosystem. */
const packageKinds: Readonly<Record<string, { readonly type: PackageType; readonly ecosystem: string }>> = {
	alpine: { type: "apk", ecosystem: "Alpine" },
	wolfi: { type: "apk", ecosystem: "Wolfi" },
	debian: { type: "deb", ecosystem: "Debian" },
	alma: { type: "rpm", ecosystem: "AlmaLinux" },
	"node-pkg": { type: "npm", ecosystem: "npm" },
	gobinary: { type: "golang", ecosystem: "Go" },
	"python-pkg": { type: "pypi", ecosystem: "PyPI" },
	gemspec: { type: "gem", ecosystem: "RubyGems" },
	composer: { type: "composer", ecosystem: "Packagist" },
	"composer-vendor": { type: "composer", ecosystem: "Packagist" },
	rustbinary: { type: "cargo", ecosystem: "crates.io" },
	jar: { type: "maven", ecosystem: "Maven" },
};

export function packageKind(kind: string): { readonly type: PackageType; readonly ecosystem: string } {
	const known = packageKinds[kind];
	if (known === undefined) throw new Error(`The reference has ${kind} packages; say in packageKinds what they are.`);
	return known;
}

/** What the reference scanner said of an image of the pack. */
export function referenceOf(image: Image): Claims {
	const kinds = kindsByTarget(image);
	const packages = rows(`${image}.packages.tsv`).map(
		([, kind = "", name = "", version = ""]): PackageClaim => ({ type: packageKind(kind).type, name, version }),
	);
	const findings = rows(`${image}.tsv`).map(
		([target = "", name = "", version = "", id = "", fixed = ""]): Claim => ({
			type: packageKind(kinds.get(target) ?? target).type,
			name,
			version,
			id,
			fixed,
		}),
	);
	return { packages, findings };
}

/** The ecosystem of each type of package in an image. */
export function ecosystemsIn(image: Image): ReadonlyMap<PackageType, string> {
	return new Map(
		[...kindsByTarget(image).values()].map((kind) => [packageKind(kind).type, packageKind(kind).ecosystem]),
	);
}

function kindsByTarget(image: Image): ReadonlyMap<string, string> {
	return new Map(rows(`${image}.packages.tsv`).map(([target = "", kind = ""]) => [target, kind]));
}

/** A finding on which plain OSV rules and the reference scanner differ (KNOWN-DIFFERENCES.tsv). */
export interface KnownDifference extends Omit<Claim, "fixed"> {
	readonly side: "osv-only" | "trivy-only";
	readonly reason: string;
}

export function knownDifferences(image: Image): readonly KnownDifference[] {
	const kinds = kindsByTarget(image);
	return rows("KNOWN-DIFFERENCES.tsv")
		.filter(([of]) => of === image)
		.map(([, target = "", name = "", version = "", id = "", side, reason = ""]) => {
			if (side !== "osv-only" && side !== "trivy-only") throw new Error(`KNOWN-DIFFERENCES.tsv: side ${side}`);
			return { type: packageKind(kinds.get(target) ?? target).type, name, version, id, side, reason };
		});
}

function rows(file: string): string[][] {
	const text = readFileSync(join(testdata, "expected", file), "utf8");
	return text
		.split("\n")
		.filter(Boolean)
		.map((line) => line.split("\t"));
}
