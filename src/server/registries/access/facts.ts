/**
 * What a manifest says, for the catalogue. A manifest that is wrong in itself becomes one that is not supported, with
 * the reason; only what could not be read at all is an error.
 */
import {
	type Document,
	EngineError,
	type ImageSource,
	isAttestation,
	isLayerMediaType,
	openImage,
	parseManifest,
} from "#engine";
import { type Descriptor, formatPlatform, type ImageIndex, type ImageManifest } from "#model";
import type { ManifestFacts } from "../../ports/connector.ts";
import { artifactWords } from "./artifact-kinds.ts";

/** No image is built for a tenth of it; each child is a request. */
const mostChildren = 1000;
/** A shell script in a RUN is long; what is beyond is cut. */
const mostInstruction = 4096;

type Facts = Omit<ManifestFacts, "digest" | "mediaType">;
const nothing: Facts = {
	kind: "other",
	size: null,
	platform: null,
	createdAt: null,
	unsupported: null,
	layers: [],
	children: [],
};

/** Reads the configuration from `source`, too. Throws EngineError when the registry does not answer. */
export async function manifestFacts(
	document: Document,
	source: ImageSource,
	signal: AbortSignal,
): Promise<ManifestFacts> {
	const { digest, mediaType } = document.descriptor;
	const named = { digest, mediaType: cleaned(mediaType, 255) };
	let manifest: ImageManifest | ImageIndex;
	try {
		manifest = parseManifest(document.bytes, mediaType, digest);
	} catch (thrown) {
		if (!(thrown instanceof EngineError)) throw thrown;
		const words = thrown.code === "manifest_unsupported" ? artifactWords(typesIn(document)) : thrown.message;
		return { ...named, ...nothing, size: sizeIn(document), unsupported: words };
	}
	if (manifest.kind === "index") return { ...named, mediaType: manifest.mediaType, ...indexFacts(manifest) };
	return { ...named, mediaType: manifest.mediaType, ...(await imageFacts(manifest, source, signal)) };
}

function indexFacts({ manifests }: ImageIndex): Facts {
	if (manifests.length > mostChildren) {
		const unsupported = `The index lists ${manifests.length} manifests; more than ${mostChildren} are not followed.`;
		return { ...nothing, unsupported };
	}
	const children = manifests.map((child) => ({
		digest: child.digest,
		mediaType: cleaned(child.mediaType, 255),
		platform: platformOf(child),
		attestation: isAttestation(child),
	}));
	const supported = children.some(({ attestation }) => !attestation);
	return { ...nothing, kind: "index", children, unsupported: supported ? null : "The index lists no image." };
}

async function imageFacts(manifest: ImageManifest, source: ImageSource, signal: AbortSignal): Promise<Facts> {
	const size = totalOf(manifest.layers.map((layer) => layer.size));
	const { layers } = manifest;
	if (layers.length > 0 && !layers.some(({ mediaType }) => isLayerMediaType(mediaType)))
		return { ...nothing, size, unsupported: artifactWords(layers.map(({ mediaType }) => mediaType)) };
	const bare = layers.map((layer) => ({ digest: layer.digest, diffId: null, size: layer.size, createdBy: "" }));
	try {
		const image = await openImage(source, manifest, signal);
		return {
			...nothing,
			kind: "image",
			size,
			platform: platformOf(image),
			createdAt: timeOf(image.created),
			layers: image.reportLayers.map((layer) => ({
				digest: layer.digest as Descriptor["digest"],
				diffId: layer.diffId,
				size: layer.size,
				createdBy: cleaned(layer.createdBy, mostInstruction),
			})),
		};
	} catch (thrown) {
		// The scan will say what is wrong with the configuration; the manifest is an image's all the same.
		if (!(thrown instanceof EngineError) || signal.aborted || !ofTheImage.has(thrown.code)) throw thrown;
		return { ...nothing, kind: "image", size, layers: bare };
	}
}

const ofTheImage: ReadonlySet<string> = new Set([
	"image_malformed",
	"digest_mismatch",
	"registry_not_found",
	"target_not_found",
	"manifest_unsupported",
]);

function platformOf({ platform }: { readonly platform?: Descriptor["platform"] | null }): string | null {
	return platform ? cleaned(formatPlatform(platform), 100) : null;
}

/** PostgreSQL's text holds no NUL, and nobody reads the other control characters. */
function cleaned(text: string, most: number): string {
	return text.replace(/[\p{Cc}\p{Cs}]/gu, (mark) => (mark === "\n" || mark === "\t" ? mark : " ")).slice(0, most);
}

/** Builders that hide the time write year 1 or 1970; the first means nothing. */
function timeOf(created: string | undefined): string | null {
	const time = Date.parse(created ?? "");
	const known = time >= 0 && time < Date.UTC(10_000, 0);
	return known ? new Date(time).toISOString() : null;
}

function totalOf(sizes: readonly number[]): number {
	return Math.min(
		sizes.reduce((sum, size) => sum + size, 0),
		Number.MAX_SAFE_INTEGER,
	);
}

/** Media types that an artifact's manifest names, the telling ones first. Never throws: it is hostile text. */
function typesIn({ bytes, descriptor }: Document): readonly string[] {
	const json = parsed(bytes);
	const textOf = (value: unknown): readonly string[] => (typeof value === "string" ? [value] : []);
	const schema1 = json["schemaVersion"] === 1 ? ["application/vnd.docker.distribution.manifest.v1+json"] : [];
	return [
		...schema1,
		...textOf(json["artifactType"]),
		...textOf(recordOf(json["config"])["mediaType"]),
		...listIn(json).flatMap((layer) => textOf(recordOf(layer)["mediaType"])),
		...textOf(json["mediaType"]),
		descriptor.mediaType,
	];
}

function sizeIn({ bytes }: Document): number | null {
	const sizes = listIn(parsed(bytes)).map((layer) => recordOf(layer)["size"]);
	const right = sizes.filter((size): size is number => Number.isSafeInteger(size) && Number(size) >= 0);
	return right.length === 0 || right.length < sizes.length ? null : totalOf(right);
}

/** Layers, or blobs of OCI's former artifact manifests; the first hundred tell enough. */
function listIn(json: Readonly<Record<string, unknown>>): readonly unknown[] {
	const list = json["layers"] ?? json["blobs"];
	return Array.isArray(list) ? list.slice(0, 100) : [];
}

function parsed(bytes: Uint8Array): Readonly<Record<string, unknown>> {
	try {
		return recordOf(JSON.parse(new TextDecoder().decode(bytes)));
	} catch {
		return {};
	}
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
