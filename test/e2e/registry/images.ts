/** Small real images: gzipped tars, a configuration, a manifest. */
import { createHash, randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import type { Descriptor, Digest } from "#model";

export interface Blob {
	readonly descriptor: Descriptor;
	readonly bytes: Buffer;
}

export interface Image {
	readonly manifest: Blob;
	readonly config: Blob;
	readonly layers: readonly Blob[];
}

/** One layer a size, each with a file of so many random bytes. */
export async function makeImage(sizes: readonly number[], architecture = "amd64"): Promise<Image> {
	const tars = await Promise.all(sizes.map((size, at) => tarOf(`data-${at}`, randomBytes(size))));
	const layers = tars.map((tar) => blob("application/vnd.oci.image.layer.v1.tar+gzip", gzipSync(tar)));
	const rootfs = { type: "layers", diff_ids: tars.map(digestOf) };
	const history = sizes.map((size) => ({ created_by: `COPY ${size} bytes` }));
	const config = json("application/vnd.oci.image.config.v1+json", { architecture, os: "linux", rootfs, history });
	const parts = { config: config.descriptor, layers: layers.map(({ descriptor }) => descriptor) };
	const manifest = json("application/vnd.oci.image.manifest.v1+json", { schemaVersion: 2, ...parts });
	return { manifest, config, layers };
}

/** An index of images by architecture. */
export function makeIndex(images: Readonly<Record<string, Image>>): Blob {
	const manifests = Object.entries(images).map(([architecture, { manifest }]) => ({
		...manifest.descriptor,
		platform: { os: "linux", architecture },
	}));
	return json("application/vnd.oci.image.index.v1+json", { schemaVersion: 2, manifests });
}

function json(mediaType: string, value: object): Blob {
	return blob(mediaType, Buffer.from(JSON.stringify("schemaVersion" in value ? { mediaType, ...value } : value)));
}

function blob(mediaType: string, bytes: Buffer): Blob {
	return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}

export function digestOf(bytes: Uint8Array): Digest {
	return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

async function tarOf(name: string, content: Buffer): Promise<Buffer> {
	const tar = pack();
	tar.entry({ name }, content);
	tar.finalize();
	const chunks: Buffer[] = [];
	for await (const chunk of tar) chunks.push(Buffer.from(chunk as Uint8Array));
	return Buffer.concat(chunks);
}
