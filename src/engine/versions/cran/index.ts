/**
 * Versions of R packages: whole numbers with `.` or `-` between them, compared one by one; of two that begin alike the
 * longer is the higher one (`1.2` is below `1.2.0`), as `package_version` in R has it. R takes two numbers and more;
 * advisories write a single `0` for the first version of all.
 * https://stat.ethz.ch/R-manual/R-devel/library/base/html/numeric_version.html,
 * https://cran.r-project.org/doc/manuals/R-exts.html#The-DESCRIPTION-file
 */
import { satisfiesBy } from "../comparators.ts";
import { compareNumerals, type Numeral, toNumeral } from "../numeral.ts";
import type { VersionScheme } from "../types.ts";

/** R's numbers end at 2147483647; here they may be of any length. */
export type CranVersion = readonly Numeral[];

const VERSION = /^[0-9]+(?:[.-][0-9]+)*$/;

/** Longer texts are hostile: versions have some ten characters. */
const MAX_LENGTH = 1_024;

function parse(raw: string): CranVersion | null {
	if (raw.length > MAX_LENGTH) return null;
	const text = raw.trim();
	return VERSION.test(text) ? text.split(/[.-]/).map(toNumeral) : null;
}

function compare(a: CranVersion, b: CranVersion): -1 | 0 | 1 {
	for (let i = 0; ; i++) {
		const left = a[i];
		const right = b[i];
		if (left === undefined) return right === undefined ? 0 : -1;
		if (right === undefined) return 1;
		const order = compareNumerals(left, right);
		if (order !== 0) return order;
	}
}

/** The scheme of CRAN and Bioconductor. */
export const cran: VersionScheme<CranVersion> = {
	id: "cran",
	parse,
	compare,
	satisfies: satisfiesBy({ parse, compare }),
};
