/** Scoped or plain; at most 214 characters (docs.npmjs.com, package.json "name"). Old packages may have capitals. */
const packageName = /^(?:@[A-Za-z0-9._~-]+\/)?[A-Za-z0-9._~-]+$/;
const nameLimit = 214;

/** semver's own limit. */
const versionLimit = 256;
const printable = /^[\x21-\x7e]+$/;

/** Whether a text can be the name of a package. */
export function isPackageName(name: string): boolean {
	return name.length <= nameLimit && packageName.test(name);
}

/** Whether a text can be the version of a package; which ones mean something is the version scheme's to say. */
export function isVersionText(version: string): boolean {
	return version.length <= versionLimit && printable.test(version);
}
