/** What registries hold: spaces, repositories, artifacts, tags. */
import { type Static, Type } from "typebox";
import { Digest, Id, Nullable, PageQuery, Severity, Summary, Time } from "./basics.ts";
import { ScanState } from "./states.ts";

export const Space = Type.Object({
	id: Id,
	registryId: Id,
	registryName: Type.String(),
	name: Type.String({ description: "The part before the first slash; `library` for names without one" }),
	public: Type.Boolean({ description: "Every signed-in user may read it" }),
	repositories: Type.Integer(),
	artifacts: Type.Integer(),
	summary: Summary,
});
export type Space = Static<typeof Space>;
export const SpacePatch = Type.Object({ public: Type.Boolean() });

export const SpaceQuery = Type.Intersect([
	PageQuery,
	Type.Object({
		registry: Type.Optional(Id),
		workspace: Type.Optional(Id),
		q: Type.Optional(Type.String({ maxLength: 200 })),
	}),
]);
export type SpaceQuery = Static<typeof SpaceQuery>;

/** How far a scan is. `percent` is of the bytes of layers that must be read; `place` counts from 1. */
export const Progress = Type.Object({
	percent: Nullable(Type.Number({ minimum: 0, maximum: 100 })),
	bytesDone: Type.Integer(),
	bytesTotal: Nullable(Type.Integer()),
	place: Nullable(Type.Integer({ description: "Place in the queue; null when it is not queued" })),
	estimateSeconds: Nullable(Type.Integer({ description: "Until it is done, as far as can be told" })),
});
export type Progress = Static<typeof Progress>;

/** The last good result; it stays while a newer scan is queued, runs or fails. */
export const ShownResult = Type.Object({
	scanId: Id,
	scanner: Type.String(),
	status: Type.Union([Type.Literal("complete"), Type.Literal("partial")]),
	summary: Summary,
	scannedAt: Time,
	evaluatedAt: Nullable(Time),
	advisoriesDigest: Nullable(Type.String()),
});
export type ShownResult = Static<typeof ShownResult>;

export const Artifact = Type.Object({
	id: Id,
	registryId: Id,
	spaceId: Id,
	repositoryId: Id,
	repository: Type.String(),
	digest: Digest,
	mediaType: Type.String(),
	kind: Type.Union([Type.Literal("image"), Type.Literal("index"), Type.Literal("other")]),
	platform: Nullable(Type.String({ description: "`linux/amd64`; null when it is not known or an index" })),
	size: Nullable(Type.Integer({ description: "Compressed bytes of all layers" })),
	tags: Type.Array(Type.String()),
	pushedAt: Nullable(Time),
	pulledAt: Nullable(Time),
	seenAt: Time,
	state: ScanState,
	/** Why it is not supported, or why the last scan failed. */
	reason: Nullable(Type.String()),
	activeScanId: Nullable(Id),
	lastScanId: Nullable(Id),
	progress: Nullable(Progress),
	result: Nullable(ShownResult),
	/** Of an index: findings counted once however many children have them. */
	union: Nullable(Summary),
});
export type Artifact = Static<typeof Artifact>;

export const ArtifactLayer = Type.Object({
	index: Type.Integer(),
	digest: Digest,
	diffId: Nullable(Type.String()),
	size: Type.Integer(),
	createdBy: Type.String(),
});

/** With what only the page of one artifact shows. */
export const ArtifactDetails = Type.Intersect([
	Artifact,
	Type.Object({
		layers: Type.Array(ArtifactLayer),
		children: Type.Array(Artifact),
		parents: Type.Array(Type.Object({ id: Id, digest: Digest })),
		os: Nullable(
			Type.Object({
				id: Type.String(),
				versionId: Type.String(),
				prettyName: Nullable(Type.String()),
				eol: Nullable(Type.String()),
			}),
		),
		warnings: Type.Array(Type.Object({ code: Type.String(), message: Type.String() })),
		packageCount: Nullable(Type.Integer()),
		judgedCount: Nullable(Type.Integer()),
	}),
]);
export type ArtifactDetails = Static<typeof ArtifactDetails>;

/** Lists leave out children of indexes unless `children=true`. */
export const ArtifactQuery = Type.Intersect([
	PageQuery,
	Type.Object({
		registry: Type.Optional(Id),
		space: Type.Optional(Id),
		repository: Type.Optional(Id),
		workspace: Type.Optional(Id),
		state: Type.Optional(ScanState),
		severity: Type.Optional(Type.Union([Severity, Type.Null()], { description: "At least one finding of it" })),
		vulnerability: Type.Optional(Type.String({ maxLength: 64 })),
		package: Type.Optional(Type.String({ maxLength: 255, description: "Name of a package that it has" })),
		digest: Type.Optional(Digest),
		tag: Type.Optional(Type.String({ maxLength: 128 })),
		q: Type.Optional(Type.String({ maxLength: 200, description: "In the repository's name or a tag" })),
		children: Type.Optional(Type.Boolean({ default: false })),
	}),
]);
export type ArtifactQuery = Static<typeof ArtifactQuery>;

/** A repository with what its newest artifact shows. */
export const Repository = Type.Object({
	id: Id,
	registryId: Id,
	spaceId: Id,
	name: Type.String(),
	artifacts: Type.Integer(),
	tags: Type.Integer(),
	pushedAt: Nullable(Time),
	newest: Nullable(
		Type.Object({ artifactId: Id, tag: Nullable(Type.String()), state: ScanState, result: Nullable(ShownResult) }),
	),
});
export type Repository = Static<typeof Repository>;

export const RepositoryQuery = Type.Intersect([
	PageQuery,
	Type.Object({
		registry: Type.Optional(Id),
		space: Type.Optional(Id),
		workspace: Type.Optional(Id),
		state: Type.Optional(ScanState),
		q: Type.Optional(Type.String({ maxLength: 200 })),
	}),
]);
export type RepositoryQuery = Static<typeof RepositoryQuery>;
