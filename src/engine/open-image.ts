import {
	type Descriptor,
	type Digest,
	type ImageManifest,
	type Platform,
	type ReportLayer,
	shortDigest,
	type Warning,
} from "#model";
import { EngineError } from "./errors.ts";
import type { ImageSource } from "./image/types.ts";
import { parseConfig } from "./image-documents/config.ts";
import { isLayerMediaType } from "./image-documents/media-types.ts";

/** An image whose manifest and configuration are read, but none of its layers. */
export interface OpenedImage {
	readonly manifest: ImageManifest;
	readonly platform: Platform | null;
	/** As its configuration says; absent when it does not. */
	readonly created?: string;
	/** All layers, bottom first, also those that cannot be read: a layer's index is its place in the manifest. */
	readonly layers: readonly OpenedLayer[];
	/** As the report shows them; indexes agree with `layers`. */
	readonly reportLayers: readonly ReportLayer[];
}

export interface OpenedLayer {
	readonly descriptor: Descriptor;
	readonly diffId: Digest;
	/** Why the layer is not even tried; null for one that can be read. */
	readonly problem: Warning | null;
}

/** Reads an image's configuration and lines it up with its layers. */
export async function openImage(
	source: ImageSource,
	manifest: ImageManifest,
	signal: AbortSignal,
	platform?: Platform,
): Promise<OpenedImage> {
	const { bytes } = await source.document(manifest.config, signal);
	const config = parseConfig(bytes);
	if (config.diffIds.length !== manifest.layers.length) {
		throw new EngineError(
			"image_malformed",
			`${source.name}: the manifest ${shortDigest(manifest.digest)} lists ${manifest.layers.length} layers, its configuration ${config.diffIds.length}.`,
			"Build and push the image again; no container runtime can unpack it as it is.",
		);
	}
	const instructions = createdBy(config.history, manifest.layers.length);
	const layers = config.diffIds.flatMap((diffId, index): OpenedLayer[] => {
		const descriptor = manifest.layers[index];
		if (!descriptor) return [];
		return [{ descriptor, diffId, problem: isLayerMediaType(descriptor.mediaType) ? null : unsupported(descriptor) }];
	});
	return {
		manifest,
		platform: config.platform ?? platform ?? null,
		...(config.created !== undefined && { created: config.created }),
		layers,
		reportLayers: layers.map(({ descriptor, diffId }, index) => ({
			index,
			digest: descriptor.digest,
			diffId,
			createdBy: instructions[index] ?? "",
			size: descriptor.size,
		})),
	};
}

function unsupported({ digest, mediaType }: Descriptor): Warning {
	const message = `The layer ${shortDigest(digest)} is of a type that cannot be read (${mediaType}), so its content was not looked at.`;
	return { code: "layer_type_unsupported", message };
}

/** Instructions line up with layers only when the history has as many entries that are not empty (trivy.md §1.3). */
function createdBy(history: readonly { createdBy: string; emptyLayer: boolean }[], layers: number): readonly string[] {
	const filled = history.filter((entry) => !entry.emptyLayer);
	return filled.length === layers ? filled.map((entry) => readable(entry.createdBy)) : [];
}

/** `/bin/sh -c #(nop) ADD …` → `ADD …`; `/bin/sh -c apt-get …` → `RUN apt-get …`; BuildKit's comment ending is dropped. */
function readable(instruction: string): string {
	const shell = "/bin/sh -c ";
	const text = instruction.replace(/\s*# buildkit$/, "").trim();
	if (!text.startsWith(shell)) return text;
	const rest = text.slice(shell.length).trimStart();
	return rest.startsWith("#(nop)") ? rest.slice("#(nop)".length).trim() : `RUN ${rest}`;
}
