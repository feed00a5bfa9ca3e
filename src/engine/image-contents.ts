import { formatPlatform, type ReportArtifact, type Warning } from "#model";
import { catalogers } from "./ecosystems.ts";
import type { LayerInventory } from "./inventory/layer-inventory.ts";
import { type Inventory, mergeLayers } from "./inventory/merge.ts";
import type { OpenedImage } from "./open-image.ts";

/** All that was read of one image, before any advisory is asked. JSON, so that it can be kept and judged again later. */
export interface ImageContents {
	readonly artifact: Omit<ReportArtifact, "os">;
	readonly inventory: Inventory;
	/** What is to be said of the artifact besides. */
	readonly warnings: readonly Warning[];
	/** Not one entry of any layer could be read: there is nothing to report on. */
	readonly unreadable: boolean;
}

/** What layers add up to: of an image, or of a root filesystem (`image` null) as if it were one layer; bottom first. */
export function contentsOf(name: string, image: OpenedImage | null, layers: readonly LayerInventory[]): ImageContents {
	return {
		artifact: {
			name,
			digest: image?.manifest.digest ?? "",
			mediaType: image?.manifest.mediaType ?? "",
			platform: image?.platform ? formatPlatform(image.platform) : "",
			layers: image?.reportLayers ?? [],
			base: baseOf(image),
		},
		inventory: mergeLayers(layers, catalogers),
		warnings: wrongDiffIds(image, layers),
		unreadable: layers.length > 0 && layers.every((layer) => !layer.complete && layer.entries === 0),
	};
}

function wrongDiffIds(image: OpenedImage | null, inventories: readonly LayerInventory[]): Warning[] {
	return (image?.layers ?? []).flatMap(({ diffId }, layer): Warning[] => {
		const actual = inventories[layer];
		if (!actual?.diffId || actual.diffId === diffId) return [];
		const message = `Layer ${layer} unpacks to ${actual.diffId}, but the image's configuration says ${diffId}; container runtimes refuse such an image.`;
		return [{ code: "diff_id_mismatch", message, layer }];
	});
}

function baseOf(image: OpenedImage | null): ReportArtifact["base"] {
	const name = image?.manifest.annotations["org.opencontainers.image.base.name"];
	const digest = image?.manifest.annotations["org.opencontainers.image.base.digest"];
	return name || digest ? { name: name ?? "", digest: digest ?? "" } : null;
}
