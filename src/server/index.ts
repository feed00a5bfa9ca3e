export type { Gatekeeper, Identified, Principal, RouteNeeds } from "./access/principal.ts";
export { type App, type AppDeps, createApp } from "./app.ts";
export { ServerError, type ServerErrorCode, serverErrors } from "./errors.ts";
export type { Clock } from "./ports/clock.ts";
export type { Connector, ManifestFacts, RegistryAccess, Resolved } from "./ports/connector.ts";
export type { EventStore, NewEvent } from "./ports/events.ts";
export type { JobContext, JobQueue, SendOptions } from "./ports/queue.ts";
export type { KeptResult, ResultStore } from "./ports/results.ts";
export { mayAs, type Sight, sees, seesAll, seesNothing } from "./ports/sight.ts";
