import { type Descriptor, isDigest, type Platform } from "#model";
import { asList, asObject, asText, asTextMap, isPresent, malformed } from "./json-shape.ts";

/**
 * Reads a descriptor (image-spec, descriptor.md): media type, digest and size are required and checked.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md
 */
export function parseDescriptor(value: unknown, where: string): Descriptor {
	const json = asObject(value, where);
	const digest = asText(json["digest"], `${where}.digest`);
	if (!isDigest(digest)) throw malformed(`${where}.digest`, "is not a sha256 or sha512 digest");
	const size = json["size"];
	if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) {
		throw malformed(`${where}.size`, "is not a number of bytes");
	}
	const platform = isPresent(json["platform"]) ? parsePlatformObject(json["platform"], `${where}.platform`) : null;
	const urls = asList(json["urls"], `${where}.urls`).map((url, at) => asText(url, `${where}.urls[${at}]`));
	return {
		mediaType: asText(json["mediaType"], `${where}.mediaType`),
		digest,
		size,
		...(platform && { platform }),
		...(isPresent(json["annotations"]) && { annotations: asTextMap(json["annotations"], `${where}.annotations`) }),
		...(urls.length > 0 && { urls }),
	};
}

/** Reads `os`, `architecture`, `variant` and `os.version`; null when the first two do not both tell. */
export function parsePlatformObject(value: unknown, where: string): Platform | null {
	const json = asObject(value, where);
	const os = asText(json["os"], `${where}.os`);
	const architecture = asText(json["architecture"], `${where}.architecture`);
	const variant = asText(json["variant"], `${where}.variant`);
	const osVersion = asText(json["os.version"], `${where}["os.version"]`);
	if (!os || !architecture) return null;
	return { os, architecture, ...(variant && { variant }), ...(osVersion && { osVersion }) };
}
