import { type Static, Type } from "typebox";
import { Id, Nullable, Time } from "./basics.ts";

/** `scan_new`: what has no result; `rescan`: all; `reevaluate`: judge what is known by the newest advisories, pulling nothing. */
export const ScheduleAction = Type.Union([
	Type.Literal("scan_new"),
	Type.Literal("rescan"),
	Type.Literal("reevaluate"),
]);
export type ScheduleAction = Static<typeof ScheduleAction>;

/** Empty means everything. Patterns take `*` and `**` (which crosses slashes). */
export const ScheduleScope = Type.Object(
	{
		registry: Type.Optional(Id),
		space: Type.Optional(Id),
		repositories: Type.Optional(Type.Array(Type.String({ maxLength: 255 }), { maxItems: 100 })),
		tags: Type.Optional(Type.Array(Type.String({ maxLength: 128 }), { maxItems: 100 })),
		pushedWithinDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 3650 })),
		pulledWithinDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 3650 })),
	},
	{ additionalProperties: false },
);
export type ScheduleScope = Static<typeof ScheduleScope>;

export const ScheduleInput = Type.Object({
	name: Type.String({ minLength: 1, maxLength: 100 }),
	cron: Type.String({ minLength: 9, maxLength: 100, description: "Five fields: minute hour day month weekday" }),
	timeZone: Type.Optional(Type.String({ maxLength: 64, default: "UTC", description: "IANA name: Asia/Shanghai" })),
	action: ScheduleAction,
	scope: Type.Optional(ScheduleScope),
	jitterSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400, default: 0 })),
	paused: Type.Optional(Type.Boolean({ default: false })),
});
export type ScheduleInput = Static<typeof ScheduleInput>;
export const SchedulePatch = Type.Partial(ScheduleInput);
export type SchedulePatch = Static<typeof SchedulePatch>;

export const Schedule = Type.Object({
	id: Id,
	name: Type.String(),
	cron: Type.String(),
	timeZone: Type.String(),
	action: ScheduleAction,
	scope: ScheduleScope,
	jitterSeconds: Type.Integer(),
	paused: Type.Boolean(),
	nextRunAt: Nullable(Time),
	lastRunAt: Nullable(Time),
	createdAt: Time,
});
export type Schedule = Static<typeof Schedule>;

export const ScheduleRun = Type.Object({
	id: Id,
	scheduleId: Id,
	trigger: Type.Union([Type.Literal("cron"), Type.Literal("manual")]),
	dueAt: Time,
	startedAt: Nullable(Time),
	finishedAt: Nullable(Time),
	state: Type.Union([
		Type.Literal("running"),
		Type.Literal("complete"),
		Type.Literal("failed"),
		Type.Literal("skipped"),
	]),
	scans: Type.Object({ queued: Type.Integer(), complete: Type.Integer(), failed: Type.Integer() }),
	error: Nullable(Type.String()),
});
export type ScheduleRun = Static<typeof ScheduleRun>;

export const ScheduleTiming = Type.Object({
	cron: Type.String({ minLength: 1, maxLength: 100 }),
	timeZone: Type.Optional(Type.String({ maxLength: 64, default: "UTC" })),
});
/** What a cron expression means. */
export const SchedulePreview = Type.Object({
	next: Type.Array(Time, { description: "The next five times, without jitter" }),
	words: Type.String({ description: "At 03:30 on Monday to Friday, Europe/Berlin time." }),
});
export type SchedulePreview = Static<typeof SchedulePreview>;
