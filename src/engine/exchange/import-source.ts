/** Finds out what a person means by the source of an import: by what is written, then by what the file holds. */
import { constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { join } from "node:path";
import { EngineError } from "../errors.ts";
import { Decompressor, sniffBytes, sniffCompression } from "../image/decompress.ts";
import { defaultLimits } from "../image/limits.ts";
import { openFolder } from "../image/sources/folder-files.ts";
import type { ImageFiles } from "../image/sources/image-files.ts";
import { type ImageSelector, splitSelector } from "../image/sources/selector.ts";
import { openTar } from "../image/sources/tar-files.ts";
import { parseReference, type Reference, type SourceDeps } from "../registry/index.ts";
import { unusable } from "./artifact.ts";
import { type ArtifactStore, layoutStore, registryStore } from "./artifact-store.ts";

export type ImportSource =
	| { readonly kind: "artifact"; readonly store: ArtifactStore }
	/** An unpacked bbolt file. */
	| { readonly kind: "trivy-file"; readonly file: string }
	/** The tar that trivy-db comes in. */
	| { readonly kind: "trivy-archive"; readonly file: string }
	/** A snapshot of ours as it lies in the folder of a database. */
	| { readonly kind: "snapshot-file"; readonly file: string };

export interface ImportSourceDeps {
	readonly registry: (reference: Reference) => SourceDeps;
	readonly signal: AbortSignal;
}

/**
 * Opens `oci-archive:FILE[:tag]`, `oci-layout:DIR[:tag]`, a path, or a registry reference.
 * @throws EngineError target_not_found, reference_malformed, image_malformed, advisories_source_unusable
 */
export async function openImportSource(text: string, deps: ImportSourceDeps): Promise<ImportSource> {
	const [, scheme, rest = ""] = /^(oci-archive|oci-layout):(.*)$/s.exec(text) ?? [];
	if (scheme !== undefined) {
		const { path, selector } = splitSelector(rest);
		const isFolder = scheme === "oci-layout";
		return layout(await openFiles(path, isFolder, deps.signal), selector, text, deps);
	}
	const { path, selector } = splitSelector(text);
	const found = await stat(path).catch(() => null);
	if (found !== null && (path === text || looksLikePath(path))) {
		if (found.isDirectory()) return openFolderSource(path, selector, text, deps);
		return openFileSource(path, selector, text, deps);
	}
	if (looksLikePath(text)) throw notFound(text, "does not exist");
	const reference = parseReference(text);
	return { kind: "artifact", store: registryStore(reference, deps.registry(reference)) };
}

async function openFolderSource(
	path: string,
	selector: ImageSelector,
	name: string,
	deps: ImportSourceDeps,
): Promise<ImportSource> {
	if (await isFile(join(path, "index.json"))) return layout(await openFolder(path), selector, name, deps);
	const file = join(path, "trivy.db");
	if (selector.kind === "only" && (await isFile(file))) return { kind: "trivy-file", file };
	throw unusable(name, "the folder holds neither an OCI layout nor trivy.db");
}

/** Where SQLite, bbolt and tar tell what they are. */
const sqliteMark = "SQLite format 3\0";
const boltMagic = 0xed0c_daed;
const boltMagicAt = 16;
const tarMark = "ustar";
const tarMarkAt = 257;
const tarNameBytes = 100;
const headBytes = 512;

async function openFileSource(
	path: string,
	selector: ImageSelector,
	name: string,
	deps: ImportSourceDeps,
): Promise<ImportSource> {
	const head = await headOf(path);
	const isTar = head.toString("latin1", tarMarkAt, tarMarkAt + tarMark.length) === tarMark;
	// A compressed archive has to be read whole to know all that is in it.
	if (isTar && !/^(?:\.\/)?(?:trivy\.db|metadata\.json)\0/.test(head.toString("latin1", 0, tarNameBytes))) {
		const files = await openTar(path, defaultLimits, deps.signal);
		if ((await files.size("index.json", deps.signal)) !== null) return layout(files, selector, name, deps);
		await files.close();
	}
	if (selector.kind === "only") {
		if (isTar) return { kind: "trivy-archive", file: path };
		if (head.toString("latin1", 0, sqliteMark.length) === sqliteMark) return { kind: "snapshot-file", file: path };
		const isBolt = head.length >= headBytes && head.readUInt32LE(boltMagicAt) === boltMagic;
		if (isBolt) return { kind: "trivy-file", file: path };
	}
	throw unusable(name, "it is neither an advisory database nor an archive of one");
}

/** The first bytes of a file, unpacked when it is compressed; fewer when they cannot be had. */
async function headOf(path: string): Promise<Buffer> {
	let file: FileHandle;
	try {
		// Not blocking: a pipe must not hang the import.
		file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
	} catch (cause) {
		throw notFound(path, "cannot be read", cause);
	}
	try {
		if (!(await file.stat()).isFile()) throw notFound(path, "is no file");
		const { buffer, bytesRead } = await file.read(Buffer.alloc(64 * 1024), 0, 64 * 1024, 0);
		const stored = buffer.subarray(0, bytesRead);
		const compression = sniffCompression(stored.subarray(0, sniffBytes));
		if (compression !== "gzip" && compression !== "zstd") return stored.subarray(0, headBytes);
		return await unpackedHead(stored, compression);
	} finally {
		await file.close();
	}
}

async function unpackedHead(stored: Buffer, compression: "gzip" | "zstd"): Promise<Buffer> {
	const head = Buffer.alloc(headBytes);
	let length = 0;
	const decompressor = new Decompressor(compression, (chunk) => {
		length += chunk.copy(head, length);
	});
	try {
		await decompressor.write(stored);
		await decompressor.end();
	} finally {
		decompressor.close();
	}
	return head.subarray(0, length);
}

async function openFiles(path: string, isFolder: boolean, signal: AbortSignal): Promise<ImageFiles> {
	return isFolder ? openFolder(path) : openTar(path, defaultLimits, signal);
}

function layout(files: ImageFiles, selector: ImageSelector, name: string, { signal }: ImportSourceDeps): ImportSource {
	return { kind: "artifact", store: layoutStore(files, selector, name, signal) };
}

function looksLikePath(text: string): boolean {
	return /^(\.{0,2}\/|~)/.test(text) || /\.(?:db|tar|tgz|gz|zst|sqlite)$/.test(text);
}

async function isFile(path: string): Promise<boolean> {
	return (await stat(path).catch(() => null))?.isFile() ?? false;
}

function notFound(path: string, what: string, cause?: unknown): EngineError {
	return new EngineError("target_not_found", `${path} ${what}.`, "Check the path.", cause);
}
