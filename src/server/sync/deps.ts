import type { Id } from "#contract";
import type { CatalogWriter } from "../ports/catalog-writer.ts";
import type { Clock } from "../ports/clock.ts";
import type { Connector } from "../ports/connector.ts";
import type { EventStore } from "../ports/events.ts";
import type { SyncSettings, SyncStore } from "../ports/sync.ts";
import type { Turnstile } from "./turnstile.ts";

export interface SyncDeps {
	readonly sync: SyncStore;
	readonly writer: CatalogWriter;
	/** Throws what is wrong with the registry's settings. */
	readonly connectorFor: (registryId: Id) => Promise<Connector>;
	/** Asks for scans of what was pushed; asked again for the same it makes none twice. */
	readonly requestScans: (request: {
		readonly artifactIds: readonly Id[];
		readonly reason: "push";
	}) => Promise<unknown>;
	readonly events: Pick<EventStore, "publish">;
	readonly clock: Clock;
}

/** What looking at one repository takes. */
export interface Look {
	readonly deps: SyncDeps;
	readonly settings: SyncSettings;
	readonly connector: Connector;
	readonly signal: AbortSignal;
	/** All requests to the registry go through it. */
	readonly turn: Turnstile;
	/** The registry was never synced to the end: nothing in it is new. */
	readonly first: boolean;
}
