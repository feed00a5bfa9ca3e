/**
 * Reads image manifests and indexes, OCI and Docker schema 2. Unknown fields are ignored, wrong shapes are refused.
 * A document that could be read as a manifest and as an index is refused: whoever checks it one way may run it the
 * other way (CVE-2021-41190, GHSA-mc8v-mgrf-8f4m).
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md, image-index.md
 */

import type { Digest, ImageIndex, ImageManifest } from "#model";
import { EngineError } from "../errors.ts";
import { parseDescriptor } from "./descriptor.ts";
import { digestOf } from "./digest-of.ts";
import { asList, asText, asTextMap, isPresent, type JsonObject, malformed, parseObject } from "./json-shape.ts";
import {
	bareMediaType,
	configTypes,
	dockerManifest,
	indexTypes,
	isDockerConfig,
	isManifestType,
	manifestTypes,
	ociIndex,
	ociManifest,
	schema1Types,
} from "./media-types.ts";

/**
 * Docker stops at 127 layers and overlayfs at some 500. Layers are laid over each other one by one, so that a manifest
 * that names one large layer 50,000 times would keep the scan busy for hours.
 */
const mostLayers = 1000;

/**
 * Parses the bytes of a manifest or index. `hint` is the media type of the descriptor that led to them: it is used when
 * the document names none, and may be empty. `digest` is taken over unchecked; without it, it is the bytes' sha256.
 * Throws `image_malformed` for wrong shapes and `manifest_unsupported` for schema 1 and artifacts that are no images.
 */
export function parseManifest(
	bytes: Uint8Array,
	hint: string,
	digest: Digest = digestOf(bytes),
): ImageManifest | ImageIndex {
	const json = parseObject(bytes, "the manifest");
	const said = bareMediaType(asText(json["mediaType"], "manifest: mediaType"));
	if (json["schemaVersion"] === 1 || schema1Types.includes(said)) throw schema1();
	if (said && !isManifestType(said)) throw unsupported(`its manifest is of type ${said}`);
	if (json["schemaVersion"] !== 2) throw malformed("manifest: schemaVersion", "is not 2");
	const isIndex = isPresent(json["manifests"]);
	if (isIndex && (isPresent(json["layers"]) || isPresent(json["config"]))) {
		throw malformed("the manifest", "has both manifests and layers, so it can be read in two ways");
	}
	const mediaType = said || bareMediaType(hint);
	return isIndex || indexTypes.includes(mediaType)
		? readIndex(json, mediaType, digest)
		: readImage(json, mediaType, digest);
}

function readIndex(json: JsonObject, mediaType: string, digest: Digest): ImageIndex {
	if (manifestTypes.includes(mediaType)) throw malformed("the manifest", "calls itself an image but lists manifests");
	if (!isPresent(json["manifests"])) throw malformed("index: manifests", "is missing");
	const manifests = asList(json["manifests"], "index: manifests");
	return {
		kind: "index",
		mediaType: indexTypes.includes(mediaType) ? mediaType : ociIndex,
		digest,
		manifests: manifests.map((child, at) => parseDescriptor(child, `index: manifests[${at}]`)),
		annotations: asTextMap(json["annotations"], "index: annotations"),
	};
}

function readImage(json: JsonObject, mediaType: string, digest: Digest): ImageManifest {
	if (!isPresent(json["config"])) throw malformed("manifest: config", "is missing");
	const config = parseDescriptor(json["config"], "manifest: config");
	const artifactType = asText(json["artifactType"], "manifest: artifactType");
	if (!configTypes.includes(bareMediaType(config.mediaType))) {
		throw unsupported(`it is an artifact of type ${artifactType || config.mediaType || "(none given)"}`);
	}
	const inferred = isDockerConfig(config.mediaType) ? dockerManifest : ociManifest;
	const layers = asList(json["layers"], "manifest: layers");
	if (layers.length > mostLayers) {
		throw malformed(
			"manifest: layers",
			`has ${layers.length} entries; no container engine runs more than ${mostLayers}`,
		);
	}
	return {
		kind: "image",
		mediaType: manifestTypes.includes(mediaType) ? mediaType : inferred,
		digest,
		config,
		layers: layers.map((layer, at) => parseDescriptor(layer, `manifest: layers[${at}]`)),
		annotations: asTextMap(json["annotations"], "manifest: annotations"),
	};
}

function schema1(): EngineError {
	return new EngineError(
		"manifest_unsupported",
		"The image is stored in Docker's old manifest format (schema 1), which does not tell its layers reliably.",
		"Pull it and push it again with a current Docker or skopeo: that stores it in today's format.",
	);
}

function unsupported(why: string): EngineError {
	// The type comes from outside: printable ASCII only, and not endless.
	const shown = why.replace(/[^\x20-\x7e]/g, "?").slice(0, 200);
	return new EngineError(
		"manifest_unsupported",
		`This is not a container image: ${shown}.`,
		"Name a container image; charts, signatures, attestations and other artifacts have no packages to scan.",
	);
}
