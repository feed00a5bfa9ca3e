import type { Finding } from "./finding.ts";
import type { InstalledPackage, OperatingSystem } from "./package.ts";
import type { Severity } from "./severity.ts";
import type { Warning } from "./warning.ts";

/**
 * `complete`: every package that was recognised was judged. `partial`: the warnings tell what was not looked at.
 * `failed`: there is no result.
 */
export type ReportStatus = "complete" | "partial" | "failed";

/** Numbers of findings. `fixable` of them have a fixed version; `suppressed` ones are in no other number. */
export type Summary = Readonly<Record<Severity, number>> & {
	readonly total: number;
	readonly fixable: number;
	readonly suppressed: number;
};

/** The report model (DESIGN §6), schemaVersion 1; its JSON Schema is docs/report.schema.json. */
export interface Report {
	readonly schemaVersion: "1";
	readonly kind: "image" | "index";
	/** RFC 3339. */
	readonly createdAt: string;
	readonly artifact: ReportArtifact;
	readonly scanner: { readonly name: string; readonly version: string };
	readonly advisories: ReportAdvisories | null;
	readonly status: ReportStatus;
	readonly warnings: readonly Warning[];
	/** Of an index: the sum over its children. */
	readonly summary: Summary;
	readonly findings: readonly Finding[];
	readonly packages?: readonly ReportPackage[];
	/** How many packages were found, whether they are listed or not. */
	readonly packageCount: number;
	/** How many of them were held against advisories; the warnings say why the others were not. */
	readonly judgedCount: number;
	/** Of an index: one report a child. */
	readonly manifests?: readonly Report[];
	/** Of an index: findings counted once however many children have them. */
	readonly unionSummary?: Summary;
	/** Set when not all findings are listed, here and in the children; the summaries still count them all. */
	readonly filter?: ReportFilter;
}

/** Which of the findings are listed. */
export interface ReportFilter {
	/** Null: all. */
	readonly severities: readonly Severity[] | null;
	/** Only findings that have a fixed version. */
	readonly fixableOnly: boolean;
	/** How many findings are not listed, those of the children included. */
	readonly hidden: number;
}

export interface ReportArtifact {
	/** The reference as it was asked for. */
	readonly name: string;
	readonly digest: string;
	readonly mediaType: string;
	/** `linux/amd64`; empty for an index or when the image does not tell. */
	readonly platform: string;
	readonly os: OperatingSystem | null;
	readonly layers: readonly ReportLayer[];
	/** The base image, where the image names it (org.opencontainers.image.base.*). */
	readonly base: { readonly name: string; readonly digest: string } | null;
}

export interface ReportLayer {
	readonly index: number;
	readonly digest: string;
	readonly diffId: string;
	readonly createdBy: string;
	/** Compressed bytes, as the manifest tells. */
	readonly size: number;
}

export interface ReportAdvisories {
	readonly digest: string;
	/** RFC 3339. */
	readonly builtAt: string;
	readonly sources: readonly AdvisorySource[];
	/** Whose rules made it: our own feeds, or a trivy-db that was imported. */
	readonly database?: "own" | "trivy-db";
}

/** One feed in an advisory database. */
export interface AdvisorySource {
	/** OSV's ecosystem: `Debian:12`, `npm`. */
	readonly ecosystem: string;
	readonly records: number;
	/** The youngest `modified` of its records, RFC 3339. */
	readonly newest: string;
}

export interface ReportPackage extends Omit<InstalledPackage, "layer"> {
	readonly purl: string;
	readonly layer: number;
}
