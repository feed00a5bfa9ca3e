/**
 * Caps on what one record of a feed other than OSV may hold. A record beyond them is malformed: cutting its packages
 * short would hide findings. The figures are far above the largest known records.
 */
export const feedLimits = {
	/** Characters of an identifier; the longest known are below 80. */
	identifier: 256,
	/** Characters of a package name, an architecture, a module or a CPE. */
	name: 1024,
	/** Characters of a version. */
	version: 1024,
	/** Bytes of one record, the kernel's of Debian's tracker (some 15 MB) being the largest. */
	recordBytes: 64 * 1024 * 1024,
	/** Identifiers that one record names; kernel errata name several thousand. */
	identifiers: 20_000,
	/** Packages of one record, each for one release, product and architecture. */
	packages: 500_000,
	/** Characters of a title; the rest is cut. */
	title: 400,
	/** Characters of a description; the rest is cut. */
	description: 1000,
	/** References kept of a record. */
	references: 20,
} as const;
