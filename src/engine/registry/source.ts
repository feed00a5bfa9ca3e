/**
 * An image in a registry (OCI distribution-spec v1.1, "Pulling").
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pull
 */
import { type Descriptor, type Digest, digestAlgorithm, isDigest } from "#model";
import { EngineError } from "../errors.ts";
import type { BlobOptions, BlobVisitor, Document, ImageSource } from "../image/types.ts";
import { digestOf } from "../image-documents/digest-of.ts";
import { parseManifest } from "../image-documents/manifest.ts";
import { bareMediaType, indexTypes, isManifestType, manifestTypes } from "../image-documents/media-types.ts";
import { streamBlob } from "./blob.ts";
import { type Answer, createClient, isUnreachable, type RegistryClient } from "./client.ts";
import { aborted, type SourceDeps } from "./deps.ts";
import { mirrorEndpoint, originEndpoint } from "./endpoint.ts";
import { unwrapFailure } from "./failure.ts";
import { formatReference, type Reference } from "./reference.ts";

/** Manifests are kilobytes; registries themselves refuse more than 4 MiB (distribution-spec), configurations grow with history. */
const maxDocumentSize = 8 * 1024 * 1024;

const accept = [...manifestTypes, ...indexTypes].join(", ");

/**
 * The image that a reference names, from the first of mirrors and registry that can give it. Throws
 * `reference_malformed` for a malformed mirror. Methods throw the `registry_*` codes, `manifest_unsupported`,
 * `digest_mismatch`, `image_malformed`, `credentials_unusable`, `aborted`; streams of blobs end with `blob_truncated`
 * or one of these.
 */
export function registrySource(reference: Reference, deps: SourceDeps): ImageSource {
	const { repository } = reference;
	const mirrors = deps.mirrors.map((setting) => createClient(mirrorEndpoint(setting), deps));
	const origin = createClient(originEndpoint(reference.registry, deps.insecure), deps);
	/** Mirrors that could not be reached are not asked again: every blob would wait for their time-out. */
	const lost = new Set<RegistryClient>();
	const clients = () => [...mirrors.filter((mirror) => !lost.has(mirror)), origin];

	async function fromFirst(
		read: (client: RegistryClient) => Promise<Document>,
		signal: AbortSignal,
	): Promise<Document> {
		for (const client of clients()) {
			try {
				return await read(client);
			} catch (thrown) {
				if (signal.aborted) throw aborted(signal);
				if (client === origin) throw unwrapFailure(thrown);
				if (isUnreachable(thrown)) lost.add(client);
			}
		}
		throw new Error("the origin is always asked");
	}

	return {
		name: formatReference(reference),
		root: (signal) => fromFirst((client) => readRoot(client, reference, signal), signal),
		async document(descriptor, signal) {
			checkSize(descriptor);
			return fromFirst((client) => readDocument(client, repository, descriptor, signal), signal);
		},
		blobs: (descriptors, visit, options) =>
			visitAll(descriptors, visit, options, (descriptor, signal) =>
				streamBlob(clients(), repository, descriptor, signal),
			),
		close: async () => {},
	};
}

async function readRoot(client: RegistryClient, reference: Reference, signal: AbortSignal): Promise<Document> {
	const target = reference.digest ?? reference.tag ?? "latest";
	const { bytes, headers } = await readManifest(client, reference.repository, target, signal);
	const told = reference.digest ?? headers.get("docker-content-digest") ?? "";
	const digest = isDigest(told) ? told : digestOf(bytes);
	checkDigest(client, bytes, digest);
	const said = bareMediaType(headers.get("content-type") ?? "");
	const { mediaType } = parseManifest(bytes, isManifestType(said) ? said : "", digest);
	return { descriptor: { mediaType, digest, size: bytes.length }, bytes };
}

async function readDocument(
	client: RegistryClient,
	repository: string,
	descriptor: Descriptor,
	signal: AbortSignal,
): Promise<Document> {
	const { digest, size } = descriptor;
	const { bytes } = isManifestType(bareMediaType(descriptor.mediaType))
		? await readManifest(client, repository, digest, signal)
		: await readBlob(client, repository, digest, signal);
	checkDigest(client, bytes, digest);
	if (bytes.length !== size) {
		throw mismatch(`${client.endpoint.host} gave ${bytes.length} bytes for ${digest}, but the image says ${size}.`);
	}
	return { descriptor, bytes };
}

function readManifest(
	client: RegistryClient,
	repository: string,
	target: string,
	signal: AbortSignal,
): Promise<Answer> {
	const name = `${client.endpoint.prefix}${repository}`;
	const subject = { kind: "manifest", repository: name, reference: target } as const;
	const path = `/v2/${name}/manifests/${target}`;
	return client.read({ path, subject, scope: `repository:${name}:pull`, accept }, maxDocumentSize, signal);
}

function readBlob(client: RegistryClient, repository: string, digest: Digest, signal: AbortSignal): Promise<Answer> {
	const name = `${client.endpoint.prefix}${repository}`;
	const subject = { kind: "blob", repository: name, reference: digest } as const;
	const path = `/v2/${name}/blobs/${digest}`;
	return client.read({ path, subject, scope: `repository:${name}:pull` }, maxDocumentSize, signal);
}

/** Runs `visit` on up to `concurrency` blobs at a time; the first error stops the others and is thrown when they have ended. */
async function visitAll(
	descriptors: readonly Descriptor[],
	visit: BlobVisitor,
	{ concurrency, signal }: BlobOptions,
	open: (descriptor: Descriptor, signal: AbortSignal) => AsyncGenerator<Uint8Array, void, void>,
): Promise<void> {
	const stop = new AbortController();
	const either = AbortSignal.any([signal, stop.signal]);
	const queue = descriptors.values();
	const errors: unknown[] = [];
	const work = async (): Promise<void> => {
		for (const descriptor of queue) {
			if (either.aborted) return;
			const body = open(descriptor, either);
			try {
				await visit(descriptor, body);
			} catch (thrown) {
				errors.push(thrown);
				stop.abort();
			} finally {
				await body.return();
			}
		}
	};
	const workers = Math.max(1, Math.min(concurrency, descriptors.length));
	await Promise.all(Array.from({ length: workers }, work));
	if (errors.length > 0) throw errors[0];
	if (signal.aborted) throw aborted(signal);
}

function checkSize({ digest, size }: Descriptor): void {
	if (size <= maxDocumentSize) return;
	throw new EngineError(
		"image_malformed",
		`The document ${digest} is said to have ${size} bytes; more than ${maxDocumentSize} are not read.`,
		"No image needs so large a manifest or configuration; check where the image comes from.",
	);
}

function checkDigest(client: RegistryClient, bytes: Uint8Array, digest: Digest): void {
	const actual = digestOf(bytes, digestAlgorithm(digest));
	if (actual === digest) return;
	throw mismatch(`${client.endpoint.host} gave other content than asked for: ${actual} in place of ${digest}.`);
}

function mismatch(message: string): EngineError {
	return new EngineError(
		"digest_mismatch",
		message,
		"The registry's copy is damaged, or somebody changes it on the way: do not run this image; push it again.",
	);
}
