/**
 * Caps on what one OSV record may hold. A record beyond them is malformed: cutting its ranges short
 * would hide findings. The figures are far above the largest records of the public bucket.
 */
export const limits = {
	/** Uncompressed bytes of one record: the largest known (kernel advisories with long version lists) stay below 10 MiB. */
	recordBytes: 64 * 1024 * 1024,
	/** Uncompressed bytes of a zip for each of its own; records of repeated versions pack 30 : 1. */
	zipRatio: 200,
	/** Characters of an identifier or an ecosystem; the longest known are below 80. */
	identifier: 256,
	/** Characters of a package name; Go module paths and npm names stay below 260. */
	name: 1024,
	/** Characters of a version or of an event's bound. */
	version: 1024,
	/** Identifiers in each of `aliases`, `upstream`, `related`; kernel errata name several thousand. */
	identifiers: 20_000,
	/** Packages of one record; distribution errata list every binary package of every architecture. */
	affected: 50_000,
	/** Ranges of one package, and events of one range. */
	ranges: 10_000,
	/** Versions listed for one package. */
	versions: 200_000,
	/**
	 * Fixes of one package times its events and listed versions: a scan compares every fix with all of them. The largest
	 * known has 2835; ten million take some two seconds, which nothing can interrupt.
	 */
	comparisons: 10_000_000,
	/** Characters of a CVSS vector; a complete CVSS 4.0 vector has 190. */
	vector: 512,
	/** Vectors of one record or of one package; more are left out. */
	vectors: 16,
	/** Characters of a severity word. */
	word: 64,
	/** Characters of a summary; the rest is cut. */
	summary: 400,
	/** References kept of a record; the first ones are the feed's own pages and fixes. */
	references: 20,
} as const;
