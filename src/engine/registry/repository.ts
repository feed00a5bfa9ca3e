/**
 * The content of one repository of a registry, from the first of mirrors and registry that can give it.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pull
 */
import { type Descriptor, type Digest, digestAlgorithm, isDigest } from "#model";
import { EngineError } from "../errors.ts";
import type { BlobOptions, BlobVisitor, Document } from "../image/types.ts";
import { digestOf } from "../image-documents/digest-of.ts";
import { bareMediaType, indexTypes, isManifestType, manifestTypes } from "../image-documents/media-types.ts";
import { streamBlob } from "./blob.ts";
import { type Answer, createClient, isUnreachable, type RegistryClient, type Request } from "./client.ts";
import { aborted, type SourceDeps } from "./deps.ts";
import { mirrorEndpoint, originEndpoint } from "./endpoint.ts";
import { unwrapFailure } from "./failure.ts";
import type { Reference } from "./reference.ts";

/** Manifests are kilobytes; registries themselves refuse more than 4 MiB (distribution-spec), configurations grow with history. */
export const maxDocumentSize = 8 * 1024 * 1024;

export const accept = [...manifestTypes, ...indexTypes].join(", ");

/** The media type of a manifest, given what the registry says it is (empty when that is no manifest's). May refuse it. */
export type TypeOfManifest = (bytes: Uint8Array, said: string, digest: Digest) => string;

export interface Repository {
	/** What a tag or a digest points to. */
	manifest(target: string, typeOf: TypeOfManifest, signal: AbortSignal): Promise<Document>;
	/** A manifest, index or configuration, verified against its digest. */
	document(descriptor: Descriptor, signal: AbortSignal): Promise<Document>;
	/** The index of what refers to a manifest, unverified: nothing promises its content. */
	referrers(digest: Digest, signal: AbortSignal): Promise<Uint8Array>;
	/** As `ImageSource` has it. */
	blobs(descriptors: readonly Descriptor[], visit: BlobVisitor, options: BlobOptions): Promise<void>;
}

/**
 * Throws `reference_malformed` for a malformed mirror. Methods throw the `registry_*` codes, `digest_mismatch`,
 * `image_malformed`, `credentials_unusable`, `aborted`; streams of blobs end with `blob_truncated` or one of these.
 */
export function openRepository({ registry, repository }: Reference, deps: SourceDeps): Repository {
	const mirrors = deps.mirrors.map((setting) => createClient(mirrorEndpoint(setting), deps));
	return repositoryBy(createClient(originEndpoint(registry, deps.insecure, deps.place), deps), mirrors, repository);
}

/** A repository by clients that are there already: what they learnt of logging in holds for all repositories. */
export function repositoryBy(
	origin: RegistryClient,
	mirrors: readonly RegistryClient[],
	repository: string,
): Repository {
	/** Mirrors that could not be reached are not asked again: every blob would wait for their time-out. */
	const lost = new Set<RegistryClient>();
	const clients = () => [...mirrors.filter((mirror) => !lost.has(mirror)), origin];

	async function fromFirst<T>(read: (client: RegistryClient) => Promise<T>, signal: AbortSignal): Promise<T> {
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
		manifest: (target, typeOf, signal) =>
			fromFirst((client) => readTarget(client, repository, target, typeOf, signal), signal),
		async document(descriptor, signal) {
			checkSize(descriptor);
			return fromFirst((client) => readDocument(client, repository, descriptor, signal), signal);
		},
		referrers: async (digest, signal) => {
			const read = (client: RegistryClient) => readFrom(client, repository, "referrers", digest, signal);
			return (await fromFirst(read, signal)).bytes;
		},
		blobs: (descriptors, visit, options) =>
			visitAll(descriptors, visit, options, (descriptor, signal) =>
				streamBlob(clients(), repository, descriptor, signal),
			),
	};
}

async function readTarget(
	client: RegistryClient,
	repository: string,
	target: string,
	typeOf: TypeOfManifest,
	signal: AbortSignal,
): Promise<Document> {
	const { bytes, headers } = await readFrom(client, repository, "manifests", target, signal);
	const told = isDigest(target) ? target : (headers.get("docker-content-digest") ?? "");
	const digest = isDigest(told) ? told : digestOf(bytes);
	checkDigest(client, bytes, digest);
	const said = bareMediaType(headers.get("content-type") ?? "");
	const mediaType = typeOf(bytes, isManifestType(said) ? said : "", digest);
	return { descriptor: { mediaType, digest, size: bytes.length }, bytes };
}

async function readDocument(
	client: RegistryClient,
	repository: string,
	descriptor: Descriptor,
	signal: AbortSignal,
): Promise<Document> {
	const { digest, size } = descriptor;
	const where = isManifestType(bareMediaType(descriptor.mediaType)) ? "manifests" : "blobs";
	const { bytes } = await readFrom(client, repository, where, digest, signal);
	checkDigest(client, bytes, digest);
	if (bytes.length !== size) {
		throw mismatch(`${client.endpoint.host} gave ${bytes.length} bytes for ${digest}, but the image says ${size}.`);
	}
	return { descriptor, bytes };
}

function readFrom(
	client: RegistryClient,
	repository: string,
	where: "manifests" | "blobs" | "referrers",
	target: string,
	signal: AbortSignal,
): Promise<Answer> {
	const name = `${client.endpoint.prefix}${repository}`;
	const request: Request = {
		path: `/v2/${name}/${where}/${target}`,
		subject: { kind: where === "blobs" ? "blob" : "manifest", repository: name, reference: target },
		scope: `repository:${name}:pull`,
		...(where !== "blobs" && { accept }),
	};
	return client.read(request, maxDocumentSize, signal);
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
