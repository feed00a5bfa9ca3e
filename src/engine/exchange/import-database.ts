/**
 * Brings an advisory database in from a file or a registry: what is it, is it the one that was meant, who vouches for it,
 * is it newer than what is here. Only then is it unpacked, checked, and made the current one of its source.
 */
import { open, stat } from "node:fs/promises";
import { type Descriptor, type Digest, digestAlgorithm } from "#model";
import { inDatabase, readTotals } from "../advisories/database/reader.ts";
import { currentSnapshot, digestOfFile } from "../advisories/database/snapshots.ts";
import { EngineError } from "../errors.ts";
import { readRange } from "../image/sources/file-range.ts";
import type { Document } from "../image/types.ts";
import { digestOf } from "../image-documents/digest-of.ts";
import { type AdvisoryArtifact, parseArtifact } from "./artifact.ts";
import type { ArtifactStore } from "./artifact-store.ts";
import { buildTrivyDb, type TrivyDbBuild } from "./build-trivy-db.ts";
import { type DatabaseSource, folderOf } from "./database-sources.ts";
import { explained } from "./disk-failure.ts";
import { type ImportSource, type ImportSourceDeps, openImportSource } from "./import-source.ts";
import { presentSnapshot, requireNewer } from "./present-database.ts";
import { requireSignature } from "./signed-artifact.ts";
import { readVerificationKey, type VerificationKey } from "./signing-keys.ts";
import { type Incoming, sourceOf, takeInSnapshot } from "./take-in-snapshot.ts";
import { unpackTrivyDb } from "./unpack-trivy-db.ts";

export interface ImportRequest {
	/** As people write it (import-source.ts). */
	readonly from: string;
	/** The folder of the advisory database; made when it is missing. */
	readonly dir: string;
	/** What the manifest, or a plain file, must hash to. */
	readonly digest: Digest | null;
	/** PEM file of the key that must have signed the manifest. */
	readonly keyFile: string | null;
	/** Takes an older database in place of a newer one. */
	readonly allowOlder: boolean;
	readonly registry: ImportSourceDeps["registry"];
	readonly clock: () => Date;
	readonly signal: AbortSignal;
	readonly onProgress: (event: ImportProgress) => void;
}

export type ImportProgress =
	/** What is taken in; `source` is where it goes. */
	| { readonly type: "started"; readonly source: DatabaseSource }
	/** Stored bytes that were read. */
	| { readonly type: "bytes"; readonly done: number; readonly total: number }
	/** Entries of a trivy-db that were read. */
	| { readonly type: "records"; readonly done: number }
	/** The whole content is checked once more. */
	| { readonly type: "checking" };

export interface ImportResult {
	readonly source: DatabaseSource;
	/** Of the snapshot. */
	readonly digest: Digest;
	/** Of what it came from: the manifest, or the file. */
	readonly from: Digest;
	readonly builtAt: string;
	readonly kind: "full" | "starter";
	/** Bytes of the snapshot; records in it, one an advisory or vulnerability. */
	readonly size: number;
	readonly records: number;
	/** Entries of a trivy-db that could not be read, and parts of it that are not known here. */
	readonly malformed: number;
	readonly unknown: readonly string[];
	readonly isSigned: boolean;
	/** It was here already. */
	readonly unchanged: boolean;
}

/**
 * @throws EngineError advisories_source_unusable, advisories_unsigned, advisories_downgrade, advisories_malformed,
 * advisories_busy, advisories_unwritable, digest_mismatch, blob_truncated, image_malformed, key_unusable, target_not_found,
 * reference_malformed, the registry_* codes, credentials_unusable, aborted; the database that was there then stays
 */
export async function importDatabase(request: ImportRequest): Promise<ImportResult> {
	try {
		const key = request.keyFile === null ? null : await readVerificationKey(request.keyFile);
		const source = await openImportSource(request.from, request);
		if (source.kind !== "artifact") return await importFile(source, key, request);
		try {
			return await importArtifact(source.store, key, request);
		} finally {
			await source.store.close();
		}
	} catch (error) {
		throw explained(error, request);
	}
}

async function importArtifact(
	store: ArtifactStore,
	key: VerificationKey | null,
	request: ImportRequest,
): Promise<ImportResult> {
	const { signal } = request;
	const root = await store.root(signal);
	const from = pinned(root, store.name, request.digest);
	if (key) await requireSignature(store, digestOf(root.bytes), key, signal);
	const artifact = parseArtifact(root.bytes, store.name);
	const about = { from, isSigned: key !== null };
	const read = (take: (body: AsyncIterable<Uint8Array>) => Promise<void>) =>
		store.blob(artifact.layer, (body) => take(counted(body, artifact.layer.size, request)), signal);
	if (artifact.kind === "trivy-db")
		return { ...(await importTrivy(unpacking(artifact.layer, read, request), request)), ...about };
	const present = unchangedBy(artifact, request);
	if (present) return { ...present, ...about };
	return { ...(await importSnapshot({ read, stored: artifact.layer, ...artifact }, request)), ...about };
}

