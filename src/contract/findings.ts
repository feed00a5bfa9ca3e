/** Findings, packages and vulnerabilities, across all images. */
import { type Static, Type } from "typebox";
import { Id, Nullable, PageQuery, Severity, Time } from "./basics.ts";

export const ListedFinding = Type.Object({
	id: Type.String({ description: "The CVE where one exists" }),
	aliases: Type.Array(Type.String()),
	severity: Severity,
	severitySource: Nullable(Type.String()),
	title: Nullable(Type.String()),
	kev: Type.Boolean({ description: "Known to be exploited (CISA KEV)" }),
	epss: Nullable(Type.Number({ minimum: 0, maximum: 1 })),
	package: Type.Object({ name: Type.String(), version: Type.String(), type: Type.String(), purl: Type.String() }),
	fixedVersion: Nullable(Type.String()),
	state: Type.String(),
	layer: Nullable(Type.Object({ index: Type.Integer(), digest: Type.String(), createdBy: Type.String() })),
	paths: Type.Array(Type.String()),
	parents: Type.Array(Type.String()),
	/** Of an index: the children that have it. */
	platforms: Type.Array(Type.String()),
	cvss: Type.Array(Type.Object({ type: Type.String(), vector: Type.String(), score: Type.Number() })),
	references: Type.Array(Type.String()),
	firstSeenAt: Nullable(Time),
});
export type ListedFinding = Static<typeof ListedFinding>;

export const FindingQuery = Type.Intersect([
	PageQuery,
	Type.Object({
		severity: Type.Optional(Severity),
		fixable: Type.Optional(Type.Boolean()),
		kev: Type.Optional(Type.Boolean()),
		package: Type.Optional(Type.String({ maxLength: 255 })),
		q: Type.Optional(Type.String({ maxLength: 200 })),
	}),
]);
export type FindingQuery = Static<typeof FindingQuery>;

export const ListedPackage = Type.Object({
	name: Type.String(),
	version: Type.String(),
	type: Type.String(),
	purl: Type.String(),
	layer: Nullable(Type.Integer()),
	paths: Type.Array(Type.String()),
	parents: Type.Array(Type.String()),
	findings: Type.Integer(),
	worst: Nullable(Severity),
});
export type ListedPackage = Static<typeof ListedPackage>;

/** A vulnerability and how far it reaches among the images that the asker may see. */
export const ListedVulnerability = Type.Object({
	id: Type.String(),
	severity: Severity,
	title: Nullable(Type.String()),
	kev: Type.Boolean(),
	epss: Nullable(Type.Number()),
	published: Nullable(Type.String()),
	fixable: Type.Boolean(),
	artifacts: Type.Integer({ description: "Images that have it; indexes are not counted, their children are" }),
	packages: Type.Integer({ description: "Package versions that have it" }),
	firstSeenAt: Nullable(Time),
});
export type ListedVulnerability = Static<typeof ListedVulnerability>;

export const VulnerabilityDetails = Type.Intersect([
	ListedVulnerability,
	Type.Object({
		aliases: Type.Array(Type.String()),
		description: Nullable(Type.String()),
		cwes: Type.Array(Type.String()),
		references: Type.Array(Type.String()),
		affected: Type.Array(
			Type.Object({
				name: Type.String(),
				version: Type.String(),
				type: Type.String(),
				purl: Type.String(),
				fixedVersion: Nullable(Type.String()),
				state: Type.String(),
				artifacts: Type.Integer(),
			}),
		),
	}),
]);
export type VulnerabilityDetails = Static<typeof VulnerabilityDetails>;

export const VulnerabilityQuery = Type.Intersect([
	PageQuery,
	Type.Object({
		severity: Type.Optional(Severity),
		kev: Type.Optional(Type.Boolean()),
		fixable: Type.Optional(Type.Boolean()),
		workspace: Type.Optional(Id),
		registry: Type.Optional(Id),
		q: Type.Optional(Type.String({ maxLength: 200 })),
	}),
]);
export type VulnerabilityQuery = Static<typeof VulnerabilityQuery>;

export const PackageQuery = Type.Intersect([
	PageQuery,
	Type.Object({
		type: Type.Optional(Type.String({ maxLength: 40 })),
		q: Type.Optional(Type.String({ maxLength: 255 })),
	}),
]);
export type PackageQuery = Static<typeof PackageQuery>;

/** A package version and the number of images that hold it. */
export const KnownPackage = Type.Object({
	name: Type.String(),
	version: Type.String(),
	type: Type.String(),
	purl: Type.String(),
	artifacts: Type.Integer(),
	findings: Type.Integer(),
	worst: Nullable(Severity),
});
export type KnownPackage = Static<typeof KnownPackage>;
