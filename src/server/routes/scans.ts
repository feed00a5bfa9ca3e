import { Readable } from "node:stream";
import { Type } from "typebox";
import {
	Id,
	type LogLine,
	LogLine as LogLineSchema,
	Page,
	PageQuery,
	Problem,
	Scan,
	ScanQuery,
	ScanRequest,
	ScanRequested,
} from "#contract";
import { type App, principalOf } from "../app.ts";
import { notFound, ServerError } from "../errors.ts";
import { streamPlaces } from "../events/places.ts";
import type { Audit } from "../ports/audit.ts";
import type { ScanStore } from "../ports/scans.ts";

export interface ScanRoutesDeps {
	readonly scans: ScanStore;
	readonly audit: Audit;
	/** Ids of the scanners that there are. */
	readonly scannerIds: readonly string[];
}

const Params = Type.Object({ id: Id });
const problems = { 400: Problem, 401: Problem, 403: Problem, 404: Problem };
const tags = ["scans"];
/** Then a client comes back, with its last id, and is asked again who it is. */
const longestStreamMs = 300_000;
const read = { needs: { by: "user", scope: "read" } } as const;
const scan = { needs: { by: "user", scope: "scan" } } as const;

export function scanRoutes(app: App, deps: ScanRoutesDeps): void {
	const { scans, audit } = deps;
	app.post(
		"/api/v1/scans",
		{
			schema: {
				tags,
				operationId: "requestScans",
				summary: "Ask for scans of an artifact, tag, repository, space, registry, or what a query names",
				body: ScanRequest,
				response: { 202: ScanRequested, ...problems },
			},
			config: scan,
		},
		async (request, reply) => {
			const { target, force, scanner } = request.body;
			if (scanner !== undefined && !deps.scannerIds.includes(scanner))
				throw new ServerError(
					"invalid_request",
					`There is no scanner called "${scanner}".`,
					`There is ${deps.scannerIds.join(", ")}.`,
				);
			const principal = principalOf(request);
			const requested = await scans.request({
				target,
				reason: "manual",
				force: force ?? false,
				requestedBy: principal.userId,
				sight: request.sight,
				...(scanner === undefined ? {} : { scanner }),
			});
			const { queued, joined } = requested;
			const subject = subjectOf(target);
			await audit.record({ request, action: "scan.request", subject, outcome: "done", details: { queued, joined } });
			return reply.code(202).send(requested);
		},
	);

	app.get(
		"/api/v1/scans",
		{
			schema: {
				tags,
				operationId: "listScans",
				summary: "Scans, newest first; sorted by id, queued or finished",
				querystring: ScanQuery,
				response: { 200: Page(Scan), 400: Problem, 401: Problem },
			},
			config: read,
		},
		async (request) => {
			const page = await scans.list(request.query, request.sight);
			return { ...page, items: [...page.items] };
		},
	);

	app.get(
		"/api/v1/scans/:id",
		{
			schema: {
				tags,
				operationId: "getScan",
				summary: "One scan",
				params: Params,
				response: { 200: Scan, ...problems },
			},
			config: read,
		},
		async (request) => {
			const found = await scans.get(request.params.id, request.sight);
			if (!found) throw notFound("scan");
			return found;
		},
	);

	app.post(
		"/api/v1/scans/:id/stop",
		{
			schema: {
				tags,
				operationId: "stopScan",
				summary: "Stop a scan, and those that are read together with it (an index's)",
				params: Params,
				response: { 200: Type.Object({ stopped: Type.Integer({ minimum: 1 }) }), ...problems, 409: Problem },
			},
			config: scan,
		},
		async (request) => {
			const { id } = request.params;
			const stopped = await scans.stop(id, principalOf(request).username, request.sight);
			await audit.record({
				request,
				action: "scan.stop",
				subject: `scan/${id}`,
				outcome: "done",
				details: { stopped },
			});
			return { stopped };
		},
	);

	app.post(
		"/api/v1/scans/:id/retry",
		{
			schema: {
				tags,
				operationId: "retryScan",
				summary: "Scan again what this one, or its siblings in the index, did not bring to a result",
				params: Params,
				response: { 202: ScanRequested, ...problems, 409: Problem },
			},
			config: scan,
		},
		async (request, reply) => {
			const { id } = request.params;
			const requested = await scans.retry(id, principalOf(request).userId, request.sight);
			await audit.record({ request, action: "scan.retry", subject: `scan/${id}`, outcome: "done" });
			return reply.code(202).send(requested);
		},
	);
	logRoutes(app, deps);
}

