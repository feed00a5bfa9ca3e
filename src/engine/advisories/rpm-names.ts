/** What the feeds of rpm distributions write of packages. */
import { feedLimits } from "./feed-limits.ts";
import { Malformed } from "./json.ts";

/** `epoch:version-release` as rpm databases are read: an epoch of 0 is left out. Throws `Malformed`. */
export function evrOf(epoch: string | undefined, version: string, path: string): string {
	if (epoch !== undefined && !/^\d{1,10}$/.test(epoch)) throw new Malformed(`${path} has an epoch that is no number`);
	if (version.length > feedLimits.version || !/^[\x21-\x7e]*\d[\x21-\x7e]*$/.test(version) || /^-|-$/.test(version))
		throw new Malformed(`${path} has no version`);
	return epoch === undefined || Number(epoch) === 0 ? version : `${Number(epoch)}:${version}`;
}

/** A package's name. Throws `Malformed`. */
export function rpmNameAt(value: string | undefined, path: string): string {
	if (value === undefined || value.length > feedLimits.name || !/^[A-Za-z0-9_][\x21-\x7e]*$/.test(value))
		throw new Malformed(`${path} has no package name`);
	return value;
}

/** Symbols and sources for debuggers: half of what the feeds list, and nothing that runs. */
export function isDebugPackage(name: string): boolean {
	return /-debug(?:info|source)(?:-|$)/.test(name);
}
