/**
 * Inventories in the layer cache. An entry is keyed by the blob's digest, which is verified while streaming: an image's
 * own claim (diffID) never chooses one. What cannot be read back is as if it were not there.
 */
import { createHash } from "node:crypto";
import type { Digest } from "#model";
import type { Cataloger } from "../catalogers/types.ts";
import type { LayerCache } from "../ports.ts";
import type { LayerInventory } from "./layer-inventory.ts";

/** Raised when the form of a kept inventory changes, or the rules by which links are followed. */
const inventoryFormat = 4;

export interface KeptDeps {
	readonly catalogers: readonly Cataloger[];
	readonly cache: LayerCache | null;
}

/** The layer's inventory as the same catalogers wrote it before; null when there is none. */
export async function keptInventory(digest: Digest, { cache, catalogers }: KeptDeps): Promise<LayerInventory | null> {
	const text = await cache?.get(keyOf(digest, catalogers));
	if (!text) return null;
	try {
		const value: unknown = JSON.parse(text);
		return isInventory(value) ? value : null;
	} catch {
		return null;
	}
}

/** Keeps the inventory of a layer that was read to its end and verified. */
export async function keepInventory(
	digest: Digest,
	inventory: LayerInventory,
	{ cache, catalogers }: KeptDeps,
): Promise<void> {
	await cache?.put(keyOf(digest, catalogers), JSON.stringify(inventory));
}

/** The outline only: entries are our own, under a key that holds their format; this finds files damaged since. */
function isInventory(value: unknown): value is LayerInventory {
	if (typeof value !== "object" || value === null) return false;
	const { complete, files, whiteouts, opaqueDirs, symlinks, warnings } = value as Partial<
		Record<keyof LayerInventory, unknown>
	>;
	return complete === true && [files, whiteouts, opaqueDirs, symlinks, warnings].every(Array.isArray);
}

function keyOf(digest: Digest, catalogers: readonly Cataloger[]): string {
	const versions = catalogers.map(({ id, version }) => `${id}@${version}`).sort();
	return createHash("sha256")
		.update([inventoryFormat, digest, ...versions].join("\n"))
		.digest("hex");
}
