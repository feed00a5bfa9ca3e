import type { Warning } from "#model";

/** One warning for all faults of a package database; `faults` begin with where they are: `line 6 has no Version field`. */
export function databaseFaults(
	faults: readonly string[],
	path: string,
	noun: { readonly one: string; readonly many: string },
): readonly Warning[] {
	const [first] = faults;
	if (first === undefined) return [];
	const count = faults.length === 1 ? `One ${noun.one}` : `${faults.length} ${noun.many}`;
	const message = `${count} of the package database cannot be read in full and may hide packages: the ${noun.one} at ${first}.`;
	return [{ code: "package_database_malformed", message, path }];
}
