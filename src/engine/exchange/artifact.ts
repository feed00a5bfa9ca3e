/**
 * Advisory databases as OCI artifacts: what a manifest says it carries. Trivy's, a tar with a bbolt file in it
 * (trivy.md §2.1), and our own: one snapshot, whole, in one blob.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidelines-for-artifact-usage
 */
import { type Descriptor, type Digest, isDigest } from "#model";
import { schemaVersion } from "../advisories/database/schema.ts";
import { EngineError } from "../errors.ts";
import { parseDescriptor } from "../image-documents/descriptor.ts";
import { asList, asText, asTextMap, isPresent, parseObject } from "../image-documents/json-shape.ts";
import { bareMediaType, ociManifest } from "../image-documents/media-types.ts";
import { type DatabaseSource, databaseSources } from "./database-sources.ts";

export const trivyLayer = "application/vnd.aquasec.trivy.db.layer.v1.tar+gzip";
const trivyJavaLayer = "application/vnd.aquasec.trivy.javadb.layer.v1.tar+gzip";

/** The number is that of this form, not of the tables in the snapshot. */
export const artifactType = "application/vnd.plimsoll.advisories.v1";
export const snapshotLayer = "application/vnd.plimsoll.advisories.snapshot.v1.sqlite+zstd";
const anyVersion = /^application\/vnd\.plimsoll\.advisories\.v\d+$/;

/** What an artifact of ours says of the snapshot in it; the snapshot is held against it. */
export interface SnapshotFacts {
	/** Of the snapshot as it is used, uncompressed. */
	readonly digest: Digest;
	/** Bytes of it. */
	readonly size: number;
	/** RFC 3339. */
	readonly builtAt: string;
	readonly schema: number;
	readonly kind: "full" | "starter";
	readonly source: DatabaseSource;
}

export type AdvisoryArtifact =
	| { readonly kind: "trivy-db"; readonly layer: Descriptor }
	| { readonly kind: "snapshot"; readonly layer: Descriptor; readonly facts: SnapshotFacts };

/** A manifest, as far as an artifact's matters. */
export interface ArtifactManifest {
	/** The type of the configuration, where the manifest names no other: so it was before OCI 1.1. */
	readonly artifactType: string;
	readonly layers: readonly Descriptor[];
	readonly annotations: Readonly<Record<string, string>>;
}

/** Reads a manifest of whatever artifact. Throws `image_malformed`. */
export function parseArtifactManifest(bytes: Uint8Array): ArtifactManifest | null {
	const json = parseObject(bytes, "the manifest");
	// What can be read as an index is not read as a manifest (CVE-2021-41190).
	if (isPresent(json["manifests"]) || json["schemaVersion"] !== 2) return null;
	const said = asText(json["mediaType"], "manifest: mediaType");
	if (said !== "" && bareMediaType(said) !== ociManifest) return null;
	const config = isPresent(json["config"]) ? parseDescriptor(json["config"], "manifest: config") : null;
	const layers = asList(json["layers"], "manifest: layers");
	return {
		artifactType: asText(json["artifactType"], "manifest: artifactType") || (config?.mediaType ?? ""),
		layers: layers.map((layer, at) => parseDescriptor(layer, `manifest: layers[${at}]`)),
		annotations: asTextMap(json["annotations"], "manifest: annotations"),
	};
}

/** Says what advisory database the manifest carries. `name` is for people. Throws `advisories_source_unusable`. */
export function parseArtifact(bytes: Uint8Array, name: string): AdvisoryArtifact {
	const manifest = manifestIn(bytes, name);
	if (manifest === null) throw unusable(name, "it is an index or an image of an old form, not one manifest");
	const { layers } = manifest;
	const [layer] = layers;
	const type = layer?.mediaType ?? "";
	if (layers.length !== 1 || layer === undefined)
		throw unusable(name, `it has ${layers.length} layers in place of one`);
	if (manifest.artifactType === artifactType) {
		if (type !== snapshotLayer) throw unusable(name, `its layer is of type ${shown(type)}, not ${snapshotLayer}`);
		return { kind: "snapshot", layer, facts: factsIn(manifest.annotations, name) };
	}
	if (anyVersion.test(manifest.artifactType)) throw unusable(name, "it was made for another version of Plimsoll");
	if (type === trivyLayer) return { kind: "trivy-db", layer };
	if (type === trivyJavaLayer) throw unusable(name, "it is Trivy's index of Java packages, which holds no advisories");
	throw unusable(name, `it is an artifact of type ${shown(manifest.artifactType)} with a layer of type ${shown(type)}`);
}

function manifestIn(bytes: Uint8Array, name: string): ArtifactManifest | null {
	try {
		return parseArtifactManifest(bytes);
	} catch (cause) {
		throw unusable(name, "its manifest is malformed", cause);
	}
}

const prefix = "vnd.plimsoll.advisories.";
const created = "org.opencontainers.image.created";

/** The annotations that carry the facts. */
export function annotationsOf(facts: SnapshotFacts): Readonly<Record<string, string>> {
	return {
		[created]: facts.builtAt,
		[`${prefix}built-at`]: facts.builtAt,
		[`${prefix}kind`]: facts.kind,
		[`${prefix}schema`]: String(facts.schema),
		[`${prefix}size`]: String(facts.size),
		[`${prefix}snapshot`]: facts.digest,
		[`${prefix}source`]: facts.source,
	};
}

function factsIn(annotations: Readonly<Record<string, string>>, name: string): SnapshotFacts {
	const text = (key: string): string => annotations[`${prefix}${key}`] ?? "";
	const wrong = (key: string) => unusable(name, `its annotation ${prefix}${key} is missing or malformed`);
	const digest = text("snapshot");
	if (!isDigest(digest) || !digest.startsWith("sha256:")) throw wrong("snapshot");
	const builtAt = text("built-at");
	if (Number.isNaN(Date.parse(builtAt))) throw wrong("built-at");
	const [schema, size] = [Number(text("schema")), Number(text("size"))];
	if (!Number.isSafeInteger(schema) || schema < 1) throw wrong("schema");
	if (!Number.isSafeInteger(size) || size < 1) throw wrong("size");
	const kind = (["full", "starter"] as const).find((one) => one === text("kind"));
	if (!kind) throw wrong("kind");
	const source = databaseSources.find((one) => one === text("source"));
	if (!source) throw wrong("source");
	if (schema !== schemaVersion)
		throw unusable(name, `its tables are version ${schema}, and this Plimsoll reads version ${schemaVersion}`);
	return { digest, size, builtAt, schema, kind, source };
}

/** Text from outside, for a message. */
function shown(text: string): string {
	return text === "" ? "(none given)" : text.replace(/[^\x20-\x7e]/g, "?").slice(0, 200);
}

/** The error of a source that carries no advisory database that can be used. */
export function unusable(name: string, why: string, cause?: unknown): EngineError {
	return new EngineError(
		"advisories_source_unusable",
		`${name} cannot be imported: ${why}.`,
		"Give what `plimsoll db export` wrote, or Trivy's database: its artifact, its db.tar.gz, or a folder with trivy.db and metadata.json.",
		cause,
	);
}