async function importFile(
	source: Exclude<ImportSource, { kind: "artifact" }>,
	key: VerificationKey | null,
	request: ImportRequest,
): Promise<ImportResult> {
	const { file, kind } = source;
	if (key) throw cannotBeSigned(request.from);
	const [digest, { size }] = await Promise.all([digestOfFile(file), stat(file)]);
	if (request.digest !== null && request.digest !== digest) throw notTheOne(request.from, digest, request.digest);
	const about = { from: digest, isSigned: false };
	const stored: Descriptor = { mediaType: "", digest, size };
	const read = async (take: (body: AsyncIterable<Uint8Array>) => Promise<void>): Promise<void> => {
		const handle = await open(file);
		try {
			await take(counted(readRange(handle, 0, size), size, request));
		} finally {
			await handle.close();
		}
	};
	if (kind === "trivy-file") return { ...(await importTrivy(file, request)), ...about };
	if (kind === "trivy-archive") return { ...(await importTrivy(unpacking(stored, read, request), request)), ...about };
	return { ...(await importSnapshot({ read, stored, facts: null }, request, sourceOf(file))), ...about };
}

type Imported = Omit<ImportResult, "from" | "isSigned">;

async function importTrivy(file: TrivyDbBuild["file"], request: ImportRequest): Promise<Imported> {
	const { dir, signal, onProgress } = request;
	onProgress({ type: "started", source: "trivy-db" });
	const built = await buildTrivyDb({
		file,
		name: request.from,
		dir,
		signal,
		onRecords: (done) => onProgress({ type: "records", done }),
		accept: (builtAt) => requireNewer({ builtAt, kind: "full" }, "trivy-db", request),
	});
	const { path } = currentSnapshot(folderOf(dir, "trivy-db"));
	return { ...built, source: "trivy-db", kind: "full", records: recordsIn(path), unchanged: false };
}

function unpacking(layer: Descriptor, read: Incoming["read"], { from, signal }: ImportRequest): TrivyDbBuild["file"] {
	return async (folder) => {
		let file = "";
		await read(async (body) => {
			file = await unpackTrivyDb(layer, body, folder, from, signal);
		});
		return file;
	};
}

async function importSnapshot(
	{ facts, stored, read }: Pick<Incoming, "facts" | "stored" | "read">,
	request: ImportRequest,
	source: DatabaseSource = facts?.source ?? "own",
): Promise<Imported> {
	const { from, dir, signal, onProgress } = request;
	// Told before anything is fetched; what the snapshot itself says is held against it again.
	if (facts) requireNewer(facts, source, request);
	onProgress({ type: "started", source });
	const taken = await takeInSnapshot({
		name: from,
		dir,
		source,
		facts,
		stored,
		read,
		signal,
		onChecking: () => onProgress({ type: "checking" }),
		accept: (meta) => requireNewer(meta, source, request),
	});
	const { digest, builtAt, kind, size } = taken;
	return { source, digest, builtAt, kind, size, ...nothingWrong, records: recordsIn(taken.path), unchanged: false };
}

const nothingWrong = { malformed: 0, unknown: [] } as const;

/** What is here already needs no second download. */
function unchangedBy(
	{ facts, layer }: Extract<AdvisoryArtifact, { kind: "snapshot" }>,
	{ dir, onProgress }: ImportRequest,
): Imported | null {
	const here = presentSnapshot(dir, facts.source);
	if (here === null || here.digest !== facts.digest) return null;
	onProgress({ type: "bytes", done: layer.size, total: layer.size });
	const { source, digest, builtAt, kind, size } = facts;
	return { source, digest, builtAt, kind, size, ...nothingWrong, records: recordsIn(here.path), unchanged: true };
}

function recordsIn(path: string): number {
	return inDatabase(path, readTotals).records;
}

/** The manifest's digest, which must be the one that was asked for. */
function pinned({ bytes, descriptor }: Document, name: string, asked: Digest | null): Digest {
	if (asked === null) return descriptor.digest;
	const actual = digestOf(bytes, digestAlgorithm(asked));
	if (actual !== asked) throw notTheOne(name, actual, asked);
	return actual;
}

function notTheOne(name: string, actual: Digest, asked: Digest): EngineError {
	return new EngineError(
		"digest_mismatch",
		`${name} is ${actual}, not ${asked}.`,
		"Find out which of the two is meant before you import it.",
	);
}

function cannotBeSigned(name: string): EngineError {
	return new EngineError(
		"advisories_unsigned",
		`${name} is a plain file, which carries no signature.`,
		"Import the artifact that it comes from, or pin the file with --digest in place of --key.",
	);
}

async function* counted(
	body: AsyncIterable<Uint8Array>,
	total: number,
	{ onProgress }: ImportRequest,
): AsyncGenerator<Uint8Array> {
	let done = 0;
	for await (const chunk of body) {
		done += chunk.length;
		yield chunk;
		onProgress({ type: "bytes", done, total });
	}
}
