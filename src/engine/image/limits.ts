/** Hard limits on what a layer may make the reader do. Content over a limit ends the reading with a warning, never a throw. */
export interface Limits {
	/** Tar headers in a layer, those of PAX records and long names included. */
	readonly entries: number;
	/** Uncompressed bytes of a layer. */
	readonly bytes: number;
	/** Uncompressed bytes per compressed byte, once `ratioFreeBytes` were put out. */
	readonly ratio: number;
	/** Uncompressed bytes before `ratio` counts. */
	readonly ratioFreeBytes: number;
	/** Characters of a path. */
	readonly pathLength: number;
	/** Bytes of PAX records and long names that stand before one entry. */
	readonly metadataBytes: number;
	/** Whiteouts and opaque directories of a layer. */
	readonly whiteouts: number;
	/** Characters of all whiteouts, symbolic links and wanted hard links of a layer together: they are kept in memory. */
	readonly keptPathCharacters: number;
	/** Files of a layer whose bytes are asked for: something is kept for each. */
	readonly wantedFiles: number;
	/** Warnings of a layer; the rest is counted only. */
	readonly warnings: number;
	/** Files in an image archive (not in its layers). */
	readonly archiveEntries: number;
	/** Bytes of a manifest, index or configuration. */
	readonly documentBytes: number;
}

const MiB = 2 ** 20;
const GiB = 2 ** 30;

export const defaultLimits: Limits = {
	// The largest layers seen in the field (machine-learning images, monorepos with node_modules) hold under 1 million.
	entries: 5_000_000,
	// Above any layer that a registry with default limits takes; at 600 MB/s it is under two minutes of work.
	bytes: 64 * GiB,
	// Real layers stay under 50:1; deflate itself cannot pass 1032:1, zstd can pass 10,000:1.
	ratio: 400,
	// A small layer of zeros (an empty disk image, a log) is no attack, and 1 GiB costs two seconds.
	ratioFreeBytes: GiB,
	// PATH_MAX of Linux: no container can hold a longer path.
	pathLength: 4096,
	// What Go's archive/tar, which unpacks layers in every container engine, takes for one record block.
	metadataBytes: MiB,
	// Deleting a whole distribution file by file needs some 100,000.
	whiteouts: 1_000_000,
	// A million paths of ordinary length; more would break the memory budget of a scan.
	keptPathCharacters: 64 * MiB,
	// Programs and package lists. A monorepo's node_modules has some 100,000; a layer of 13 MB can hold four million empty
	// ones, which took 3.5 GB of memory.
	wantedFiles: 500_000,
	// Enough to see what is wrong; a hostile layer must not fill the report.
	warnings: 100,
	// Docker refuses images of over 127 layers; an archive holds some files for each, and may hold many images.
	archiveEntries: 200_000,
	// Registries take manifests up to 4 MiB; configurations with long histories may be larger.
	documentBytes: 8 * MiB,
};
