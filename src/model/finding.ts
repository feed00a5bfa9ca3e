import type { ExploitPrediction, KnownExploited } from "./advisory.ts";
import type { PackageType } from "./package.ts";
import type { Severity } from "./severity.ts";

/** What the advisory says can be done about a finding. `affected` means: no fixed version is known. */
export type FindingState = "fixed" | "affected" | "wont_fix" | "deferred" | "end_of_life" | "under_investigation";

export interface CvssScore {
	/** The record that the vector was read from. */
	readonly source: string;
	readonly version: "2.0" | "3.0" | "3.1" | "4.0";
	readonly vector: string;
	/** Base score, 0.0 to 10.0, computed from the vector. */
	readonly score: number;
}

/** A vulnerability in a package of an image (DESIGN §6). */
export interface Finding {
	/** The CVE where one exists, else the advisory's own identifier. */
	readonly id: string;
	/** Every other identifier of it, the advisory's included. */
	readonly aliases: readonly string[];
	readonly severity: Severity;
	/** The record that the severity came from; null when it is unknown. */
	readonly severitySource: string | null;
	readonly cvss: readonly CvssScore[];
	readonly title?: string;
	readonly description?: string;
	/** `CWE-79`. */
	readonly cwes?: readonly string[];
	/** RFC 3339; when the vulnerability was made known. */
	readonly published?: string;
	/** Set when it is known to be exploited (CISA KEV). */
	readonly kev?: KnownExploited;
	readonly epss?: ExploitPrediction;
	readonly package: FindingPackage;
	/** The lowest version above the installed one that the advisory calls fixed; null when there is none. */
	readonly fixedVersion: string | null;
	readonly state: FindingState;
	readonly origin: Origin;
	readonly references: readonly string[];
	/** Set when somebody said that it does not count; it is then in no summary and passes every gate. */
	readonly suppressed?: Suppression;
}

/** Who says that a finding does not count, and why. */
export interface Suppression {
	/** The statement's origin: the file as it was named, and its author where it tells. */
	readonly by: string;
	readonly reason: string;
	/** VEX status, or `accepted` for an ignore file. */
	readonly status: "not_affected" | "fixed" | "accepted";
	/** VEX justification, as OpenVEX spells it: `vulnerable_code_not_in_execute_path`. */
	readonly justification?: string;
	readonly owner?: string;
	/** `YYYY-MM-DD`: after that day the finding counts again. */
	readonly expires?: string;
}

export interface FindingPackage {
	readonly name: string;
	readonly version: string;
	readonly type: PackageType;
	readonly purl: string;
	readonly source?: { readonly name: string; readonly version: string };
}

/** Where a package came from. */
export interface Origin {
	readonly layer: LayerOrigin;
	/** `base` and `own` only when that is known; guessing is part of guidance, not of matching. */
	readonly kind: "base" | "own" | "unknown";
	/** Files that say that the package is installed. */
	readonly paths: readonly string[];
	/** Packages that brought this one in, nearest first. */
	readonly parents: readonly string[];
}

export interface LayerOrigin {
	readonly index: number;
	readonly digest: string;
	/** The instruction that made the layer, as the image's history tells it; empty when it does not. */
	readonly createdBy: string;
}
