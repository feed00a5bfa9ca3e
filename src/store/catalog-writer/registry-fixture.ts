/** A registry in memory behind the connector's port, and syncs of it: for tests. */
import { createHash } from "node:crypto";
import type pg from "pg";
import { EngineError } from "#engine";
import type { Digest } from "#model";
import { type Connector, type ManifestFacts, type SyncDeps, syncRegistry } from "#server";
import type { Db } from "../database.ts";
import { syncStore } from "./sync-store.ts";
import { catalogWriter } from "./writer.ts";

export const digestOf = (text: string): Digest => `sha256:${createHash("sha256").update(text).digest("hex")}`;

export function image(name: string, more: Partial<ManifestFacts> = {}): ManifestFacts {
	return {
		digest: digestOf(name),
		mediaType: "application/vnd.oci.image.manifest.v1+json",
		kind: "image",
		size: 1000,
		platform: "linux/amd64",
		createdAt: "2024-05-01T00:00:00Z",
		unsupported: null,
		layers: ["base", name].map((layer) => ({
			digest: digestOf(`layer ${layer}`),
			diffId: digestOf(`tar ${layer}`),
			size: 500,
			createdBy: `COPY ${layer} /`,
		})),
		children: [],
		...more,
	};
}

export function index(name: string, children: readonly ManifestFacts[], attestations = 0): ManifestFacts {
	const child = ({ digest, mediaType, platform }: ManifestFacts) => ({
		digest,
		mediaType,
		platform,
		attestation: false,
	});
	const attestation = (_: unknown, at: number) => ({
		digest: digestOf(`attestation ${name} ${at}`),
		mediaType: "application/vnd.oci.image.manifest.v1+json",
		platform: "unknown/unknown",
		attestation: true,
	});
	return {
		...image(name),
		kind: "index",
		mediaType: "application/vnd.oci.image.index.v1+json",
		size: null,
		platform: null,
		layers: [],
		children: [...children.map(child), ...Array.from({ length: attestations }, attestation)],
	};
}

export interface MemoryRegistry {
	readonly connector: Connector;
	/** What was asked: `tags NAME`, `resolve NAME REFERENCE`, `catalog FROM`. */
	readonly asked: string[];
	/** Set by tests: throws what the registry answers to a question. */
	fault: (question: string) => void;
	push(repository: string, tag: string | null, manifest: ManifestFacts, below?: readonly ManifestFacts[]): void;
	untag(repository: string, tag: string): void;
	remove(repository: string, digest?: Digest): void;
}

export function memoryRegistry(pageSize = 2): MemoryRegistry {
	const repositories = new Map<string, { tags: Map<string, Digest>; manifests: Map<Digest, ManifestFacts> }>();
	const asked: string[] = [];
	const ask = (question: string): void => {
		asked.push(question);
		registry.fault(question);
	};
	const after = (all: Iterable<string>, from: string): readonly string[] =>
		[...all].sort().filter((name) => name > from);
	const connector: Connector = {
		check: () => Promise.reject(new Error("not asked here")),
		source: () => {
			throw new Error("not asked here");
		},
		async *repositories(from) {
			for (let place: string | null = from ?? ""; place !== null; ) {
				ask(`catalog ${place}`);
				const rest = after(repositories.keys(), place);
				place = rest.length > pageSize ? (rest[pageSize - 1] ?? null) : null;
				yield { names: rest.slice(0, pageSize), next: place };
			}
		},
		async *tags(name) {
			let last = "";
			for (;;) {
				ask(`tags ${name} ${last}`.trim());
				if (!repositories.has(name)) throw new EngineError("registry_not_found", `There is no ${name}.`, "Check it.");
				const rest = after(repositories.get(name)?.tags.keys() ?? [], last);
				yield rest.slice(0, pageSize);
				if (rest.length <= pageSize) return;
				last = rest[pageSize - 1] ?? "";
			}
		},
		async resolve(name, reference, known) {
			ask(`resolve ${name} ${reference}`);
			const held = repositories.get(name);
			const digest = held?.tags.get(reference) ?? (reference as Digest);
			const manifest = held?.manifests.get(digest);
			if (!manifest) return null;
			return digest === known ? { unchanged: true, digest } : { unchanged: false, manifest };
		},
	};
	const registry: MemoryRegistry = {
		connector,
		asked,
		fault: () => {},
		push(name, tag, manifest, below = []) {
			const held = repositories.get(name) ?? { tags: new Map(), manifests: new Map() };
			repositories.set(name, held);
			for (const each of [...below, manifest]) held.manifests.set(each.digest, each);
			if (tag !== null) held.tags.set(tag, manifest.digest);
		},
		untag: (name, tag) => void repositories.get(name)?.tags.delete(tag),
		remove(name, digest) {
			if (digest === undefined) return void repositories.delete(name);
			const held = repositories.get(name);
			held?.manifests.delete(digest);
			for (const [tag, target] of held?.tags ?? []) if (target === digest) held?.tags.delete(tag);
		},
	};
	return registry;
}

export interface Syncing {
	readonly deps: SyncDeps;
	/** What was asked to be scanned. */
	readonly scans: string[][];
	readonly sync: (registryId: string, repository?: string) => Promise<void>;
}

export function syncing(db: Db, pool: pg.Pool, connector: Connector, clock: () => Date = () => new Date()): Syncing {
	const scans: string[][] = [];
	const deps: SyncDeps = {
		sync: syncStore({ db, pool }),
		writer: catalogWriter(db),
		connectorFor: async () => connector,
		requestScans: async ({ artifactIds }) => void scans.push([...artifactIds]),
		events: { publish: async () => {} },
		clock,
	};
	const { signal } = new AbortController();
	return {
		deps,
		scans,
		sync: (registryId, repository) =>
			syncRegistry({ registryId, ...(repository !== undefined && { repository }) }, { ...deps, signal }),
	};
}
