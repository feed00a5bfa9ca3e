import type { Package } from "#model";

/**
 * Who builds the packages of the distributions that have advisories, as their packages' `Vendor` tag begins. A package
 * of any other vendor is marked instead of being matched, since the distribution's advisories do not speak of it (as
 * Trivy does since 0.70, whose list this is, with openEuler and Mageia besides).
 * A missing entry hides findings of a whole distribution; a needless one gives false findings.
 *
 * Extra Packages for Enterprise Linux name the Fedora Project and thus count as the distribution's own.
 */
const distributionVendors: readonly string[] = [
	"AlmaLinux",
	"Amazon Linux",
	"Amazon.com",
	"CentOS",
	"CloudLinux",
	"Fedora Project",
	"Mageia",
	"Microsoft Corporation",
	"Oracle America",
	"Red Hat",
	"Rocky",
	"SUSE",
	"VMware",
	"http://openeuler.org",
	"openEuler",
	"openSUSE",
];

/** Some packages of Amazon Linux 2023 name no vendor; their release tells. */
const amazonRelease = "amzn";

const vendorLength = 80;

/** What a report says where a package names nobody. */
const noVendor = "no vendor named";

/**
 * The vendor of a package, undefined for the distribution's own. `vendor` is null or empty where the package names none:
 * that is no distribution's habit, but for Amazon's.
 */
export function thirdPartyOf(vendor: string | null, release: string): string | undefined {
	if (!vendor) return release.includes(amazonRelease) ? undefined : noVendor;
	if (distributionVendors.some((start) => vendor.startsWith(start))) return undefined;
	// It comes from the image and goes into sentences for people.
	return (
		vendor
			.replaceAll(/[\p{Cc}\p{Cf}]+/gu, " ")
			.trim()
			.slice(0, vendorLength) || noVendor
	);
}

/**
 * Where no package at all names its vendor, the tag was stripped or never written (own builds of a distribution, tools
 * that make databases): its absence then tells nothing of a single package, and the mark is taken off again.
 */
export function settleVendors(packages: readonly Package[], anyVendor: boolean): readonly Package[] {
	return anyVendor ? packages : packages.map(withoutMark);
}

function withoutMark(pkg: Package): Package {
	if (pkg.thirdParty !== noVendor) return pkg;
	const { thirdParty: _, ...rest } = pkg;
	return rest;
}
