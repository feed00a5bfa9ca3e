import type { InstalledPackage, OperatingSystem, Warning } from "#model";

export type SbomFormat = "cyclonedx-json" | "cyclonedx-xml" | "spdx-json" | "spdx-tag-value" | "spdx3-json";

/** What an SBOM document says of an image or a file. */
export interface Sbom {
	readonly kind: "sbom";
	readonly document: SbomDocument;
	/** What the document is about; null when it does not tell. */
	readonly subject: SbomSubject | null;
	/** `id` and `versionId` as os-release spells them; end of life is not filled in. */
	readonly os: OperatingSystem | null;
	/** One entry a package, version and layer, sorted by type, name and version. `layer` is an index of `layers`. */
	readonly packages: readonly InstalledPackage[];
	/** For each package, the packages that it needs, by index; sorted, none twice, itself left out. */
	readonly needs: readonly (readonly number[])[];
	/**
	 * The layers that the document names, in its order. Empty when it names none (all packages then have `layer` 0);
	 * an entry without digests stands for "some layer" when only a part of the packages tells its own.
	 */
	readonly layers: readonly SbomLayer[];
	/** A limit cut the document: packages are missing. */
	readonly cut: boolean;
	readonly warnings: readonly Warning[];
}

/** Which packages of a document count: all, or all but those of a distribution's package manager. */
export type Scope = "all" | "languages";

/** Nothing could be read. */
export interface UnreadableSbom {
	readonly kind: "unreadable";
	/** Completes "The file …": `is broken JSON`. */
	readonly reason: string;
	/** It is plainly something else, whatever its name: no packages are hidden. */
	readonly foreign: boolean;
}

export interface SbomDocument {
	readonly format: SbomFormat;
	/** `1.5`, `2.3`, `3.0.1`. */
	readonly specVersion: string;
	/** `trivy 0.60.0`, `syft-1.20.0`: as the document writes it. */
	readonly generator?: string;
	/** RFC 3339, as the document writes it. */
	readonly created?: string;
}

export interface SbomSubject {
	/** Image reference, file or folder, as the generator was given it; empty when only the digest is told. */
	readonly name: string;
	/** Digest of the manifest; empty when it is not told. */
	readonly digest: string;
}

/** Digests as the document writes them, each empty when it is not told. */
export interface SbomLayer {
	readonly digest: string;
	readonly diffId: string;
}

/** What a part of a document is: only packages are listed, the others explain them. */
export type Role = "package" | "os" | "application" | "image" | "file" | "other";

/** A part of a document (a CycloneDX component, an SPDX package), whatever the format. */
export interface Component {
	/** Its identity within the document; empty when it has none. */
	readonly ref: string;
	readonly role: Role;
	/** With its group or scope in front where the format keeps that apart: `@babel/core`, `org.apache/log4j`. */
	readonly name: string;
	readonly version: string;
	readonly purl: string;
	readonly facts: Facts;
}

/** What generators add in their own words; every field may be absent. */
export interface Facts {
	sourceName?: string;
	/** Without epoch and release where those are told apart. */
	sourceVersion?: string;
	sourceRelease?: string;
	sourceEpoch?: string;
	/** `openssl-3.0.7-24.el9.src.rpm` */
	sourceRpm?: string;
	modularity?: string;
	layerDigest?: string;
	layerDiffId?: string;
	paths?: string[];
	/** os-release fields, of the part that is the operating system. */
	osId?: string;
	osVersionId?: string;
	osName?: string;
	osIdLike?: string[];
}

/** A document taken apart, before its parts are understood as packages. */
export interface Outline {
	readonly document: SbomDocument;
	readonly subject: SbomSubject | null;
	/** Layers in the image's order, where the document lists them. */
	readonly layers: readonly SbomLayer[];
	readonly components: readonly Component[];
	/** `[a, b]`: the part with ref a needs, or holds, the one with ref b. */
	readonly edges: readonly (readonly [string, string])[];
	/** What a limit left out, each a clause for people. */
	readonly cuts: readonly string[];
	/** What the document itself leaves out, each a clause for people. */
	readonly gaps: readonly string[];
}
