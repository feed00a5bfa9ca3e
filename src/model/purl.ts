import { PackageURL } from "packageurl-js";
import type { OperatingSystem, Package } from "./package.ts";

/**
 * The package URL of a package (package-url/purl-spec). Never throws: names and versions come from images.
 * The library leaves `+` raw in versions; the specification percent-encodes it, and so do Trivy and Syft.
 */
export function purlOf(pkg: Package, os: OperatingSystem | null): string {
	const { namespace, name } = splitName(pkg, os);
	const qualifiers: Record<string, string> = {};
	if (pkg.arch) qualifiers["arch"] = pkg.arch;
	if ((pkg.type === "deb" || pkg.type === "apk") && os) {
		qualifiers["distro"] = os.versionId ? `${os.id}-${os.versionId}` : os.id;
	}
	try {
		const url = new PackageURL(pkg.type, namespace, name, pkg.version || undefined, qualifiers, undefined);
		return url.toString().replaceAll("+", "%2B");
	} catch {
		return plainPurl(pkg, namespace ? `${namespace}/${name}` : name);
	}
}

function splitName(pkg: Package, os: OperatingSystem | null): { namespace: string | undefined; name: string } {
	if (pkg.type === "deb" || pkg.type === "apk") return { namespace: os?.id, name: pkg.name };
	// The specification wants Go's in lower case; the library leaves them as they are.
	const path = pkg.type === "golang" ? pkg.name.toLowerCase() : pkg.name;
	const slash = path.lastIndexOf("/");
	if (slash < 0) return { namespace: undefined, name: path };
	return { namespace: path.slice(0, slash), name: path.slice(slash + 1) };
}

/** For what the library refuses: Go versions with two `+` (`v4.0.0+incompatible+dirty`), and names that are no names. */
function plainPurl(pkg: Package, path: string): string {
	const segments = path.split("/").filter((segment) => segment.trim() !== "");
	const name = (segments.length > 0 ? segments : [pkg.name]).map(encode).join("/");
	return `pkg:${pkg.type}/${name}${pkg.version === "" ? "" : `@${encode(pkg.version)}`}`;
}

/** The specification keeps colons as they are. */
function encode(text: string): string {
	return encodeURIComponent(text.toWellFormed()).replaceAll("%3A", ":");
}
