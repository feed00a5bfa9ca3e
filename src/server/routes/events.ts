import { setTimeout as pause } from "node:timers/promises";
import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import { type EventType, eventTypes, Id, Page, PageQuery, Problem, ToldEvent } from "#contract";
import type { Gatekeeper } from "../access/principal.ts";
import { type App, principalOf } from "../app.ts";
import { ServerError } from "../errors.ts";
import { filterOf } from "../events/audience.ts";
import { toldEvent } from "../events/frames.ts";
import { streamPlaces } from "../events/places.ts";
import { type EventStream, openStream, type StreamTimes, usualStreamTimes } from "../events/stream.ts";
import type { EventStore } from "../ports/events.ts";

export interface EventRoutesDeps {
	readonly events: EventStore;
	readonly gatekeeper: Gatekeeper;
	readonly streams?: StreamSettings;
}

export interface StreamSettings {
	readonly times?: StreamTimes;
	/** Streams that one user may have open at this process; a browser's window takes one. */
	readonly perUser?: number;
	readonly inAll?: number;
	/** Who lost the right to listen is found out within this time. */
	readonly recheckMs?: number;
	/** How long the database may leave open whether a reader still may listen. */
	readonly unsureMs?: number;
}

const Filter = {
	types: Type.Optional(
		Type.String({ maxLength: 300, description: `Only these, with commas between: ${eventTypes.join(", ")}` }),
	),
	artifact: Type.Optional(Id),
	registry: Type.Optional(Id),
};
const Since = Type.Union([Id, Type.Literal("0")], { description: "Only what came after this event" });

export function eventRoutes(app: App, deps: EventRoutesDeps): void {
	const { events, gatekeeper, streams = {} } = deps;
	const { times = usualStreamTimes, perUser = 10, inAll = 1_000, recheckMs = 30_000, unsureMs = 60_000 } = streams;
	const hint = "Close one, or read /api/v1/events/history now and then.";
	const enter = streamPlaces({ perUser, inAll, hint });

	/** Ends a stream whose reader may no longer listen; returns what ends the watch. */
	function recheck(request: FastifyRequest, stream: EventStream): () => void {
		const user = principalOf(request).userId;
		let sure = Date.now();
		let asking = false;
		const ask = async (): Promise<void> => {
			if (asking) return;
			asking = true;
			try {
				const found = await gatekeeper.identify(request);
				if (found?.principal.userId !== user || !found.principal.scopes.has("read")) return stream.end();
				stream.see(found.sight);
				sure = Date.now();
			} catch (error) {
				if (error instanceof ServerError && error.status < 500) stream.end();
				else if (Date.now() - sure > unsureMs) stream.end();
			} finally {
				asking = false;
			}
		};
		const timer = setInterval(() => void ask(), recheckMs);
		return () => clearInterval(timer);
	}

	app.get(
		"/api/v1/events",
		{
			exposeHeadRoute: false,
			schema: {
				tags: ["events"],
				operationId: "streamEvents",
				summary: "What happens, as it happens (server-sent events)",
				description:
					"A stream without an end. It is taken up again behind `Last-Event-ID`, or `since`. Lines that begin with a colon come every 15 seconds.",
				querystring: Type.Object({ ...Filter, since: Type.Optional(Since) }),
				response: {
					200: {
						description: "Frames whose `data` is one event",
						content: { "text/event-stream": { schema: Type.String() } },
					},
					400: Problem,
					401: Problem,
					429: Problem,
				},
			},
			config: { needs: { by: "user", scope: "read" } },
		},
		async (request, reply) => {
			const filter = filterOf({ ...request.query, types: typesOf(request.query.types) });
			const since = sinceOf(request.headers["last-event-id"], request.query.since);
			const leave = enter(principalOf(request).userId);
			try {
				const from = await start(events, since, 10_000);
				const stream = openStream({ events, filter, from, sight: request.sight, times });
				const stop = recheck(request, stream);
				const end = (): void => stream.end();
				app.closing.addEventListener("abort", end);
				if (app.closing.aborted) end();
				stream.readable.once("close", () => {
					app.closing.removeEventListener("abort", end);
					stop();
					leave();
				});
				return await reply
					.headers({
						"content-type": "text/event-stream; charset=utf-8",
						"cache-control": "no-store, no-transform",
						// Proxies that know it pass each event on at once.
						"x-accel-buffering": "no",
					})
					.send(stream.readable as never);
			} catch (error) {
				leave();
				throw error;
			}
		},
	);

	app.get(
		"/api/v1/events/history",
		{
			// Kept events may be of an older Plimsoll: they are given as they are.
			serializerCompiler: () => (page: unknown) => JSON.stringify(page),
			schema: {
				tags: ["events"],
				operationId: "listEvents",
				summary: "What happened, newest first, as far as it is kept",
				querystring: Type.Object({
					...PageQuery.properties,
					...Filter,
					since: Type.Optional(Since),
					sort: Type.Optional(Type.Union([Type.Literal("id"), Type.Literal("-id")], { default: "-id" })),
				}),
				response: { 200: Page(ToldEvent), 400: Problem, 401: Problem },
			},
			config: { needs: { by: "user", scope: "read" } },
		},
		async (request) => {
			const { limit, cursor, total, since, sort } = request.query;
			const filter = filterOf({ ...request.query, types: typesOf(request.query.types) });
			const page = await events.history(
				filter,
				{
					limit: limit ?? 50,
					oldestFirst: sort === "id",
					total: total ?? false,
					...(cursor === undefined ? {} : { cursor }),
					...(since === undefined ? {} : { since }),
				},
				request.sight,
			);
			return { ...page, items: page.items.map(toldEvent) };
		},
	);
}

/**
 * Where a stream begins: behind what the client has, or now. An id that was never given is of another database. Only
 * after events are heard here: what comes between reading the kept ones and hearing new ones would be lost.
 */
async function start(events: EventStore, since: Id | null, patienceMs: number): Promise<Id> {
	const stop = events.subscribe(() => {});
	const patience = new AbortController();
	try {
		const late = pause(patienceMs, null, { signal: patience.signal });
		late.catch(() => {});
		const now = await Promise.race([events.listening(), late]);
		if (now === null)
			throw new ServerError(
				"unavailable",
				"Events cannot be heard: the database does not answer.",
				"Try again in a while.",
			);
		return since !== null && BigInt(since) <= BigInt(await events.newest()) ? since : now;
	} finally {
		patience.abort();
		stop();
	}
}

function typesOf(text: string | undefined): readonly EventType[] | undefined {
	if (text === undefined) return undefined;
	const named = text.split(",").map((one) => one.trim());
	const wrong = named.find((one) => !eventTypes.some((type) => type === one));
	if (wrong !== undefined)
		throw new ServerError(
			"invalid_request",
			`There is no type of event called ${JSON.stringify(wrong.slice(0, 40))}.`,
			`There are ${eventTypes.join(", ")}.`,
		);
	return eventTypes.filter((type) => named.includes(type));
}

/** The header goes first: a client that comes back sends it with the address that it began with. */
function sinceOf(header: string | string[] | undefined, query: Id | undefined): Id | null {
	const text = typeof header === "string" && header !== "" ? header : query;
	if (text === undefined) return null;
	if (/^(?:0|[1-9][0-9]{0,17})$/.test(text)) return text;
	throw new ServerError("invalid_request", "Last-Event-ID is no id of an event.", "Leave it out to begin now.");
}
