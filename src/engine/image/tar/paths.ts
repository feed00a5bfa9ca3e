/**
 * Paths of tar entries, cleaned as Go's path.Clean does, because that decides where a container engine puts the file.
 * `..` is resolved by name alone; links play no part.
 */

/**
 * A path relative to the image's root: `/`-separated, no leading or trailing slash, no `.` or `..`. Empty for the root
 * itself; null when the path leads out of the root. `..` at the start of an absolute path stays at the root, as in the kernel.
 */
export function cleanPath(raw: string): string | null {
	if (isClean(raw)) return raw;
	const absolute = raw.startsWith("/");
	const parts: string[] = [];
	for (const part of raw.split("/")) {
		if (part === "" || part === ".") continue;
		if (part !== "..") parts.push(part);
		else if (parts.pop() === undefined && !absolute) return null;
	}
	return parts.join("/");
}

const slash = 0x2f;
const dot = 0x2e;

function isClean(raw: string): boolean {
	const first = raw.charCodeAt(0);
	if (first === slash || first === dot || raw.length === 0) return false;
	return raw.charCodeAt(raw.length - 1) !== slash && !raw.includes("//") && !raw.includes("/.");
}