function logRoutes(app: App, { scans }: ScanRoutesDeps): void {
	const hint = "Close one, or read the log itself (/api/v1/scans/ID/log) now and then.";
	const enter = streamPlaces({ perUser: 10, inAll: 1_000, hint });
	const LogQuery = Type.Object({
		limit: PageQuery.properties.limit,
		cursor: Type.Optional(Type.String({ pattern: "^[0-9]{1,9}$", description: "Lines after this one" })),
		format: Type.Optional(Type.Union([Type.Literal("json"), Type.Literal("text")], { default: "json" })),
	});
	app.get(
		"/api/v1/scans/:id/log",
		{
			schema: {
				tags,
				operationId: "getScanLog",
				summary: "A scan's log: a page of lines, or all of it as text to download",
				params: Params,
				querystring: LogQuery,
				response: {
					200: {
						description: "Lines",
						content: { "application/json": { schema: Page(LogLineSchema) }, "text/plain": { schema: Type.String() } },
					},
					...problems,
				},
			},
			config: read,
		},
		async (request, reply) => {
			const { id } = request.params;
			const { cursor, format, limit = 50 } = request.query;
			if (format !== "text") {
				const page = await scans.log(id, { after: Number(cursor ?? 0), limit }, request.sight);
				if (!page) throw notFound("scan");
				return reply.send({ ...page, items: [...page.items] });
			}
			const text = await wholeLog(id, scans, request.sight);
			return reply
				.type("text/plain; charset=utf-8")
				.header("content-disposition", `attachment; filename="scan-${id}.log"`)
				.send(text);
		},
	);

	app.get(
		"/api/v1/scans/:id/log/stream",
		{
			exposeHeadRoute: false,
			schema: {
				tags,
				operationId: "streamScanLog",
				summary: "A scan's log so far, then as it is written, until the scan ends (server-sent events)",
				description: "Each event `line` has a line; its id is the line's number. The event `end` is the last.",
				params: Params,
				response: {
					200: { description: "Events", content: { "text/event-stream": { schema: Type.String() } } },
					...problems,
					429: Problem,
				},
			},
			config: read,
		},
		async (request, reply) => {
			const { id } = request.params;
			const seen = request.headers["last-event-id"];
			const after = typeof seen === "string" && /^\d{1,9}$/.test(seen) ? Number(seen) : 0;
			const leave = enter(principalOf(request).userId);
			const gone = new AbortController();
			const end = (): void => {
				gone.abort();
				leave();
			};
			const lines = await scans.followLog(id, after, request.sight, gone.signal).catch((error: unknown) => {
				end();
				throw error;
			});
			if (!lines) {
				end();
				throw notFound("scan");
			}
			const longest = setTimeout(end, longestStreamMs);
			const frames = Readable.from(framesOf(lines, gone.signal), { objectMode: false });
			app.closing.addEventListener("abort", end);
			if (app.closing.aborted) end();
			frames.once("close", () => {
				app.closing.removeEventListener("abort", end);
				clearTimeout(longest);
				end();
			});
			request.raw.once("close", () => {
				if (!reply.raw.writableFinished) end();
			});
			return reply
				.headers({
					"content-type": "text/event-stream; charset=utf-8",
					"cache-control": "no-store, no-transform",
					"x-accel-buffering": "no",
				})
				.send(frames as never);
		},
	);
}

/** `end` tells a client not to come back; a stream that is cut off does not say it. */
async function* framesOf(lines: AsyncIterable<readonly LogLine[]>, signal: AbortSignal): AsyncGenerator<string> {
	yield ": the scan's log\n\n";
	for await (const some of lines)
		yield some.map((line) => `id: ${line.line}\nevent: line\ndata: ${JSON.stringify(line)}\n\n`).join("");
	if (!signal.aborted) yield "event: end\ndata: {}\n\n";
}

async function wholeLog(id: Id, scans: ScanStore, sight: Parameters<ScanStore["log"]>[2]): Promise<string> {
	let text = "";
	for (let after: number | null = 0; after !== null; ) {
		const page: Awaited<ReturnType<ScanStore["log"]>> = await scans.log(id, { after, limit: 1_000 }, sight);
		if (!page) throw notFound("scan");
		for (const { at, level, message } of page.items) text += `${at} ${level.padEnd(7)} ${message}\n`;
		after = page.next === null ? null : Number(page.next);
	}
	return text;
}

function subjectOf(target: ScanRequest["target"]): string {
	if ("query" in target) return "query";
	return Object.entries(target)
		.map(([kind, id]) => `${kind}/${id}`)
		.join("/");
}
