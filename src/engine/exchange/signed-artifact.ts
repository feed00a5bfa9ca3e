import type { Descriptor, Digest } from "#model";
import { EngineError } from "../errors.ts";
import { type ArtifactManifest, parseArtifactManifest } from "./artifact.ts";
import type { ArtifactStore } from "./artifact-store.ts";
import {
	bundleFault,
	type Fault,
	isBundle,
	signatureAnnotation,
	simpleSigningFault,
	simpleSigningLayer,
} from "./signature.ts";
import type { VerificationKey } from "./signing-keys.ts";

/** Payloads and bundles take a few kilobytes. */
const mostBytes = 256 * 1024;
/** In one manifest; every signer adds one. */
const mostLayers = 50;

/** Finds a signature of the manifest by the key. Throws `advisories_unsigned` when there is none. */
export async function requireSignature(
	store: ArtifactStore,
	digest: Digest,
	key: VerificationKey,
	signal: AbortSignal,
): Promise<void> {
	const faults: string[] = [];
	for (const { bytes } of await store.signatures(digest, signal)) {
		const manifest = manifestIn(bytes);
		if (manifest === null) faults.push("its manifest is malformed");
		for await (const fault of faultsOf(store, manifest?.layers ?? [], digest, key, signal)) {
			if (fault === null) return;
			faults.push(fault);
		}
	}
	const why = [...new Set(faults)].join("; ");
	throw new EngineError(
		"advisories_unsigned",
		faults.length === 0
			? `${store.name} carries no signature of ${digest}.`
			: `${store.name} carries no signature of ${digest} by ${key.name}; of what is there: ${why}.`,
		"Do not import it unless you know why. Check the key, or have it signed by whoever is to vouch for it.",
	);
}

async function* faultsOf(
	store: ArtifactStore,
	layers: ArtifactManifest["layers"],
	digest: Digest,
	key: VerificationKey,
	signal: AbortSignal,
): AsyncGenerator<Fault> {
	for (const layer of layers.slice(0, mostLayers)) {
		const isSimple = layer.mediaType === simpleSigningLayer;
		if (!isSimple && !isBundle(layer.mediaType)) continue;
		if (layer.size > mostBytes) yield "it is too large";
		else {
			const bytes = await contentOf(store, layer, signal);
			const signature = layer.annotations?.[signatureAnnotation] ?? "";
			if (bytes === null) yield "it is damaged";
			else yield isSimple ? simpleSigningFault(bytes, signature, digest, key) : bundleFault(bytes, digest, key);
		}
	}
}

/** Null when it is not what the manifest promises. Somebody's broken signature does not spoil another one. */
async function contentOf(store: ArtifactStore, layer: Descriptor, signal: AbortSignal): Promise<Uint8Array | null> {
	try {
		return (await store.document(layer, signal)).bytes;
	} catch (error) {
		const broken = ["digest_mismatch", "image_malformed", "registry_not_found"];
		if (error instanceof EngineError && broken.includes(error.code)) return null;
		throw error;
	}
}

function manifestIn(bytes: Uint8Array): ArtifactManifest | null {
	try {
		return parseArtifactManifest(bytes);
	} catch {
		return null;
	}
}
