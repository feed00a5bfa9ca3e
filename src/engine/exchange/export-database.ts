/** Brings the current snapshot out: into one file, or into a registry. */
import type { Descriptor, Digest } from "#model";
import { EngineError } from "../errors.ts";
import {
	isTag,
	type PushTarget,
	parseReference,
	pushTarget,
	type Reference,
	type SourceDeps,
} from "../registry/index.ts";
import { writeArchive } from "./archive-writer.ts";
import { parseArtifactManifest, type SnapshotFacts } from "./artifact.ts";
import { type ArtifactStore, registryStore } from "./artifact-store.ts";
import { type DatabaseChoice, findDatabase } from "./database-sources.ts";
import { signatureAnnotation, signatureTag, simpleSigningFault } from "./signature.ts";
import { readSigningKey, type SigningKey } from "./signing-keys.ts";
import { type Artifact, type SnapshotArtifact, signatureArtifact, snapshotArtifact } from "./snapshot-artifact.ts";

export interface ExportRequest {
	/** `oci-archive:FILE[:tag]`, or a registry reference. */
	readonly to: string;
	/** The folder of the advisory database. */
	readonly dir: string;
	readonly choice: DatabaseChoice;
	/** PEM file of the private key to sign with. */
	readonly signFile: string | null;
	readonly registry: (reference: Reference) => SourceDeps;
	readonly signal: AbortSignal;
	readonly onProgress: (event: ExportProgress) => void;
}

/** Bytes of the snapshot that were compressed, then bytes of the artifact that were written or sent. */
export interface ExportProgress {
	readonly type: "packing" | "writing";
	readonly done: number;
	readonly total: number;
}

export interface ExportResult {
	/** Of the manifest: what an import is pinned to. */
	readonly digest: Digest;
	/** Bytes of the compressed snapshot. */
	readonly size: number;
	readonly snapshot: SnapshotFacts;
	readonly isSigned: boolean;
}

/**
 * @throws EngineError advisories_missing, advisories_malformed, key_unusable, target_unwritable, reference_malformed, the
 * registry_* codes, credentials_unusable, aborted
 */
export async function exportDatabase(request: ExportRequest): Promise<ExportResult> {
	const { dir, choice, signFile, signal, onProgress } = request;
	try {
		const target = targetOf(request.to);
		const key = signFile === null ? null : await readSigningKey(signFile);
		const database = findDatabase(dir, choice);
		const artifact = await snapshotArtifact(database, signal, (done, total) =>
			onProgress({ type: "packing", done, total }),
		);
		try {
			await write(artifact, target, key, request);
			const { digest } = artifact.manifest.descriptor;
			return { digest, size: sizeOf(artifact), snapshot: artifact.facts, isSigned: key !== null };
		} finally {
			await artifact.close();
		}
	} catch (error) {
		if (!signal.aborted) throw error;
		throw new EngineError("aborted", "The export was stopped.", "Start it again.", error);
	}
}

type Target =
	| { readonly kind: "archive"; readonly path: string; readonly tag: string }
	| { readonly kind: "registry"; readonly reference: Reference };

const defaultTag = "latest";

function targetOf(text: string): Target {
	const [, rest] = /^oci-archive:(.+)$/s.exec(text) ?? [];
	if (rest !== undefined) {
		const [, path = rest, tag = defaultTag] = /^(.+):([^:/]+)$/s.exec(rest) ?? [];
		if (!isTag(tag)) throw malformed(text, `"${tag}" is no tag`);
		return { kind: "archive", path, tag };
	}
	if (/^(\.{0,2}\/|~|oci-layout:)|\.tar$/.test(text)) throw malformed(text, "a file is written as oci-archive:FILE");
	const reference = parseReference(text);
	if (reference.digest !== undefined) throw malformed(text, "the digest comes from the content; give a tag");
	return { kind: "registry", reference };
}

async function write(
	artifact: SnapshotArtifact,
	target: Target,
	key: SigningKey | null,
	request: ExportRequest,
): Promise<void> {
	const { digest } = artifact.manifest.descriptor;
	const total = sizeOf(artifact);
	const onBytes = (done: number) => request.onProgress({ type: "writing", done: Math.min(done, total), total });
	if (target.kind === "archive") {
		const signed = key ? [{ ...signatureArtifact(digest, "", key), tag: signatureTag(digest) }] : [];
		return writeArchive(target.path, [{ ...artifact, tag: target.tag }, ...signed], request.signal, onBytes);
	}
	const { reference } = target;
	const deps = request.registry(reference);
	const to = pushTarget(reference, deps);
	await push(to, artifact, reference.tag ?? defaultTag, request.signal, onBytes);
	if (!key) return;
	const tag = signatureTag(digest);
	const there = registryStore({ ...reference, tag }, { ...deps, mirrors: [] });
	const kept = await otherSignatures(there, digest, key, request.signal);
	if (kept === null) return;
	const signature = signatureArtifact(digest, `${reference.registry}/${reference.repository}`, key, kept);
	await push(to, signature, tag, request.signal);
}

/** Blobs first: a registry takes no manifest whose blobs it has not. */
async function push(
	to: PushTarget,
	{ manifest, blobs }: Artifact,
	tag: string,
	signal: AbortSignal,
	onBytes: (done: number) => void = () => undefined,
): Promise<void> {
	let before = 0;
	for (const blob of blobs) {
		const { descriptor } = blob;
		await to.blob({ ...descriptor, open: () => blob.open() }, signal, (done) => onBytes(before + done));
		before += descriptor.size;
	}
	const chunks: Uint8Array[] = [];
	for await (const chunk of manifest.open()) chunks.push(chunk);
	await to.manifest(tag, manifest.descriptor.mediaType, Buffer.concat(chunks), signal);
}

/** What others signed already, which stays; null when this key has signed it before. */
async function otherSignatures(
	there: ArtifactStore,
	digest: Digest,
	{ verification }: SigningKey,
	signal: AbortSignal,
): Promise<readonly Descriptor[] | null> {
	const layers = await signaturesAt(there, signal);
	for (const layer of layers) {
		const { bytes } = await there.document(layer, signal);
		const signature = layer.annotations?.[signatureAnnotation] ?? "";
		if (simpleSigningFault(bytes, signature, digest, verification) === null) return null;
	}
	return layers;
}

async function signaturesAt(there: ArtifactStore, signal: AbortSignal): Promise<readonly Descriptor[]> {
	try {
		return parseArtifactManifest((await there.root(signal)).bytes)?.layers ?? [];
	} catch (error) {
		if (error instanceof EngineError && error.code === "registry_not_found") return [];
		throw error;
	}
}

function sizeOf({ blobs }: Artifact): number {
	return blobs.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
}

function malformed(text: string, why: string): EngineError {
	return new EngineError(
		"reference_malformed",
		`${JSON.stringify(text)} is no place to export to: ${why}.`,
		"Give oci-archive:FILE[:tag] or registry/repository[:tag].",
	);
}
