import { type Descriptor, type Digest, shortDigest, type Warning } from "#model";
import type { Cataloger } from "../catalogers/types.ts";
import { EngineError, type EngineErrorCode } from "../errors.ts";
import { type LayerRead, readLayer } from "../image/layer.ts";
import { defaultLimits, type Limits } from "../image/limits.ts";
import type { ImageSource } from "../image/types.ts";
import type { LayerCache } from "../ports.ts";
import { LayerCollector, type MissedLink } from "./collect.ts";
import { keepInventory, keptInventory } from "./kept-inventories.ts";
import { boundedWarnings, type LayerInventory, settleOwners, unreadLayer } from "./layer-inventory.ts";

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
 * Reads each distinct layer once, from the cache where it has been read before by the same catalogers. A layer that its
 * makers keep elsewhere (a foreign one) may be absent; the inventory then says so.
 */
export async function readLayers(
	source: ImageSource,
	descriptors: readonly Descriptor[],
	deps: ReadLayersDeps,
): Promise<ReadonlyMap<Digest, LayerInventory>> {
	const inventories = new Map<Digest, LayerInventory>();
	const missing: Descriptor[] = [];
	for (const descriptor of new Map(descriptors.map((d) => [d.digest, d])).values()) {
		const kept = await keptInventory(descriptor.digest, deps);
		if (kept) {
			inventories.set(descriptor.digest, kept);
			deps.onBytes(descriptor.size);
			deps.onLayer(descriptor.digest, "cached");
		} else missing.push(descriptor);
	}
	const isOwn = ({ mediaType }: Descriptor) => !isForeignMediaType(mediaType);
	const drafts = await readMissing(source, missing.filter(isOwn), deps);
	for (const descriptor of missing.filter((one) => !isOwn(one))) {
		const read = await readForeign(source, descriptor, deps);
		if (Array.isArray(read)) drafts.push(...read);
		else inventories.set(descriptor.digest, unreadLayer(read));
	}
	await readMissedLinks(source, drafts, deps);
	for (const { descriptor, collector, read, missed } of drafts) {
		const inventory = finish(collector, read, missed, deps.limits ?? defaultLimits);
		inventories.set(descriptor.digest, inventory);
		if (inventory.complete && read.digestVerified) await keepInventory(descriptor.digest, inventory, deps);
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
			const arrived = { bytes: 0 };
			const read = await readLayer(
				descriptor,
				counted(body, arrived, deps.onBytes),
				(entry) => collector.visit(entry),
				{
					limits: deps.limits ?? defaultLimits,
					signal: deps.signal,
					wantsLink: (path, mode) => collector.wantsLink(path, mode),
				},
			);
			drafts.push({ descriptor, collector, read, missed: collector.resolveLinks(read.links) });
			// A layer that was given up in the middle is done with, too.
			if (arrived.bytes < descriptor.size) deps.onBytes(descriptor.size - arrived.bytes);
			deps.onLayer(descriptor.digest, "done");
		},
		{ concurrency: layersAtOnce, signal: deps.signal },
	);
	return drafts;
}

/** What a foreign layer's media type has in it, OCI's and Docker's. */
function isForeignMediaType(mediaType: string): boolean {
	return /\.(?:nondistributable|foreign)\./i.test(mediaType);
}

/** Registries need not hold foreign layers (image-spec, layer.md "Non-Distributable Layers"); their own URLs are never followed. */
async function readForeign(
	source: ImageSource,
	descriptor: Descriptor,
	deps: ReadLayersDeps,
): Promise<Draft[] | Warning> {
	try {
		return await readMissing(source, [descriptor], deps);
	} catch (cause) {
		if (!(cause instanceof EngineError) || !absentCodes.has(cause.code)) throw cause;
		deps.onBytes(descriptor.size);
		deps.onLayer(descriptor.digest, "done");
		const message = `The layer ${shortDigest(descriptor.digest)} is a foreign one (${descriptor.mediaType}), which is not kept with the image, so its content was not looked at.`;
		return { code: "layer_type_unsupported", message };
	}
}

/** What registries, and layouts and archives, say of a blob that they do not have. */
const absentCodes: ReadonlySet<EngineErrorCode> = new Set<EngineErrorCode>(["registry_not_found", "image_malformed"]);

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
			draft.missed = draft.missed.filter(
				(link) => !draft.collector.has(link.path, link.cataloger) && !draft.collector.adopt(link),
			);
		},
		{ concurrency: layersAtOnce, signal: deps.signal },
	);
}

function finish(
	collector: LayerCollector,
	read: LayerRead,
	missed: readonly MissedLink[],
	limits: Limits,
): LayerInventory {
	const links = new Set(read.symlinks.map((link) => link.path));
	// A link of the same path came later in the archive and took the file's place.
	const collected = collector.files().filter((file) => !links.has(file.path));
	// Several catalogers may have wanted one link.
	const dangling = [...new Map(missed.map((link) => [link.path, link])).values()].map(
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
		warnings: [...read.warnings, ...boundedWarnings(collected, dangling, limits.warnings)],
		complete: read.complete,
	};
}

async function* counted(
	body: AsyncIterable<Uint8Array>,
	arrived: { bytes: number },
	onBytes: (count: number) => void,
): AsyncIterable<Uint8Array> {
	for await (const chunk of body) {
		arrived.bytes += chunk.byteLength;
		onBytes(chunk.byteLength);
		yield chunk;
	}
}
