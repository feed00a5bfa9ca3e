/** One port for where artifacts are: a registry, an OCI layout in a folder or in a tar. */
import type { Descriptor, Digest } from "#model";
import { EngineError } from "../errors.ts";
import { defaultLimits } from "../image/limits.ts";
import type { ImageFiles } from "../image/sources/image-files.ts";
import { layoutSource } from "../image/sources/oci-layout.ts";
import type { ImageSelector } from "../image/sources/selector.ts";
import type { Document } from "../image/types.ts";
import { parseDescriptor } from "../image-documents/descriptor.ts";
import { asList, asObject, asText, parseObject } from "../image-documents/json-shape.ts";
import { indexTypes, ociManifest } from "../image-documents/media-types.ts";
import {
	formatReference,
	openRepository,
	type Reference,
	type Repository,
	type SourceDeps,
} from "../registry/index.ts";
import { isSignatureType, referrersTag, signatureTag } from "./signature.ts";

export interface ArtifactStore {
	/** As it was asked for. */
	readonly name: string;
	/** The manifest that was asked for, verified against its digest. */
	root(signal: AbortSignal): Promise<Document>;
	/** Manifests that may hold signatures of that one; they may say anything. */
	signatures(digest: Digest, signal: AbortSignal): Promise<readonly Document[]>;
	/** Small content, whole, verified against its digest. */
	document(descriptor: Descriptor, signal: AbortSignal): Promise<Document>;
	/** Streams a blob, unverified. A chunk is only valid until the next one is asked for. */
	blob(
		descriptor: Descriptor,
		read: (body: AsyncIterable<Uint8Array>) => Promise<void>,
		signal: AbortSignal,
	): Promise<void>;
	close(): Promise<void>;
}

/** Manifests with signatures that are read; every signer adds one at most. */
const mostSignatures = 20;

/** An entry of an index. */
interface Entry extends Descriptor {
	readonly artifactType: string;
}

const refName = "org.opencontainers.image.ref.name";

/** The artifact that `selector` chooses in a layout. Takes over `files`. Signatures are not what is chosen, unless by name. */
export function layoutStore(
	files: ImageFiles,
	selector: ImageSelector,
	name: string,
	signal: AbortSignal,
): ArtifactStore {
	const source = (chosen: ImageSelector) => layoutSource(files, { name, selector: chosen, signal });
	const any = source(selector);
	const index = async (at: AbortSignal) => entriesIn(await files.read("index.json", defaultLimits.documentBytes, at));
	return {
		name,
		async root(at) {
			if (selector.kind !== "only") return any.root(at);
			const artifacts = (await index(at)).filter((entry) => !holdsSignatures(entry));
			const named = artifacts.filter((entry) => entry.annotations?.[refName] !== undefined);
			const candidates = named.length > 0 ? named : artifacts;
			const [first] = candidates;
			const isOne = first !== undefined && candidates.every(({ digest }) => digest === first.digest);
			return (isOne ? source({ kind: "digest", digest: first.digest }) : any).root(at);
		},
		async signatures(_, at) {
			const entries = (await index(at)).filter(holdsSignatures);
			return readSignatures(entries, (entry) => any.document(entry, at));
		},
		document: (descriptor, at) => any.document(descriptor, at),
		blob: (descriptor, read, at) => any.blobs([descriptor], (_, body) => read(body), { concurrency: 1, signal: at }),
		close: () => files.close(),
	};
}

/** What a reference names in a registry. Throws `reference_malformed` for a malformed mirror. */
export function registryStore(reference: Reference, deps: SourceDeps): ArtifactStore {
	const repository = openRepository(reference, deps);
	const typeOf = (_: Uint8Array, said: string): string => said || ociManifest;
	const manifest = (target: string, at: AbortSignal) => repository.manifest(target, typeOf, at);
	return {
		name: formatReference(reference),
		root: (at) => manifest(reference.digest ?? reference.tag ?? "latest", at),
		async signatures(digest, at) {
			const tagged = await unlessMissing(() => manifest(signatureTag(digest), at));
			const entries = (await referrersOf(repository, digest, at)).filter(({ artifactType }) =>
				isSignatureType(artifactType),
			);
			const read = await readSignatures(entries, (entry) => repository.document(entry, at));
			return tagged === null ? read : [tagged, ...read];
		},
		document: (descriptor, at) => repository.document(descriptor, at),
		blob: (descriptor, read, at) =>
			repository.blobs([descriptor], (_, body) => read(body), { concurrency: 1, signal: at }),
		close: async () => undefined,
	};
}

/** The registry's own list, else the one that clients keep under a tag. */
async function referrersOf(repository: Repository, digest: Digest, signal: AbortSignal): Promise<readonly Entry[]> {
	const listed = await unlessMissing(() => repository.referrers(digest, signal));
	if (listed !== null) return entriesIn(listed);
	const tag = referrersTag(digest);
	const kept = await unlessMissing(() => repository.manifest(tag, (_, said) => said || (indexTypes[0] ?? ""), signal));
	return kept === null ? [] : entriesIn(kept.bytes);
}

/** Registries that do not know the list of referrers answer in several ways that they do not. */
async function unlessMissing<T>(read: () => Promise<T>): Promise<T | null> {
	try {
		return await read();
	} catch (error) {
		const missing = error instanceof EngineError && ["registry_not_found", "registry_failed"].includes(error.code);
		if (missing) return null;
		throw error;
	}
}

async function readSignatures(
	entries: readonly Entry[],
	read: (entry: Entry) => Promise<Document>,
): Promise<readonly Document[]> {
	const documents: Document[] = [];
	for (const entry of entries.slice(0, mostSignatures)) documents.push(await read(entry));
	return documents;
}

/** Tags of signatures by cosign, the marks of `cosign save`, and artifact types. */
function holdsSignatures({ annotations = {}, artifactType }: Entry): boolean {
	const kind = annotations["kind"] ?? "";
	return (
		/^sha\d+-[0-9a-f]+(?:\.(?:sig|att|sbom))?$/.test(annotations[refName] ?? "") ||
		(kind.startsWith("dev.cosignproject.cosign/") && kind !== "dev.cosignproject.cosign/image") ||
		isSignatureType(artifactType)
	);
}

function entriesIn(index: Uint8Array): readonly Entry[] {
	return asList(parseObject(index, "the index")["manifests"], "index: manifests").map((value, at) => {
		const where = `index: manifests[${at}]`;
		return {
			...parseDescriptor(value, where),
			artifactType: asText(asObject(value, where)["artifactType"], `${where}.artifactType`),
		};
	});
}
