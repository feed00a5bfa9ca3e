/**
 * Versions of Hex packages and Erlang applications: the order of Semantic Versioning 2.0.0, which Hex demands. Erlang's
 * own applications have two numbers or four and more (`5.1`, `10.8.6.1`): here missing numbers are 0, which changes
 * nothing for versions of three.
 * https://hexdocs.pm/elixir/Version.html, https://hex.pm/docs/publish
 */
import { satisfiesBy } from "../comparators.ts";
import { compareNumerals, type Numeral, toNumeral } from "../numeral.ts";
import { compareSemver, type SemverCore, toSemverCore } from "../semver-order.ts";
import type { VersionScheme } from "../types.ts";

export interface HexVersion {
	readonly numbers: readonly Numeral[];
	/** 0.0.0 with the version's pre-release: their order is that of the pre-releases. */
	readonly prerelease: SemverCore;
}

const VERSION =
	/^v?([0-9]+(?:\.[0-9]+)*)(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

/** Longer texts are hostile: versions have some ten characters. */
const MAX_LENGTH = 1_024;

function parse(raw: string): HexVersion | null {
	if (raw.length > MAX_LENGTH) return null;
	const [, numbers, prerelease = ""] = VERSION.exec(raw.trim()) ?? [];
	if (numbers === undefined) return null;
	return { numbers: numbers.split(".").map(toNumeral), prerelease: toSemverCore("0", "0", "0", prerelease) };
}

function compare(a: HexVersion, b: HexVersion): -1 | 0 | 1 {
	const length = Math.max(a.numbers.length, b.numbers.length);
	for (let i = 0; i < length; i++) {
		const order = compareNumerals(a.numbers[i] ?? 0, b.numbers[i] ?? 0);
		if (order !== 0) return order;
	}
	return compareSemver(a.prerelease, b.prerelease);
}

/** The scheme of hex.pm. */
export const hex: VersionScheme<HexVersion> = {
	id: "hex",
	parse,
	compare,
	satisfies: satisfiesBy({ parse, compare }),
};
