/**
 * Several feeds file one release under many products and repositories (`SUSE:Linux Enterprise
 * Module for Basesystem 15 SP5`). Packages are stored and looked up under one ecosystem a release.
 * https://ossf.github.io/osv-schema/#defined-ecosystems
 */

/** The ecosystem that a feed's is stored under; null for products that no image's packages come from. */
export function foldEcosystem(ecosystem: string): string | null {
	const micro = /^SUSE:Linux (?:Enterprise )?Micro (\d+\.\d+)(?:-[A-Z]+)?$/.exec(ecosystem);
	if (micro) return `SUSE:Micro ${micro[1]}`;
	const enterprise = /^SUSE:(?:Linux Enterprise|Package Hub) (?:.* )?(\d+(?:\.\d+| SP\d+)?)(?:[- ][A-Z]+)*$/.exec(
		ecosystem,
	);
	if (enterprise) return `SUSE:${enterprise[1]}`;
	return /^SUSE:./.test(ecosystem) && !isFolded(ecosystem) ? null : ecosystem;
}

/** What this gives stays what it is. */
function isFolded(ecosystem: string): boolean {
	return /^SUSE:(?:Micro )?\d+(?:\.\d+| SP\d+)?$/.test(ecosystem);
}
