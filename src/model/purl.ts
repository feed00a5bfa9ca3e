import { PackageURL } from "packageurl-js";
import { isOsPackageType, type OperatingSystem, type Package } from "./package.ts";

type Named = Pick<Package, "type" | "name" | "version"> & Partial<Pick<Package, "arch" | "modularity" | "path">>;

/**
 * The package URL of a package (package-url/purl-spec). Never throws: names and versions come from images.
 * The library leaves `+` raw in versions; the specification percent-encodes it, and so do Trivy and Syft.
 */
export function purlOf(pkg: Named, os: OperatingSystem | null): string {
	const { namespace, name } = splitName(pkg, os);
	const { version, qualifiers } = versionAndQualifiers(pkg, os);
	try {
		const url = new PackageURL(pkg.type, namespace, name, version || undefined, qualifiers, undefined);
		return url.toString().replaceAll("+", "%2B");
	} catch {
		return plainPurl(pkg, namespace ? `${namespace}/${name}` : name);
	}
}

/** What Red Hat calls itself in its own package URLs. */
const vendors: Readonly<Record<string, string>> = { rhel: "redhat" };

function splitName(pkg: Named, os: OperatingSystem | null): { namespace: string | undefined; name: string } {
	if (isOsPackageType(pkg.type)) return { namespace: os ? (vendors[os.id] ?? os.id) : undefined, name: pkg.name };
	const path = canonicalName(pkg);
	const slash = path.lastIndexOf(pkg.type === "maven" ? ":" : "/");
	if (slash < 0) return { namespace: undefined, name: path };
	return { namespace: path.slice(0, slash), name: path.slice(slash + 1) };
}

/** The specification's spelling, which the library leaves to its caller. */
function canonicalName({ type, name }: Named): string {
	if (type === "golang" || type === "composer" || type === "hex") return name.toLowerCase();
	return type === "pypi" ? name.toLowerCase().replaceAll("_", "-") : name;
}

/** rpm's epoch is a qualifier, not part of the version. */
function versionAndQualifiers(
	{ type, version, arch, modularity }: Named,
	os: OperatingSystem | null,
): { version: string; qualifiers: Record<string, string> } {
	const [, epoch, rest] = type === "rpm" ? (/^(\d+):(.*)$/.exec(version) ?? []) : [];
	return {
		version: rest ?? version,
		qualifiers: {
			...(arch ? { arch } : {}),
			...(epoch === undefined ? {} : { epoch }),
			...(isOsPackageType(type) && os ? { distro: os.versionId ? `${os.id}-${os.versionId}` : os.id } : {}),
			...(modularity ? { rpmmod: modularity } : {}),
		},
	};
}

/** For what the library refuses: Go versions with two `+` (`v4.0.0+incompatible+dirty`), and names that are no names. */
function plainPurl(pkg: Named, path: string): string {
	const segments = path.split("/").filter((segment) => segment.trim() !== "");
	const name = (segments.length > 0 ? segments : [pkg.name]).map(encode).join("/");
	return `pkg:${pkg.type}/${name}${pkg.version === "" ? "" : `@${encode(pkg.version)}`}`;
}

/** The specification keeps colons as they are. */
function encode(text: string): string {
	return encodeURIComponent(text.toWellFormed()).replaceAll("%3A", ":");
}
