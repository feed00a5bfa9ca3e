/** Brings images into a registry with the real skopeo, from an OCI layout written here. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { digestHex } from "#model";
import { type Blob, type Image, makeIndex } from "./images.ts";

const run = promisify(execFile);

/** An image, or the images of an index by architecture. */
type Content = Image | { readonly index: Readonly<Record<string, Image>> };

/** Copies to `host/repository:tag` and gives what the tag then points to. Certificates are not checked. */
export async function pushWithSkopeo(content: Content, target: string, options: readonly string[] = []): Promise<Blob> {
	const folder = await mkdtemp(join(tmpdir(), "plimsoll-layout-"));
	try {
		const root = await writeLayout(folder, content);
		const flags = ["--all", "--preserve-digests", "--dest-tls-verify=false", ...options];
		const copy = ["--insecure-policy", "copy", ...flags, `oci:${folder}:it`, `docker://${target}`];
		await run("skopeo", copy, { timeout: 60_000 });
		return root;
	} finally {
		await rm(folder, { recursive: true });
	}
}

async function writeLayout(folder: string, content: Content): Promise<Blob> {
	const images = "index" in content ? Object.values(content.index) : [content];
	const root = "index" in content ? makeIndex(content.index) : content.manifest;
	const blobs = join(folder, "blobs", "sha256");
	await mkdir(blobs, { recursive: true });
	for (const { descriptor, bytes } of [
		root,
		...images.flatMap((image) => [image.manifest, image.config, ...image.layers]),
	]) {
		await writeFile(join(blobs, digestHex(descriptor.digest)), bytes);
	}
	const annotations = { "org.opencontainers.image.ref.name": "it" };
	const index = { schemaVersion: 2, manifests: [{ ...root.descriptor, annotations }] };
	await writeFile(join(folder, "index.json"), JSON.stringify(index));
	await writeFile(join(folder, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
	return root;
}
