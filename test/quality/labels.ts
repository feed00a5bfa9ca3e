/**
 * The labelled sets: for every package of the pack's images, the vulnerabilities that it has by the advisories' own
 * words. The label is the reference scanner's finding, corrected where it and plain OSV rules differ (§ rulings).
 */
import { claimKey, type PackageClaim } from "./compare.ts";
import { type Image, knownDifferences, referenceOf } from "./testdata.ts";

export interface Label extends PackageClaim {
	readonly id: string;
}

interface Ruling {
	/** How the reason in KNOWN-DIFFERENCES.tsv begins. */
	readonly reason: string;
	readonly vulnerable: boolean;
	readonly because: string;
}

/** One for each reason for which the pack's two evaluations differ. */
const rulings: readonly Ruling[] = [
	{
		reason: "record without a fixed version",
		vulnerable: true,
		because: "that nobody has mended it yet makes it no less of a vulnerability",
	},
	{
		reason: "erratum without CVE",
		vulnerable: true,
		because: "the distribution calls it a security erratum and the installed version is older than its fix",
	},
	{
		reason: "Go standard library",
		vulnerable: true,
		because: "the executable holds it, and its version is recorded in the executable",
	},
	{
		reason: "fixed version in the feed is not a valid apk version",
		vulnerable: true,
		because: "xen 4.7.0 is older than 4.10 and 4.11, whatever stands behind them",
	},
	{
		reason: "erratum lists the package with several fixed versions",
		vulnerable: false,
		because:
			"the higher fixed versions are those of the module mariadb:10.11 and its like; the installed package is of no module and newer than the erratum's fix for it",
	},
	{
		reason: "modular package",
		vulnerable: false,
		because: "the erratum is about php:8.3 or ruby:4.0, and the installed package is of php:8.2 or ruby:3.3",
	},
];

/** All labels of an image; every other pair of a package and a vulnerability is labelled as not vulnerable. */
export function labelsOf(image: Image): readonly Label[] {
	const labels = new Map(
		referenceOf(image).findings.map(({ type, name, version, id }) => [
			claimKey({ type, name, version, id }),
			{ type, name, version, id },
		]),
	);
	for (const { type, name, version, id, side, reason } of knownDifferences(image)) {
		const key = claimKey({ type, name, version, id });
		const ruling = rulings.find((one) => reason.startsWith(one.reason));
		if (!ruling) throw new Error(`KNOWN-DIFFERENCES.tsv gives a reason without a ruling: ${reason}`);
		if (labels.has(key) !== (side === "trivy-only"))
			throw new Error(`KNOWN-DIFFERENCES.tsv says ${side} of ${image} ${key}, and the findings say otherwise.`);
		if (ruling.vulnerable) labels.set(key, { type, name, version, id });
		else labels.delete(key);
	}
	return [...labels.values()];
}
