import { PackageURL } from "packageurl-js";
import type { OperatingSystem, Package } from "./package.ts";

/**
 * The package URL of a package (package-url/purl-spec).
 * The library leaves `+` raw in versions; the specification percent-encodes it, and so do Trivy and Syft.
 */
export function purlOf(pkg: Package, os: OperatingSystem | null): string {
	const { namespace, name } = splitName(pkg, os);
	const qualifiers: Record<string, string> = {};
	if (pkg.arch) qualifiers["arch"] = pkg.arch;
	if ((pkg.type === "deb" || pkg.type === "apk") && os) {
		qualifiers["distro"] = os.versionId ? `${os.id}-${os.versionId}` : os.id;
	}
	const url = new PackageURL(pkg.type, namespace, name, pkg.version || undefined, qualifiers, undefined);
	return url.toString().replaceAll("+", "%2B");
}

function splitName(pkg: Package, os: OperatingSystem | null): { namespace: string | undefined; name: string } {
	if (pkg.type === "deb" || pkg.type === "apk") return { namespace: os?.id, name: pkg.name };
	const slash = pkg.name.lastIndexOf("/");
	if (slash < 0) return { namespace: undefined, name: pkg.name };
	return { namespace: pkg.name.slice(0, slash), name: pkg.name.slice(slash + 1) };
}
