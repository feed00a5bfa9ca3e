/** `https://…` has no place in a file name; what a package names must be plain. */
const printable = /^[\x21-\x7e]{1,300}$/;

/** Whether a text can be a name, version, release or architecture: rpm itself allows fewer characters. */
export function isPlain(text: string): boolean {
	return printable.test(text);
}

/** `epoch:version-release`; an epoch of 0 is not written. */
export function fullVersion(epoch: number, version: string, release: string): string {
	return `${epoch === 0 ? "" : `${epoch}:`}${version}-${release}`;
}

/**
 * The source package that a binary names by its file, `name-version-release.src.rpm` (or `.nosrc.rpm`). The file name
 * has no epoch: it is taken to be the binary's own. Undefined when the text is none, as `(none)`.
 */
export function sourceOf(file: string, epoch: number): { name: string; version: string } | undefined {
	const stem = [".src.rpm", ".nosrc.rpm"].find((end) => file.endsWith(end));
	if (stem === undefined || !isPlain(file)) return undefined;
	const parts = file.slice(0, -stem.length).split("-");
	const release = parts.pop();
	const version = parts.pop();
	const name = parts.join("-");
	return name && version && release ? { name, version: fullVersion(epoch, version, release) } : undefined;
}
