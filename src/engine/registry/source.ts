/**
 * An image in a registry (OCI distribution-spec v1.1, "Pulling").
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pull
 */
import type { Document, ImageSource } from "../image/types.ts";
import { parseManifest } from "../image-documents/manifest.ts";
import type { SourceDeps } from "./deps.ts";
import { formatReference, type Reference } from "./reference.ts";
import { openRepository, type Repository } from "./repository.ts";

/**
 * The image that a reference names, from the first of mirrors and registry that can give it. Throws
 * `reference_malformed` for a malformed mirror. Methods throw the `registry_*` codes, `manifest_unsupported`,
 * `digest_mismatch`, `image_malformed`, `credentials_unusable`, `aborted`; streams of blobs end with `blob_truncated`
 * or one of these.
 */
export function registrySource(reference: Reference, deps: SourceDeps): ImageSource {
	const repository = openRepository(reference, deps);
	const target = reference.digest ?? reference.tag ?? "latest";
	return repositorySource(formatReference(reference), repository, (signal) =>
		repository.manifest(target, (bytes, said, digest) => parseManifest(bytes, said, digest).mediaType, signal),
	);
}

/** What `root` gives, with all that it leads to in a repository. */
export function repositorySource(
	name: string,
	repository: Repository,
	root: (signal: AbortSignal) => Promise<Document>,
): ImageSource {
	return {
		name,
		root,
		document: (descriptor, signal) => repository.document(descriptor, signal),
		blobs: (descriptors, visit, options) => repository.blobs(descriptors, visit, options),
		close: async () => {},
	};
}
