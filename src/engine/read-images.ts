import type { Descriptor, Digest } from "#model";
import { catalogers } from "./ecosystems.ts";
import type { ImageSource } from "./image/types.ts";
import { contentsOf, type ImageContents } from "./image-contents.ts";
import { unreadLayer } from "./inventory/layer-inventory.ts";
import { readLayers } from "./inventory/read-layers.ts";
import type { OpenedImage } from "./open-image.ts";
import type { ReadDeps } from "./ports.ts";

/** Reads images of one source together: a layer that several of them share is pulled once. */
export async function readImages(
	source: ImageSource,
	images: readonly OpenedImage[],
	deps: ReadDeps,
): Promise<ImageContents[]> {
	const layers = images.flatMap((image) =>
		image.layers.filter((layer) => layer.problem === null).map((layer) => layer.descriptor),
	);
	const distinct = new Map<Digest, Descriptor>(layers.map((layer) => [layer.digest, layer]));
	const total = [...distinct.values()].reduce((sum, layer) => sum + layer.size, 0);
	const { onEvent } = deps;
	onEvent({ type: "resolved", name: source.name, images: images.length, layers: distinct.size, bytes: total });
	let done = 0;
	const inventories = await readLayers(source, layers, {
		catalogers,
		cache: deps.cache,
		signal: deps.signal,
		onLayer: (digest, state) => onEvent({ type: "layer", digest, state }),
		onBytes: (count) => {
			done += count;
			onEvent({ type: "bytes", done, total });
		},
	});
	return images.map((image) =>
		contentsOf(
			source.name,
			image,
			image.layers.flatMap(
				({ descriptor, problem }) => (problem ? unreadLayer(problem) : inventories.get(descriptor.digest)) ?? [],
			),
		),
	);
}
