/**
 * An advisory in OSV's words (ossf/osv-schema), cut down to what matching and guidance read.
 * https://ossf.github.io/osv-schema/
 */
export interface Advisory {
	readonly id: string;
	/** The same vulnerability under other names. */
	readonly aliases: readonly string[];
	/** Vulnerabilities that this record is about, in distribution feeds: a DSA names its CVEs here. */
	readonly upstream: readonly string[];
	/** Loosely related identifiers; some feeds (AlmaLinux) name their CVEs only here. */
	readonly related: readonly string[];
	readonly summary?: string;
	/** RFC 3339. */
	readonly modified: string;
	readonly published?: string;
	/** RFC 3339; a withdrawn record affects nothing. */
	readonly withdrawn?: string;
	readonly severity: readonly SeverityVector[];
	/** A severity word that the feed gives itself, where it gives one. */
	readonly severityWord?: string;
	readonly references: readonly string[];
}

/** A CVSS vector as the feed writes it. */
export interface SeverityVector {
	readonly type: "CVSS_V2" | "CVSS_V3" | "CVSS_V4";
	readonly vector: string;
}

/** One event of a range, in the order of the feed. Exactly one field is set. */
export interface RangeEvent {
	readonly introduced?: string;
	readonly fixed?: string;
	readonly lastAffected?: string;
	readonly limit?: string;
}

export interface AffectedRange {
	readonly type: "SEMVER" | "ECOSYSTEM";
	readonly events: readonly RangeEvent[];
}

/** What one advisory says of one package of one ecosystem. */
export interface Affected {
	/** As OSV spells it, release included: `Debian:12`, `npm`. */
	readonly ecosystem: string;
	readonly name: string;
	readonly ranges: readonly AffectedRange[];
	/** Versions listed one by one; a version is affected when it is listed or in a range. */
	readonly versions: readonly string[];
	/** Severity that holds for this package only. */
	readonly severity?: readonly SeverityVector[];
	/** The feed's own word for this package (a Debian urgency, say). */
	readonly severityWord?: string;
}
