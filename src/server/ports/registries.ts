import type {
	ConnectionCheck,
	Id,
	PageOf,
	Registry,
	RegistryHealth,
	RegistryInput,
	RegistryKind,
	RegistryPatch,
} from "#contract";
import type { RegistryAccess } from "./connector.ts";

export interface RegistryQuery {
	readonly limit?: number;
	readonly cursor?: string;
	readonly sort?: string;
	readonly total?: boolean;
	/** A part of the name or the URL. */
	readonly q?: string;
	readonly kind?: RegistryKind;
}

/** What is kept of integrated registries. Credentials are encrypted; only `access` gives them out. */
export interface RegistryStore {
	list(query: RegistryQuery): Promise<PageOf<Registry>>;
	get(id: Id): Promise<Registry | null>;
	/** `url` as `readRegistryUrl` gives it. @throws ServerError conflict: the name is taken */
	create(input: RegistryInput): Promise<Registry>;
	/** A folder of OCI layouts; the same name with the same folder is made once. */
	createLayout(name: string, folder: string): Promise<Registry>;
	/**
	 * What is left out stays. Kept credentials are dropped when the URL's scheme, host or port changes and no new ones are
	 * given; how it was before is no longer told of the health when the way to it changes. Null: there is no such registry.
	 */
	update(id: Id, patch: RegistryPatch): Promise<Registry | null>;
	/** With all that is known of it; false when there is none. */
	delete(id: Id): Promise<boolean>;
	/** With its secrets. @throws StoreError key_missing, database_damaged */
	access(id: Id): Promise<RegistryAccess | null>;
	/** SHA-256 of the token that its notifications carry; null takes it away. False: there is no such registry. */
	setWebhookHash(id: Id, hash: Buffer | null): Promise<boolean>;
	/**
	 * Keeps how a check went, and tells when the health changes: at once for the first one and for a person's (`decisive`),
	 * else only after some in a row that say so. Null: there is no such registry.
	 */
	recordHealth(id: Id, check: HealthFound, at: Date, decisive: boolean): Promise<RegistryHealth | null>;
	/** Registries whose next check is due, longest due first. */
	dueForCheck(at: Date, limit: number): Promise<readonly Id[]>;
}

export type HealthFound = Pick<ConnectionCheck, "ok" | "state" | "reason" | "hint">;
