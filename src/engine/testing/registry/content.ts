import { createHash } from "node:crypto";
import type { Descriptor, Digest } from "#model";

/** Something stored: bytes under their digest, with the media type that they are served as. */
export interface Stored {
	readonly mediaType: string;
	readonly digest: Digest;
	readonly bytes: Buffer;
}

/** An image as it is pushed: its manifest, and the blobs that the manifest names. */
export interface TestImage {
	readonly manifest: Stored;
	readonly config: Stored;
	readonly layers: readonly Stored[];
}

const ociManifest = "application/vnd.oci.image.manifest.v1+json";
const ociIndex = "application/vnd.oci.image.index.v1+json";

export function stored(mediaType: string, content: Uint8Array | string | object): Stored {
	const bytes =
		content instanceof Uint8Array
			? Buffer.from(content)
			: Buffer.from(typeof content === "string" ? content : JSON.stringify(content));
	return { mediaType, digest: `sha256:${createHash("sha256").update(bytes).digest("hex")}`, bytes };
}

export function descriptorOf({ mediaType, digest, bytes }: Stored): Descriptor {
	return { mediaType, digest, size: bytes.length };
}

/** An OCI image of these layers. What the layers hold is the caller's: they need not be archives. */
export function testImage(layers: readonly (Uint8Array | string)[], architecture = "amd64"): TestImage {
	const blobs = layers.map((layer) => stored("application/vnd.oci.image.layer.v1.tar+gzip", layer));
	const config = stored("application/vnd.oci.image.config.v1+json", {
		os: "linux",
		architecture,
		rootfs: { type: "layers", diff_ids: blobs.map(({ digest }) => digest) },
		history: blobs.map((_, at) => ({ created_by: `COPY layer ${at}` })),
	});
	const manifest = stored(ociManifest, {
		schemaVersion: 2,
		mediaType: ociManifest,
		config: descriptorOf(config),
		layers: blobs.map(descriptorOf),
	});
	return { manifest, config, layers: blobs };
}

/** An OCI index of these images, by architecture. */
export function testIndex(images: Readonly<Record<string, TestImage>>): Stored {
	return stored(ociIndex, {
		schemaVersion: 2,
		mediaType: ociIndex,
		manifests: Object.entries(images).map(([architecture, { manifest }]) => ({
			...descriptorOf(manifest),
			platform: { os: "linux", architecture },
		})),
	});
}
