import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import {
	Id,
	Page,
	PageQuery,
	Problem,
	Schedule,
	ScheduleInput,
	SchedulePatch,
	SchedulePreview,
	ScheduleRun,
	ScheduleTiming,
} from "#contract";
import { listed } from "../access/listed.ts";
import { type App, principalOf } from "../app.ts";
import { forbidden, notFound } from "../errors.ts";
import type { Audit } from "../ports/audit.ts";
import type { Clock } from "../ports/clock.ts";
import type { ScheduleStore } from "../ports/schedules.ts";
import { checkAction, nextRun, previewOf } from "../scheduler/next-run.ts";

export interface ScheduleRoutesDeps {
	readonly schedules: ScheduleStore;
	readonly audit: Audit;
	readonly clock: Clock;
}

const tags = ["schedules"];
const Params = Type.Object({ id: Id });
const refused = { 400: Problem, 401: Problem, 403: Problem };
const reading = { needs: { by: "user", scope: "read" } } as const;
const writing = { needs: { by: "platform-admin", scope: "admin" } } as const;

/** Schedules are of the whole platform: who does not see all of it sees none of them. */
function seesSchedules(request: FastifyRequest): void {
	if (!request.sight.all) throw forbidden("see schedules", "the role of platform administrator");
}

export function scheduleRoutes(app: App, { schedules, audit, clock }: ScheduleRoutesDeps): void {
	/** Not there, and not visible, are the same to whoever asks. */
	async function visible(request: FastifyRequest, id: Id): Promise<Schedule> {
		const found = request.sight.all ? await schedules.get(id) : null;
		if (!found) throw notFound("schedule");
		return found;
	}
	const record = (request: FastifyRequest, verb: string, id: Id, details: Record<string, unknown>) =>
		audit.record({ request, action: `schedule.${verb}`, subject: `schedule/${id}`, outcome: "done", details });

	app.get(
		"/api/v1/schedules",
		{
			schema: {
				tags,
				operationId: "listSchedules",
				summary: "All schedules, by `name`, `nextRunAt` or `createdAt`",
				querystring: PageQuery,
				response: { 200: Page(Schedule), ...refused },
			},
			config: reading,
		},
		async (request) => {
			seesSchedules(request);
			return listed(await schedules.list(request.query));
		},
	);

	app.post(
		"/api/v1/schedules",
		{
			schema: {
				tags,
				operationId: "createSchedule",
				summary: "Scan, or judge again, at times that a cron expression names",
				body: ScheduleInput,
				response: { 201: Schedule, ...refused, 409: Problem, 422: Problem },
			},
			config: writing,
		},
		async (request, reply) => {
			const { scope = {}, timeZone = "UTC", jitterSeconds = 0, paused = false, ...rest } = request.body;
			const input = { ...rest, scope, timeZone, jitterSeconds, paused, createdBy: principalOf(request).userId };
			checkAction(input.action, scope);
			// Also of one that is paused: it is to be resumed some day.
			const next = nextRun(clock());
			next({ ...input, id: "1" });
			const made = await schedules.create(input, next);
			await record(request, "create", made.id, { name: made.name, cron: made.cron, action: made.action });
			return reply.code(201).send(made);
		},
	);

	app.post(
		"/api/v1/schedules/preview",
		{
			schema: {
				tags,
				operationId: "previewSchedule",
				summary: "What a cron expression means, and its next times",
				body: ScheduleTiming,
				response: { 200: SchedulePreview, ...refused, 422: Problem },
			},
			config: reading,
		},
		async (request) => previewOf({ timeZone: "UTC", ...request.body }, clock()),
	);

	app.get(
		"/api/v1/schedules/:id",
		{
			schema: {
				tags,
				operationId: "getSchedule",
				summary: "One schedule",
				params: Params,
				response: { 200: Schedule, ...refused, 404: Problem },
			},
			config: reading,
		},
		(request) => visible(request, request.params.id),
	);

	app.patch(
		"/api/v1/schedules/:id",
		{
			schema: {
				tags,
				operationId: "updateSchedule",
				summary: "Change, pause (`paused: true`) or resume a schedule; what is left out stays",
				params: Params,
				body: SchedulePatch,
				response: { 200: Schedule, ...refused, 404: Problem, 409: Problem, 422: Problem },
			},
			config: writing,
		},
		async (request) => {
			const before = await visible(request, request.params.id);
			const { action = before.action, scope = before.scope } = request.body;
			checkAction(action, scope);
			const next = nextRun(clock());
			next({ ...before, ...request.body, id: before.id });
			const after = await schedules.update(before.id, request.body, next);
			if (!after) throw notFound("schedule");
			await record(request, "update", after.id, { fields: Object.keys(request.body) });
			return after;
		},
	);

	app.delete(
		"/api/v1/schedules/:id",
		{
			schema: {
				tags,
				operationId: "deleteSchedule",
				summary: "Delete a schedule with its history; its scans go on",
				params: Params,
				response: { 204: Type.Null(), ...refused, 404: Problem },
			},
			config: writing,
		},
		async (request, reply) => {
			const { id, name } = await visible(request, request.params.id);
			if (!(await schedules.remove(id))) throw notFound("schedule");
			await record(request, "delete", id, { name });
			return reply.code(204).send(null);
		},
	);

	app.post(
		"/api/v1/schedules/:id/run",
		{
			schema: {
				tags,
				operationId: "runSchedule",
				summary: "Run a schedule now, also a paused one",
				params: Params,
				response: { 202: ScheduleRun, ...refused, 404: Problem },
			},
			config: writing,
		},
		async (request, reply) => {
			const { id } = await visible(request, request.params.id);
			const run = await schedules.runNow(id, clock());
			if (!run) throw notFound("schedule");
			await record(request, "run", id, { run: run.id });
			return reply.code(202).send(run);
		},
	);

	app.get(
		"/api/v1/schedules/:id/runs",
		{
			schema: {
				tags,
				operationId: "listScheduleRuns",
				summary: "What a schedule did, newest first",
				params: Params,
				querystring: PageQuery,
				response: { 200: Page(ScheduleRun), ...refused, 404: Problem },
			},
			config: reading,
		},
		async (request) => {
			const { id } = await visible(request, request.params.id);
			return listed(await schedules.runs(id, request.query));
		},
	);
}
