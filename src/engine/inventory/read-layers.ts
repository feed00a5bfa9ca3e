import { createHash } from "node:crypto";
import type { Descriptor, Digest, Warning } from "#model";
import type { Cataloger } from "../catalogers/types.ts";
import { type LayerRead, readLayer } from "../image/layer.ts";
import { defaultLimits, type Limits } from "../image/limits.ts";
import type { ImageSource } from "../image/types.ts";
import type { LayerCache } from "../ports.ts";
import { LayerCollector, type MissedLink } from "./collect.ts";
import { type LayerInventory, settleOwners } from "./layer-inventory.ts";

/** Raised when the form of a kept inventory changes. */
const inventoryFormat = 1;

/** Layers pulled side by side; inflating runs in the libuv pool, so two keep two cores busy (deps.md §4). */
const layersAtOnce = 2;

export interface ReadLayersDeps {
	readonly catalogers: readonly Cataloger[];
	readonly cache: LayerCache | null;
	readonly limits?: Limits;
	readonly signal: AbortSignal;
	readonly onLayer: (digest: Digest, state: "started" | "done" | "cached") => void;
	/** Compressed bytes that arrived. */
	readonly onBytes: (count: number) => void;
}

/**
 * Reads each distinct layer once, from the cache where it has been read before by the same catalogers. The cache is
 * keyed by the blob's digest, which is verified while streaming: an image's own claim (diffID) never chooses an entry.
 */
export async function readLayers(
	source: ImageSource,
	descriptors: readonly Descriptor[],
	deps: ReadLayersDeps,
): Promise<ReadonlyMap<Digest, LayerInventory>> {
	const inventories = new Map<Digest, LayerInventory>();
	const missing: Descriptor[] = [];
	for (const descriptor of new Map(descriptors.map((d) => [d.digest, d])).values()) {
		const kept = await fromCache(descriptor.digest, deps);
		if (kept) {
			inventories.set(descriptor.digest, kept);
			deps.onBytes(descriptor.size);
			deps.onLayer(descriptor.digest, "cached");
		} else missing.push(descriptor);
	}
	const drafts = await readMissing(source, missing, deps);
	await readMissedLinks(source, drafts, deps);
	for (const { descriptor, collector, read, missed } of drafts) {
		const inventory = finish(collector, read, missed);
		inventories.set(descriptor.digest, inventory);
		if (inventory.complete && read.digestVerified) {
			await deps.cache?.put(cacheKey(descriptor.digest, deps.catalogers), JSON.stringify(inventory));
		}
	}
	return inventories;
}

interface Draft {
	readonly descriptor: Descriptor;
	readonly collector: LayerCollector;
	readonly read: LayerRead;
	missed: readonly MissedLink[];
}

async function readMissing(
	source: ImageSource,
	missing: readonly Descriptor[],
	deps: ReadLayersDeps,
): Promise<Draft[]> {
	const drafts: Draft[] = [];
	await source.blobs(
		missing,
		async (descriptor, body) => {
			deps.onLayer(descriptor.digest, "started");
			const collector = new LayerCollector(deps.catalogers);
			const read = await readLayer(descriptor, counted(body, deps.onBytes), (entry) => collector.visit(entry), {
				limits: deps.limits ?? defaultLimits,
				signal: deps.signal,
				wantsLink: (path, mode) => collector.wantsLink(path, mode),
			});
			drafts.push({ descriptor, collector, read, missed: collector.resolveLinks(read.links) });
			deps.onLayer(descriptor.digest, "done");
		},
		{ concurrency: layersAtOnce, signal: deps.signal },
	);
	return drafts;
}

/**
 * A hard link may be wanted under its own name while its target was not (pnpm links `package.json` to a store of
 * nameless files). The bytes have passed by then, so such a layer is streamed a second time, for these targets only.
 */
async function readMissedLinks(source: ImageSource, drafts: readonly Draft[], deps: ReadLayersDeps): Promise<void> {
	const again = new Map(drafts.filter((draft) => draft.missed.length > 0).map((d) => [d.descriptor.digest, d]));
	if (again.size === 0) return;
	await source.blobs(
		[...again.values()].map((draft) => draft.descriptor),
		async (descriptor, body) => {
			const draft = again.get(descriptor.digest);
			if (!draft) return;
			await readLayer(descriptor, body, draft.collector.visitTargets(draft.missed), {
				limits: deps.limits ?? defaultLimits,
				signal: deps.signal,
				wantsLink: () => false,
			});
			draft.missed = draft.collector.resolveLinks(
				draft.missed.filter((link) => !draft.collector.has(link.path, link.cataloger)),
			);
		},
		{ concurrency: layersAtOnce, signal: deps.signal },
	);
}

function finish(collector: LayerCollector, read: LayerRead, missed: readonly MissedLink[]): LayerInventory {
	const collected = collector.files();
	const dangling = missed.map(
		({ path, target }): Warning => ({
			code: "entry_malformed",
			message: `The hard link ${path} points to ${target}, which the layer does not hold.`,
			path,
		}),
	);
	return {
		diffId: read.diffId,
		bytes: read.bytes,
		entries: read.entries,
		files: settleOwners(collected),
		whiteouts: read.whiteouts,
		opaqueDirs: read.opaqueDirs,
		symlinks: read.symlinks,
		warnings: [...read.warnings, ...collected.flatMap((file) => file.result.warnings), ...dangling],
		complete: read.complete,
	};
}

async function fromCache(digest: Digest, deps: ReadLayersDeps): Promise<LayerInventory | null> {
	const kept = await deps.cache?.get(cacheKey(digest, deps.catalogers));
	if (!kept) return null;
	try {
		return JSON.parse(kept) as LayerInventory;
	} catch {
		return null;
	}
}

function cacheKey(digest: Digest, catalogers: readonly Cataloger[]): string {
	const versions = catalogers.map(({ id, version }) => `${id}@${version}`).sort();
	return createHash("sha256")
		.update([inventoryFormat, digest, ...versions].join("\n"))
		.digest("hex");
}

async function* counted(body: AsyncIterable<Uint8Array>, onBytes: (count: number) => void): AsyncIterable<Uint8Array> {
	for await (const chunk of body) {
		onBytes(chunk.byteLength);
		yield chunk;
	}
}
