import type { OperatingSystem, Package } from "#model";
import { conda } from "./catalogers/conda/index.ts";
import { osRelease } from "./catalogers/os-release/index.ts";
import { perl } from "./catalogers/perl/index.ts";
import type { Cataloger } from "./catalogers/types.ts";
import { unread } from "./catalogers/unread/index.ts";
import { distributions } from "./ecosystems/distributions.ts";
import { languages } from "./ecosystems/languages.ts";
import type { Distribution, Ecosystem } from "./ecosystems/types.ts";

export { foldEcosystem } from "./ecosystems/fold.ts";
export type { Ecosystem } from "./ecosystems/types.ts";

/**
 * The one table of ecosystems: which catalogers find the packages, how versions compare, which advisories speak of
 * them. Shared code never asks for an ecosystem by name: the row answers.
 */
export const ecosystems: readonly Ecosystem[] = [...distributions, ...languages];

/** Every cataloger once, those that serve all ecosystems included. */
export const catalogers: readonly Cataloger[] = [
	osRelease,
	// No feed speaks of conda's packages; what is Python among them is found as Python, too.
	conda,
	// Nor of Perl's distributions.
	perl,
	...new Set(ecosystems.flatMap((row) => row.catalogers)),
	unread,
];

/** OSV ecosystems, without releases, that an advisory database is made of. */
export const advisoryEcosystems: readonly string[] = [...new Set(ecosystems.flatMap((row) => row.feeds))];

/** The row for a package of an image; null when nobody judges such packages there. */
export function rowFor(pkg: Pick<Package, "type">, os: OperatingSystem | null): Ecosystem | null {
	return (
		ecosystems.find(
			(row) => row.packageType === pkg.type && (row.kind === "language" || (os !== null && row.ids.includes(os.id))),
		) ?? null
	);
}

/** The row whose advisories an ecosystem of a feed (`Debian:12`, `npm`) holds; null for one that is not read. */
export function rowOfFeed(ecosystem: string): Ecosystem | null {
	const base = ecosystem.split(":", 1)[0] ?? "";
	return ecosystems.find((row) => row.feeds.includes(base)) ?? null;
}

/** The row of an operating system; null when it has none. */
export function rowOfOs(os: OperatingSystem): Distribution | null {
	return distributions.find((row) => row.ids.includes(os.id)) ?? null;
}

/** For messages: `Debian, Alpine, …`. */
export const distributionNames: readonly string[] = distributions.map((row) => row.name);

/** The text that a package of a feed's ecosystem is stored and looked up by. */
export function nameKeyOf(ecosystem: string, name: string): string {
	return rowOfFeed(ecosystem)?.nameOf?.(name) ?? name;
}
