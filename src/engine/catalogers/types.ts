import type { Package, Warning } from "#model";

/** A regular file of a layer, before its content is read. */
export interface FileInfo {
	/** Relative to the image's root, cleaned, no leading slash. */
	readonly path: string;
	/** Bytes. */
	readonly size: number;
	/** Permission bits. */
	readonly mode: number;
}

/**
 * Takes one file as it streams by. A chunk is only valid during `write`: what is kept must be copied,
 * and no more of a file may be kept than the cataloger needs.
 */
export interface CatalogSink {
	write(chunk: Uint8Array): void;
	/** Called once, after the last byte. Must not throw on bad content: that is a warning. */
	end(): CatalogResult;
}

/** Reads one kind of file. Pure but for the sink's own state; never touches the file system or the network. */
export interface Cataloger {
	readonly id: string;
	/** Raised whenever the same file would give another result; part of the layer cache's key. */
	readonly version: number;
	/**
	 * The fixed paths of the package databases that it reads. A database behind a symbolic link at or above one of them is
	 * not read, and the report must say so.
	 */
	readonly databases?: readonly string[];
	/** Called for every regular file of every layer: string tests only. */
	wants(file: FileInfo): boolean;
	open(file: FileInfo): CatalogSink;
}

export interface CatalogResult {
	readonly packages: readonly Package[];
	/** What this file says of the operating system. */
	readonly os?: OsFact;
	/** Files that an OS package installed, by package. */
	readonly owned?: readonly OwnedFiles[];
	/** Red Hat content sets that the packages of this layer came from: `rhel-9-for-x86_64-baseos-rpms`. */
	readonly contentSets?: readonly string[];
	/** The file holds packages that Plimsoll cannot read yet. */
	readonly unread?: UnreadPackages;
	readonly warnings: readonly Warning[];
}

export interface OwnedFiles {
	/** Binary package name. */
	readonly owner: string;
	/** Relative to the image's root, no leading slash. */
	readonly paths: readonly string[];
}

export interface UnreadPackages {
	/** For people: `RPM archives`, `R`. */
	readonly kind: string;
}

/** One release file's statement. Which one wins is decided over all of them (os-release/resolve.ts). */
export interface OsFact {
	readonly source:
		| "os-release"
		| "alpine-release"
		| "debian_version"
		| "lsb-release"
		| "system-release"
		| "redhat-release"
		/** Ubuntu Pro's state: which paid extensions are switched on. */
		| "ubuntu-advantage"
		/** Where packages come from, which may be another release than the files name. */
		| "apk-repositories";
	readonly path: string;
	readonly id: string;
	readonly versionId: string;
	readonly prettyName?: string;
	readonly idLike?: readonly string[];
	readonly extended?: "esm";
}
