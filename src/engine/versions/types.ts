/**
 * A version scheme: how one family of package managers orders its versions.
 * `compare` is a total order on what `parse` accepts (reflexive, antisymmetric, transitive).
 */
export interface VersionScheme<V = unknown> {
	readonly id: string;
	/** Null when the text is not a version of this scheme. */
	parse(raw: string): V | null;
	compare(a: V, b: V): -1 | 0 | 1;
	/**
	 * Feeds hold misspelt versions. Compares two texts of which one does not parse, when the well-formed
	 * beginnings already decide; null when they do not.
	 */
	compareMalformed?(a: string, b: string): -1 | 1 | null;
	/** Whether a version satisfies a constraint in the package manager's own words; null when either is malformed. */
	satisfies?(version: string, constraint: string): boolean | null;
}
