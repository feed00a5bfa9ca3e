/**
 * An OCI image layout in one tar, as skopeo and podman call `oci-archive`. Same content, same bytes: no times, no owners.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 */
import { randomUUID } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { EngineError } from "../errors.ts";
import { blobPath } from "../image/sources/layout-documents.ts";
import { ociIndex } from "../image-documents/media-types.ts";
import { type Artifact, jsonOf, type Stored, whole } from "./snapshot-artifact.ts";

export interface TaggedArtifact extends Artifact {
	readonly tag: string;
}

/** Writes the file whole or not at all; what was there before is replaced. Throws `target_unwritable`. */
export async function writeArchive(
	path: string,
	artifacts: readonly TaggedArtifact[],
	signal: AbortSignal,
	onBytes: (done: number) => void,
): Promise<void> {
	const temporary = join(dirname(path), `.${basename(path).slice(0, 100)}.${randomUUID()}`);
	let file: FileHandle | null = null;
	try {
		file = await open(temporary, "wx").catch(forPeople(path));
		await writeLayout(new TarFile(file, path), artifacts, signal, onBytes);
		await file.sync().catch(forPeople(path));
		await file.close();
		await rename(temporary, path).catch(forPeople(path));
	} catch (error) {
		await file?.close().catch(() => undefined);
		await rm(temporary, { force: true });
		throw error;
	}
}

async function writeLayout(
	tar: TarFile,
	artifacts: readonly TaggedArtifact[],
	signal: AbortSignal,
	onBytes: (done: number) => void,
): Promise<void> {
	const add = (path: string, content: Stored) => tar.add(path, content, signal, onBytes);
	await add("oci-layout", whole("", jsonOf({ imageLayoutVersion: "1.0.0" })));
	const blobs = new Map<string, Stored>();
	for (const { manifest, blobs: named } of artifacts)
		for (const one of [manifest, ...named]) blobs.set(blobPath(one.descriptor.digest), one);
	for (const [path, blob] of blobs) await add(path, blob);
	const manifests = artifacts.map(({ manifest, tag }) => ({
		...manifest.descriptor,
		annotations: { "org.opencontainers.image.ref.name": tag },
	}));
	await add("index.json", whole("", jsonOf({ schemaVersion: 2, mediaType: ociIndex, manifests })));
	await tar.end();
}

const blockSize = 512;

/** POSIX ustar: regular files only. https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06 */
class TarFile {
	private readonly file: FileHandle;
	private readonly path: string;
	private written = 0;

	constructor(file: FileHandle, path: string) {
		this.file = file;
		this.path = path;
	}

	async add(path: string, content: Stored, signal: AbortSignal, onBytes: (done: number) => void) {
		const { size } = content.descriptor;
		await this.write(headerOf(path, size));
		let rest = size;
		for await (const chunk of content.open()) {
			signal.throwIfAborted();
			rest -= chunk.length;
			await this.write(chunk);
			onBytes(this.written);
		}
		if (rest !== 0) throw new Error(`${path} turned out to be ${size - rest} bytes long in place of ${size}`);
		await this.write(Buffer.alloc((blockSize - (size % blockSize)) % blockSize));
	}

	/** Two empty blocks end an archive. */
	end(): Promise<void> {
		return this.write(Buffer.alloc(2 * blockSize));
	}

	private async write(bytes: Uint8Array): Promise<void> {
		for (let at = 0; at < bytes.length; ) {
			const { bytesWritten } = await this.file.write(bytes, at).catch(forPeople(this.path));
			at += bytesWritten;
		}
		this.written += bytes.length;
	}
}

/** The longest path is that of a blob, and fits the 100 characters of `name`; the largest file the eleven octal digits. */
function headerOf(path: string, size: number): Buffer {
	const block = Buffer.alloc(blockSize);
	const put = (text: string, at: number) => block.write(text, at, "latin1");
	put(path, 0);
	put("0000644\0", 100);
	put("0000000\0", 108);
	put("0000000\0", 116);
	put(`${size.toString(8).padStart(11, "0")}\0`, 124);
	put("00000000000\0", 136);
	// The checksum counts its own field as spaces.
	put("        ", 148);
	put("0", 156);
	put("ustar\x0000", 257);
	const sum = block.reduce((total, byte) => total + byte, 0);
	put(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
	return block;
}

function forPeople(path: string): (cause: unknown) => never {
	return (cause) => {
		throw new EngineError(
			"target_unwritable",
			`${path} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}.`,
			"Choose a file in a folder that exists and is writable, on a disk that has room.",
			cause,
		);
	};
}
