/** Reading the JSON documents of a layout: bounded, verified, untrusted. */
import { type Descriptor, type Digest, digestAlgorithm, digestHex } from "#model";
import { EngineError } from "../../errors.ts";
import { parseDescriptor } from "../../image-documents/descriptor.ts";
import { digestOf } from "../../image-documents/digest-of.ts";
import { asList, parseObject } from "../../image-documents/json-shape.ts";
import type { Document } from "../types.ts";
import type { ImageFiles } from "./image-files.ts";

export function blobPath(digest: Digest): string {
	return `blobs/${digestAlgorithm(digest)}/${digestHex(digest)}`;
}

/** Reads a blob whole and verifies it. Throws image_malformed when it is missing, digest_mismatch when it is another. */
export async function readDocument(
	files: ImageFiles,
	descriptor: Descriptor,
	most: number,
	signal: AbortSignal,
): Promise<Document> {
	const bytes = await files.read(blobPath(descriptor.digest), most, signal);
	const actual = digestOf(bytes, digestAlgorithm(descriptor.digest));
	if (actual !== descriptor.digest || bytes.length !== descriptor.size) {
		throw new EngineError(
			"digest_mismatch",
			`The document ${descriptor.digest} in ${files.name} is not what its reference promises.`,
			"Do not trust this copy of the image: save it again.",
		);
	}
	return { descriptor, bytes };
}

/** The descriptors in `manifests` of an index; none when the document has no such list. */
export function parseDescriptors(bytes: Uint8Array, what: string): readonly Descriptor[] {
	const where = `${what}: manifests`;
	return asList(parseObject(bytes, what)["manifests"], where).map((one, at) => parseDescriptor(one, `${where}[${at}]`));
}
