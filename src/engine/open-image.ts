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
	/** The layers that can be read, bottom first. */
	readonly layers: readonly { readonly descriptor: Descriptor; readonly diffId: Digest | null }[];
	/** As the report shows them; indexes agree with `layers`. */
	readonly reportLayers: readonly ReportLayer[];
	readonly warnings: readonly Warning[];
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
	const all = manifest.layers.map((descriptor, index) => ({
		descriptor,
		diffId: config.diffIds[index] ?? null,
		createdBy: instructions[index] ?? "",
	}));
	const readable = all.filter(({ descriptor }) => isLayerMediaType(descriptor.mediaType));
	return {
		manifest,
		platform: config.platform ?? platform ?? null,
		layers: readable,
		reportLayers: readable.map(({ descriptor, diffId, createdBy: instruction }, index) => ({
			index,
			digest: descriptor.digest,
			diffId: diffId ?? "",
			createdBy: instruction,
			size: descriptor.size,
		})),
		warnings: all.filter((layer) => !readable.includes(layer)).map(({ descriptor }) => unsupported(descriptor)),
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
