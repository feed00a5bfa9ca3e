/**
 * A snapshot as an OCI artifact: what is stored, ready to be written anywhere. The same snapshot gives the same bytes, so
 * the blob is compressed once to know its digest and again when it is sent, and lies on no disk in between.
 */
import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { pipeline, Readable } from "node:stream";
import { constants, createZstdCompress } from "node:zlib";
import type { Descriptor, Digest } from "#model";
import { inDatabase, readMeta } from "../advisories/database/reader.ts";
import { schemaVersion } from "../advisories/database/schema.ts";
import { withCurrentSnapshot } from "../advisories/database/snapshots.ts";
import { EngineError } from "../errors.ts";
import { readRange } from "../image/sources/file-range.ts";
import { digestOf } from "../image-documents/digest-of.ts";
import { ociManifest } from "../image-documents/media-types.ts";
import { annotationsOf, artifactType, type SnapshotFacts, snapshotLayer } from "./artifact.ts";
import type { FoundDatabase } from "./database-sources.ts";
import { mostDatabaseBytes } from "./limits.ts";
import { signatureAnnotation, simpleSigningLayer, simpleSigningPayload } from "./signature.ts";
import type { SigningKey } from "./signing-keys.ts";

/** A blob or a manifest with its bytes. */
export interface Stored {
	readonly descriptor: Descriptor;
	/** The bytes from the start; may be asked for again. */
	open(): AsyncIterable<Uint8Array>;
}

/** What makes up one artifact. */
export interface Artifact {
	readonly manifest: Stored;
	/** What the manifest names. */
	readonly blobs: readonly Stored[];
}

export interface SnapshotArtifact extends Artifact {
	readonly facts: SnapshotFacts;
	close(): Promise<void>;
}

/** Measured on a snapshot of 32 MB: level 3 gives 4.45 MB in 0.1 s, 6 4.01 in 0.2, 9 3.90 in 0.35, 12 3.84 in 0.8. */
const level = 6;

/**
 * Makes the artifact of the current snapshot in a folder. `onBytes` is told how much of it was read.
 * @throws EngineError advisories_missing, advisories_malformed, aborted
 */
export async function snapshotArtifact(
	{ folder, source }: FoundDatabase,
	signal: AbortSignal,
	onBytes: (done: number, total: number) => void,
): Promise<SnapshotArtifact> {
	const { digest, path, builtAt, kind, file } = await openCurrent(folder);
	try {
		const { size } = await file.stat();
		if (size > mostDatabaseBytes) throw damaged(path, `it is larger than ${mostDatabaseBytes} bytes`);
		const plain = createHash("sha256");
		const hash = createHash("sha256");
		let stored = 0;
		const onPlain = (chunk: Uint8Array, done: number): void => {
			signal.throwIfAborted();
			plain.update(chunk);
			onBytes(done, size);
		};
		for await (const chunk of compressed(file, size, onPlain)) {
			stored += chunk.length;
			hash.update(chunk);
		}
		if (`sha256:${plain.digest("hex")}` !== digest) throw damaged(path, "it is not what its name says");
		const facts: SnapshotFacts = { digest, size, builtAt, schema: schemaVersion, kind, source };
		const descriptor = { mediaType: snapshotLayer, digest: `sha256:${hash.digest("hex")}`, size: stored } as const;
		const layer: Stored = { descriptor, open: () => compressed(file, size, () => undefined) };
		return { ...artifactOf(layer, facts), facts, close: () => file.close() };
	} catch (error) {
		await file.close();
		throw error;
	}
}

/** An update may replace the snapshot before it is open; some repetitions are enough. */
const openAttempts = 5;

/** The file is kept open: an update at the same time removes it, but not what is open. */
async function openCurrent(folder: string) {
	for (let attempt = 1; ; attempt++) {
		const current = withCurrentSnapshot(folder, (one) => ({ ...one, ...inDatabase(one.path, readMeta) }));
		try {
			return { ...current, file: await open(current.path) };
		} catch (error) {
			if (attempt === openAttempts) throw damaged(current.path, "it cannot be opened", error);
		}
	}
}

/** The file's bytes as one zstd frame, which tells its size and carries a checksum. */
async function* compressed(
	file: FileHandle,
	size: number,
	onPlain: (chunk: Uint8Array, done: number) => void,
): AsyncGenerator<Uint8Array> {
	const params = { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 };
	const zstd = createZstdCompress({ params, pledgedSrcSize: size, chunkSize: 256 * 1024 });
	async function* plain(): AsyncGenerator<Uint8Array> {
		let done = 0;
		for await (const chunk of readRange(file, 0, size)) {
			done += chunk.length;
			onPlain(chunk, done);
			yield chunk;
		}
	}
	// What goes wrong on one side ends the other; the reader of the result is told.
	pipeline(Readable.from(plain()), zstd, () => undefined);
	try {
		yield* zstd;
	} finally {
		zstd.destroy();
	}
}

/** OCI 1.1's configuration of artifacts that have none. */
const emptyConfig = whole("application/vnd.oci.empty.v1+json", Buffer.from("{}"));

function artifactOf(layer: Stored, facts: SnapshotFacts): Artifact {
	const title = { "org.opencontainers.image.title": "advisories.sqlite.zst" };
	const manifest = manifestOf({
		artifactType,
		config: emptyConfig.descriptor,
		layers: [{ ...layer.descriptor, annotations: title }],
		annotations: annotationsOf(facts),
	});
	return { manifest, blobs: [emptyConfig, layer] };
}

/** A signature of a manifest in cosign's form. `kept` are layers of signatures that stand there already. */
export function signatureArtifact(
	digest: Digest,
	repository: string,
	key: SigningKey,
	kept: readonly Descriptor[] = [],
): Artifact {
	const payload = whole(simpleSigningLayer, simpleSigningPayload(repository, digest));
	const bytes = simpleSigningPayload(repository, digest);
	const signature = key.sign(bytes).toString("base64");
	const layers = [...kept, { ...payload.descriptor, annotations: { [signatureAnnotation]: signature } }];
	// An image's configuration, since cosign keeps signatures as the layers of an image.
	const config = whole(
		"application/vnd.oci.image.config.v1+json",
		jsonOf({
			architecture: "",
			created: "0001-01-01T00:00:00Z",
			history: layers.map(() => ({ created: "0001-01-01T00:00:00Z" })),
			os: "",
			rootfs: { type: "layers", diff_ids: layers.map((one) => one.digest) },
			config: {},
		}),
	);
	return { manifest: manifestOf({ config: config.descriptor, layers }), blobs: [config, payload] };
}

function manifestOf(content: object): Stored {
	return whole(ociManifest, jsonOf({ schemaVersion: 2, mediaType: ociManifest, ...content }));
}

/** Small content. */
export function whole(mediaType: string, bytes: Uint8Array): Stored {
	return {
		descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length },
		open: async function* () {
			yield bytes;
		},
	};
}

export function jsonOf(value: unknown): Buffer {
	return Buffer.from(JSON.stringify(value));
}

function damaged(path: string, why: string, cause?: unknown): EngineError {
	return new EngineError(
		"advisories_malformed",
		`The advisory database ${path} cannot be exported: ${why}.`,
		"Run `plimsoll db update` or `plimsoll db import` to have a sound one.",
		cause,
	);
}
