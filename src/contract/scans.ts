import { type Static, Type } from "typebox";
import { Id, Nullable, PageQuery, Summary, Time } from "./basics.ts";
import { Progress } from "./catalog.ts";
import { ScanState } from "./states.ts";

/** What to scan; exactly one. A query is what the list of artifacts takes. */
export const ScanTarget = Type.Union([
	Type.Object({ artifact: Id }, { additionalProperties: false }),
	Type.Object({ repository: Id, tag: Type.String({ minLength: 1, maxLength: 128 }) }, { additionalProperties: false }),
	Type.Object({ repository: Id }, { additionalProperties: false }),
	Type.Object({ space: Id }, { additionalProperties: false }),
	Type.Object({ registry: Id }, { additionalProperties: false }),
	Type.Object(
		{
			query: Type.Object(
				{
					registry: Type.Optional(Id),
					space: Type.Optional(Id),
					state: Type.Optional(ScanState),
					q: Type.Optional(Type.String({ maxLength: 200 })),
					package: Type.Optional(Type.String({ maxLength: 255 })),
					vulnerability: Type.Optional(Type.String({ maxLength: 64 })),
				},
				{ additionalProperties: false },
			),
		},
		{ additionalProperties: false },
	),
]);
export type ScanTarget = Static<typeof ScanTarget>;

export const ScanRequest = Type.Object({
	target: ScanTarget,
	force: Type.Optional(
		Type.Boolean({ default: false, description: "Read the image again although its result is of today's advisories" }),
	),
	scanner: Type.Optional(Type.String({ pattern: "^[a-z][a-z0-9-]{0,30}$" })),
});
export type ScanRequest = Static<typeof ScanRequest>;

/** What became of a request. `joined` were queued or running already, `current` have a result of today's advisories. */
export const ScanRequested = Type.Object({
	queued: Type.Integer(),
	joined: Type.Integer(),
	current: Type.Integer(),
	unsupported: Type.Integer(),
	scanIds: Type.Array(Id, { description: "The first 1,000 of the queued and joined" }),
});
export type ScanRequested = Static<typeof ScanRequested>;

export const scanReasons = ["manual", "push", "schedule", "retry"] as const;
export const ScanReason = Type.Enum(scanReasons);
export type ScanReason = Static<typeof ScanReason>;

export const Scan = Type.Object({
	id: Id,
	artifactId: Id,
	registryId: Id,
	spaceId: Id,
	repositoryId: Id,
	repository: Type.String(),
	digest: Type.String(),
	platform: Nullable(Type.String()),
	scanner: Type.String(),
	state: ScanState,
	reason: ScanReason,
	requestedBy: Nullable(Type.String()),
	attempts: Type.Integer(),
	queuedAt: Time,
	startedAt: Nullable(Time),
	finishedAt: Nullable(Time),
	progress: Nullable(Progress),
	status: Nullable(Type.Union([Type.Literal("complete"), Type.Literal("partial")])),
	summary: Nullable(Summary),
	error: Nullable(Type.Object({ code: Type.String(), message: Type.String(), hint: Type.String() })),
});
export type Scan = Static<typeof Scan>;

export const ScanQuery = Type.Intersect([
	PageQuery,
	Type.Object({
		state: Type.Optional(ScanState),
		artifact: Type.Optional(Id),
		registry: Type.Optional(Id),
		space: Type.Optional(Id),
		repository: Type.Optional(Id),
		reason: Type.Optional(ScanReason),
	}),
]);
export type ScanQuery = Static<typeof ScanQuery>;

export const LogLine = Type.Object({
	line: Type.Integer({ minimum: 1 }),
	at: Time,
	level: Type.Union([Type.Literal("info"), Type.Literal("warning"), Type.Literal("error")]),
	message: Type.String(),
});
export type LogLine = Static<typeof LogLine>;
