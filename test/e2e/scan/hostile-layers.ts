/** Layers that an attacker would build. Made without their full size ever being in memory: gzip members are repeated. */
import { createHash, type Hash, randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { gzipSync } from "node:zlib";
import { file, tarEntries, tarHeader } from "#engine/testing";

/** Writes an OCI layout of one image whose only layer is the given gzip members one after the other (RFC 1952 §2.2). */
export async function writeLayout(folder: string, members: Iterable<Buffer>): Promise<void> {
	const blobs = join(folder, "blobs", "sha256");
	await mkdir(blobs, { recursive: true });
	const part = join(blobs, "part");
	const { digest, size } = await writeMembers(part, members);
	await rename(part, join(blobs, digest));
	const config = await writeBlob(blobs, {
		os: "linux",
		architecture: "amd64",
		rootfs: { type: "layers", diff_ids: [`sha256:${"0".repeat(64)}`] },
		history: [{ created_by: "COPY hostile /" }],
	});
	const layer = { mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: `sha256:${digest}`, size };
	const mediaType = "application/vnd.oci.image.manifest.v1+json";
	const manifest = await writeBlob(blobs, {
		schemaVersion: 2,
		mediaType,
		config: { mediaType: "application/vnd.oci.image.config.v1+json", ...config },
		layers: [layer],
	});
	await writeFile(join(folder, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
	await writeFile(
		join(folder, "index.json"),
		JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType, ...manifest }] }),
	);
}

/** A file of 20 GB of zeros in 20 MB. */
export function* gzipBomb(): Generator<Buffer> {
	const zeros = gzipSync(Buffer.alloc(100 * 1024 * 1024));
	yield gzipSync(tarHeader({ path: "zeros", size: 200 * 100 * 1024 * 1024 }));
	for (let i = 0; i < 200; i += 1) yield zeros;
}

/** Ten million files with names that do not compress well. */
export function* tenMillionEntries(): Generator<Buffer> {
	const names = Array.from({ length: 100_000 }, () => file(`d/${randomBytes(6).toString("base64url")}`, ""));
	const member = gzipSync(tarEntries(names), { level: 1 });
	for (let i = 0; i < 100; i += 1) yield member;
}

async function writeMembers(path: string, members: Iterable<Buffer>): Promise<{ digest: string; size: number }> {
	const out = createWriteStream(path);
	const hash: Hash = createHash("sha256");
	let size = 0;
	for (const member of members) {
		hash.update(member);
		size += member.length;
		if (!out.write(member)) await new Promise((resolve) => out.once("drain", resolve));
	}
	out.end();
	await finished(out);
	return { digest: hash.digest("hex"), size };
}

async function writeBlob(blobs: string, json: object): Promise<{ digest: string; size: number }> {
	const bytes = Buffer.from(JSON.stringify(json));
	const hex = createHash("sha256").update(bytes).digest("hex");
	await writeFile(join(blobs, hex), bytes);
	return { digest: `sha256:${hex}`, size: bytes.length };
}
