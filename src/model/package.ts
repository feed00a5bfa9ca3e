/** A package type is a purl type (package-url/purl-spec, purl-types). */
export type PackageType =
	| "deb"
	| "apk"
	| "rpm"
	| "npm"
	| "golang"
	| "pypi"
	| "conda"
	| "gem"
	| "composer"
	| "cargo"
	| "maven"
	| "nuget"
	| "cran"
	| "hex"
	| "cpan"
	| "bitnami"
	/** Programs that no package manager knows, told by their own version text: a Node.js, a Python, a JDK. */
	| "generic";

const osPackageTypes: ReadonlySet<PackageType> = new Set<PackageType>(["deb", "apk", "rpm"]);

/** Whether packages of this type are a distribution's: one database lists them all, the distribution advises on them. */
export function isOsPackageType(type: PackageType): boolean {
	return osPackageTypes.has(type);
}

/** A package that one file of an image says is installed. */
export interface Package {
	readonly type: PackageType;
	/**
	 * The ecosystem's own name: `@scope/name` for npm, the module path for golang, `group:artifact` for maven (the artifact
	 * alone where the group is not told), `vendor/name` for composer, the binary package for deb, apk and rpm.
	 */
	readonly name: string;
	/** As the package database writes it, epoch included unless it is 0 (`1:2.3-4`, `v1.2.3`); empty when the file does not tell. */
	readonly version: string;
	readonly arch?: string;
	/** The source package that it was built from, where the distribution has such (deb, apk); version as the database writes it. */
	readonly source?: { readonly name: string; readonly version: string };
	/** rpm's module label, `nodejs:18:8080020230718083943:63b34585`. */
	readonly modularity?: string;
	/** Names of the packages that it says it needs at run time, as its own manifest writes them. */
	readonly requires?: readonly string[];
	/** Who built it, when that is not the distribution whose database lists it: such packages have no distribution advisories. */
	readonly thirdParty?: string;
	/**
	 * The file that says so: relative to the image's root, no leading slash; inside archives the file's path, then
	 * `/` and the entry's (`app/a.jar/lib/b.jar`).
	 */
	readonly path: string;
	/** The OS package that owns `path`, when `path` came with one in the same layer. */
	readonly ownedBy?: string;
}

/** A package of the merged image: where its version appeared first, and every file that names it there. */
export interface InstalledPackage extends Package {
	/** Index of the first layer that brought this package at this version. */
	readonly layer: number;
	/** All files that say so, `path` first; more than one where several executables hold the same module. */
	readonly paths: readonly string[];
	/** Packages that brought this one in, nearest first: `express@4.17.1`. */
	readonly parents?: readonly string[];
}

/** The operating system of an image, from os-release and its older kin. */
export interface OperatingSystem {
	/** os-release `ID`, lower case: `debian`, `alpine`, `wolfi`, `almalinux`. */
	readonly id: string;
	/** os-release `VERSION_ID`, refined by the distribution's own release file: `12.15`, `3.19.1`; empty when none is given. */
	readonly versionId: string;
	/** For people: `Debian GNU/Linux 12 (bookworm)`. */
	readonly prettyName?: string;
	/** End of life, `YYYY-MM-DD`, where known. */
	readonly eol?: string;
	/** os-release `ID_LIKE`, in its order, lower case. */
	readonly idLike?: readonly string[];
	/** The paid extension that is switched on: Ubuntu's `esm`. */
	readonly extended?: "esm";
}
