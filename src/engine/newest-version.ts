import type { PackageType } from "#model";
import { ecosystems } from "./ecosystems.ts";

/** The newest of some versions of one type of package; null when a version is malformed, so that nobody can tell. */
export function newestVersion(type: PackageType, versions: readonly string[]): string | null {
	const ordering = ecosystems.find((row) => row.packageType === type)?.ordering;
	let newest: string | null = null;
	for (const version of versions) {
		const order = newest === null ? 1 : ordering?.compare(version, newest);
		if (order === null || order === undefined) return null;
		if (order > 0) newest = version;
	}
	return newest;
}
