import type { FindingState } from "./finding.ts";
import type { Severity } from "./severity.ts";

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
	/** What the feed says can be done, where it knows no fix for this package. */
	readonly state?: FindingState;
	/** Instead of ranges: what the feed writes in its package manager's own words. */
	readonly constraints?: VersionConstraints;
	/** Where the entry holds only for some packages of that name. */
	readonly only?: AffectedOnly;
	/** Whose rating counts first (`debian`, `redhat`, `ghsa`): a source of `Rating`. */
	readonly ratedBy?: string;
	/** The feed's own advisories on it, where `Advisory.id` is a CVE: `DSA-5000-1`, `RHSA-2024:1234`. */
	readonly vendorIds?: readonly string[];
}

/**
 * A version is affected when it satisfies one of `vulnerable` (all versions when that is empty and one of the others is
 * not) and none of `patched` and `unaffected`. Each text is a constraint of the package manager: `>= 1.2, < 1.4`, `~> 2.3`.
 */
export interface VersionConstraints {
	readonly vulnerable: readonly string[];
	readonly patched: readonly string[];
	readonly unaffected: readonly string[];
}

/** Every field that is given must hold. */
export interface AffectedOnly {
	/** Architectures as the package manager spells them; packages for all (`noarch`, `all`) count always. */
	readonly arches?: readonly string[];
	/** rpm module and stream, `nodejs:18`; packages of no module, or of another, are none of it. */
	readonly module?: string;
	/** Red Hat: CPEs of the products; see `AdvisoryStore.products`. */
	readonly products?: readonly string[];
}

/** What somebody says of how bad a vulnerability is. */
export interface Rating {
	/** Who: `nvd`, `redhat`, `ghsa`, `debian`. */
	readonly source: string;
	readonly severity?: Severity;
	readonly vectors: readonly SeverityVector[];
}

/** What is known of a vulnerability itself, whatever package has it. */
export interface Vulnerability {
	/** The CVE, or whatever name the advisories use. */
	readonly id: string;
	readonly title?: string;
	/** Plain text, at most some thousand characters. */
	readonly description?: string;
	/** RFC 3339. */
	readonly published?: string;
	/** RFC 3339. */
	readonly modified?: string;
	/** `CWE-79`. */
	readonly cwes: readonly string[];
	readonly references: readonly string[];
	/** One a source, ordered by source. */
	readonly ratings: readonly Rating[];
	readonly kev?: KnownExploited;
	readonly epss?: ExploitPrediction;
}

/** An entry of CISA's catalogue of known exploited vulnerabilities. */
export interface KnownExploited {
	/** `YYYY-MM-DD`. */
	readonly added: string;
	/** `YYYY-MM-DD`: until when US agencies must have acted. */
	readonly due?: string;
	readonly ransomware: boolean;
}

/** FIRST's Exploit Prediction Scoring System. */
export interface ExploitPrediction {
	/** Probability of exploitation in the next 30 days, 0 to 1. */
	readonly score: number;
	/** Share of all scored vulnerabilities that have this score or less, 0 to 1. */
	readonly percentile: number;
	/** `YYYY-MM-DD`. */
	readonly date: string;
}
