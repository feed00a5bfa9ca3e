import type { OsFact } from "../types.ts";

/** apk-repositories(5) */
export const repositoriesPath = "etc/apk/repositories";

const alpineRelease = /\/alpine\/(?:v(\d{1,4})\.(\d{1,4})|(edge))\//;

/**
 * The release of Alpine that packages are installed from: the highest of the repositories, `edge` above all. Lines with a
 * tag (`@testing …`) are left out: apk takes from those only what somebody names. Null when there is no Alpine one.
 */
export function parseApkRepositories(text: string, path: string): OsFact | null {
	const releases: { readonly major: number; readonly minor: number }[] = [];
	for (const line of text.split(/\r?\n/)) {
		if (/^\s*[#@]/.test(line)) continue;
		const [, major, minor, edge] = alpineRelease.exec(line) ?? [];
		if (edge) return fact(edge, path);
		if (major && minor) releases.push({ major: Number(major), minor: Number(minor) });
	}
	const highest = releases.sort((a, b) => b.major - a.major || b.minor - a.minor)[0];
	return highest ? fact(`${highest.major}.${highest.minor}`, path) : null;
}

function fact(versionId: string, path: string): OsFact {
	return { source: "apk-repositories", path, id: "alpine", versionId };
}
