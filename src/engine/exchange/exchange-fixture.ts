/** Small databases, and OCI layouts that may be wrong in any way, for tests. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import type { Descriptor } from "#model";
import { newBuildingPath, publishSnapshot } from "../advisories/database/snapshots.ts";
import { createDatabase } from "../advisories/database/writer.ts";
import { digestOf } from "../image-documents/digest-of.ts";
import { ociIndex, ociManifest } from "../image-documents/media-types.ts";
import { annotationsOf, artifactType, type SnapshotFacts, snapshotLayer } from "./artifact.ts";
import { type DatabaseSource, folderOf } from "./database-sources.ts";
import type { ImportRequest } from "./import-database.ts";

export interface MadeDatabase {
	readonly source?: DatabaseSource;
	readonly builtAt?: string;
	readonly kind?: "full" | "starter";
	/** Records; each is some hundred bytes. */
	readonly records?: number;
}

const now = new Date("2026-11-23T18:00:00Z");

/** Builds a database and makes it the current one of `dir`. */
export async function makeDatabase(dir: string, made: MadeDatabase = {}) {
	const { source = "own", builtAt = "2026-11-20T00:00:00.000Z", kind = "full", records = 3 } = made;
	const folder = folderOf(dir, source);
	const writer = createDatabase(await newBuildingPath(folder));
	const feed = { feed: source === "own" ? "osv" : "trivy-db", part: "npm" };
	for (let at = 0; at < records; at++) {
		const affected = { ecosystem: "npm", name: `package-${at}`, ranges: [], versions: ["1.0.0"] };
		writer.append(feed, `GHSA-${at}`, "2026-01-01T00:00:00Z", [affected]);
	}
	const counts = { records, withdrawn: 0, malformed: 0, newest: builtAt };
	writer.addFeed({ ...feed, url: "https://osv.example", fetchedAt: builtAt, ...counts });
	const finished = await newBuildingPath(folder);
	writer.finish(finished, { builtAt, kind, source: "https://osv.example" });
	return publishSnapshot(folder, finished);
}

/** Content of a layout. */
export interface Blob {
	readonly descriptor: Descriptor;
	readonly bytes: Buffer;
}

export function blob(mediaType: string, content: Uint8Array | string | object): Blob {
	const bytes =
		content instanceof Uint8Array
			? Buffer.from(content)
			: Buffer.from(typeof content === "string" ? content : JSON.stringify(content));
	return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}

export interface ManifestParts {
	readonly artifactType?: string;
	readonly config?: Blob;
	readonly layers: readonly Blob[];
	readonly annotations?: Readonly<Record<string, string>>;
}

const emptyConfig = blob("application/vnd.oci.empty.v1+json", "{}");

export function manifestOf({ layers, config = emptyConfig, ...rest }: ManifestParts): Blob {
	const parts = { config: config.descriptor, layers: layers.map(({ descriptor }) => descriptor) };
	return blob(ociManifest, { schemaVersion: 2, mediaType: ociManifest, ...parts, ...rest });
}

/** The manifest of a snapshot as an export makes it, with what is to be wrong with it. */
export function snapshotManifest(
	snapshot: Buffer,
	facts: Partial<SnapshotFacts> = {},
	layer: Blob = blob(snapshotLayer, zstdCompressSync(snapshot)),
): { readonly manifest: Blob; readonly layer: Blob } {
	const annotations = annotationsOf({
		digest: digestOf(snapshot),
		size: snapshot.length,
		builtAt: "2026-11-20T00:00:00.000Z",
		schema: 2,
		kind: "full",
		source: "own",
		...facts,
	});
	return { manifest: manifestOf({ artifactType, layers: [layer], annotations }), layer };
}

export interface LayoutEntry {
	readonly manifest: Blob;
	readonly tag?: string;
}

/** Writes an OCI layout; `blobs` are stored under the digest that their descriptor tells, whatever their bytes are. */
export async function writeLayout(folder: string, entries: readonly LayoutEntry[], blobs: readonly Blob[]) {
	const manifests = entries.map(({ manifest, tag }) => ({
		...manifest.descriptor,
		...(tag === undefined ? {} : { annotations: { "org.opencontainers.image.ref.name": tag } }),
	}));
	const files: [string, Buffer | string][] = [
		["oci-layout", '{"imageLayoutVersion":"1.0.0"}'],
		["index.json", JSON.stringify({ schemaVersion: 2, mediaType: ociIndex, manifests })],
		...[...entries.map(({ manifest }) => manifest), emptyConfig, ...blobs].map(
			({ descriptor, bytes }): [string, Buffer] => [join("blobs", ...descriptor.digest.split(":")), bytes],
		),
	];
	for (const [path, bytes] of files) {
		await mkdir(join(folder, dirname(path)), { recursive: true });
		await writeFile(join(folder, path), bytes);
	}
}

/** An import that asks for nothing special and reaches no network. */
export function importOf(from: string, dir: string, over: Partial<ImportRequest> = {}): ImportRequest {
	return {
		from,
		dir,
		digest: null,
		keyFile: null,
		allowOlder: false,
		registry: () => {
			throw new Error("no network in this test");
		},
		clock: () => now,
		signal: new AbortController().signal,
		onProgress: () => undefined,
		...over,
	};
}
