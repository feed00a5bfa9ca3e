/** What is kept about the syncs of registries, and about the notifications that ask for one. */
import type { Id, RegistryKind } from "#contract";

export interface SyncSettings {
	readonly registryId: Id;
	readonly name: string;
	readonly kind: RegistryKind;
	/** Where the catalog is closed: all that is looked at. */
	readonly repositories: readonly string[] | null;
	readonly scanOnPush: boolean;
	readonly intervalSeconds: number;
	readonly startedAt: Date | null;
	/** As `keep` left it; whatever JSON is there. */
	readonly cursor: unknown;
}

export interface SyncPatch {
	readonly state?: "idle" | "running" | "failed";
	readonly startedAt?: Date;
	readonly finishedAt?: Date;
	readonly done?: number;
	readonly total?: number | null;
	readonly error?: string | null;
	readonly cursor?: object;
}

/** Notifications of one repository, until they are settled. */
export interface Notice {
	/** Another with each notification. */
	readonly seenAs: string;
	/** Tags that were spoken of. */
	readonly tags: readonly string[];
}

export interface SyncStore {
	/** Null when there is no such registry. */
	settings(registryId: Id): Promise<SyncSettings | null>;
	/** Runs `work` unless another process does for this registry; then false. The signal: the lock was lost. */
	exclusively(registryId: Id, work: (lost: AbortSignal) => Promise<void>): Promise<boolean>;
	record(registryId: Id, patch: SyncPatch): Promise<void>;
	countTags(registryId: Id): Promise<number>;
	/** When the `place`th oldest question for a tag of this registry was asked; null when it has fewer tags. */
	nthOldestQuestion(registryId: Id, place: number): Promise<Date | null>;
	/** Registries whose interval is over; after failures a growing multiple of it. */
	due(at: Date): Promise<readonly Id[]>;

	/** The hash of the registry's notification token; null when there is no such registry or it has none. */
	webhookHash(registryId: Id): Promise<Buffer | null>;
	/** Keeps that these repositories shall be looked at, and which tags first. */
	notice(registryId: Id, repositories: ReadonlyMap<string, readonly string[]>, at: Date): Promise<void>;
	noticed(registryId: Id, repository: string): Promise<Notice | null>;
	/** It was looked at: forgets the notice unless more came since. */
	settle(registryId: Id, repository: string, seenAs: string): Promise<void>;
	/** Notices that wait for longer. */
	unsettled(before: Date, limit: number): Promise<readonly { readonly registryId: Id; readonly repository: string }[]>;
}
