/**
 * Reads an image configuration, OCI and Docker alike.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md
 */
import { type Digest, type ImageConfig, isDigest } from "#model";
import { parsePlatformObject } from "./descriptor.ts";
import { asFlag, asList, asObject, asText, isPresent, malformed, parseObject } from "./json-shape.ts";

/** Parses the bytes of a configuration. Throws `image_malformed`; a missing platform or history is not an error. */
export function parseConfig(bytes: Uint8Array): ImageConfig {
	const json = parseObject(bytes, "the configuration");
	if (!isPresent(json["rootfs"])) throw malformed("configuration: rootfs", "is missing");
	const rootfs = asObject(json["rootfs"], "configuration: rootfs");
	const { created } = json;
	return {
		platform: parsePlatformObject(json, "configuration"),
		...(typeof created === "string" && { created }),
		diffIds: asList(rootfs["diff_ids"], "configuration: rootfs.diff_ids").map(parseDiffId),
		history: asList(json["history"], "configuration: history").map(parseHistory),
	};
}

function parseDiffId(value: unknown, at: number): Digest {
	const where = `configuration: rootfs.diff_ids[${at}]`;
	const digest = asText(value, where);
	if (!isDigest(digest)) throw malformed(where, "is not a sha256 or sha512 digest");
	return digest;
}

function parseHistory(value: unknown, at: number): ImageConfig["history"][number] {
	const where = `configuration: history[${at}]`;
	const json = asObject(value, where);
	return {
		createdBy: asText(json["created_by"], `${where}.created_by`),
		emptyLayer: asFlag(json["empty_layer"], `${where}.empty_layer`),
	};
}
