/** Who did what, kept for administrators to read. */
import type { FastifyRequest } from "fastify";
import type { AuditEntry, Id, PageOf } from "#contract";

export interface AuditRecord {
	/** Whose address, principal and way in are kept; null: Plimsoll itself did it. */
	readonly request: FastifyRequest | null;
	/** Topic and verb: `registry.create`, `scan.stop`. */
	readonly action: string;
	/** What it was done to: `registry/12`. */
	readonly subject: string;
	readonly outcome: AuditEntry["outcome"];
	/** Never a secret: names of changed fields rather than their values. */
	readonly details?: Readonly<Record<string, unknown>>;
	/** Who it was, where the request has no principal yet: signing in. */
	readonly actor?: { readonly userId: Id; readonly username: string };
}

/** What routes and workers write to. */
export interface Audit {
	record(entry: AuditRecord): Promise<void>;
}

export type NewAuditEntry = Omit<AuditEntry, "id" | "at"> & { readonly userId: Id | null };

export interface AuditQuery {
	readonly actor?: string | undefined;
	/** Actions that begin with it: `registry.` */
	readonly action?: string | undefined;
	readonly subject?: string | undefined;
	readonly since?: string | undefined;
	readonly until?: string | undefined;
	readonly limit?: number;
	readonly cursor?: string;
	readonly total?: boolean;
}

/** Where entries are kept. */
export interface AuditStore {
	append(entry: NewAuditEntry): Promise<void>;
	/** Newest first. */
	list(query: AuditQuery): Promise<PageOf<AuditEntry>>;
}
