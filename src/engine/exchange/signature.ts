/**
 * Signatures of a manifest, as cosign makes them with a key. Two forms: "simple signing", a payload whose signature is
 * an annotation, and Sigstore's bundle, an in-toto statement in a DSSE envelope. Neither certificates nor transparency
 * logs are looked at: the key alone is trusted.
 * https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
 * https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
 */
import { type Digest, digestAlgorithm, digestHex } from "#model";
import type { VerificationKey } from "./signing-keys.ts";

export const simpleSigningLayer = "application/vnd.dev.cosign.simplesigning.v1+json";
export const signatureAnnotation = "dev.cosignproject.cosign/signature";
const payloadType = "cosign container image signature";

const bundlePattern = /^application\/vnd\.dev\.sigstore\.bundle(?:\.v0\.\d+\+json|\+json;version=0\.\d+)$/;
const statementTypes: readonly unknown[] = ["https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1"];
const dssePayloadType = "application/vnd.in-toto+json";
/** What tells a signature from an attestation of something, which may say anything of its subject. */
const signPredicate = "https://sigstore.dev/cosign/sign/v1";

/** Artifact types of manifests that carry signatures. */
export function isSignatureType(type: string): boolean {
	return type === "application/vnd.dev.cosign.artifact.sig.v1+json" || isBundle(type);
}

export function isBundle(mediaType: string): boolean {
	return bundlePattern.test(mediaType);
}

/** The tag that cosign gives the signatures of a manifest. */
export function signatureTag(digest: Digest): string {
	return `${referrersTag(digest)}.sig`;
}

/** The tag of the list of what refers to a manifest, where a registry has no list of its own (OCI 1.1). */
export function referrersTag(digest: Digest): string {
	return `${digestAlgorithm(digest)}-${digestHex(digest)}`;
}

/** Null when the key signed this digest with it; else what is wrong, for people. */
export type Fault = string | null;

/** Judges a payload of simple signing with the signature from its annotation. */
export function simpleSigningFault(
	payload: Uint8Array,
	signature: string,
	digest: Digest,
	key: VerificationKey,
): Fault {
	// Nothing in the payload is looked at before it is known whose it is.
	if (!key.isSignature(payload, Buffer.from(signature, "base64"))) return "it was made by another key";
	const critical = objectIn(jsonOf(payload), "critical");
	if (critical["type"] !== payloadType) return "it is no signature of an image";
	if (objectIn(critical, "image")["docker-manifest-digest"] !== digest) return "it is of another manifest";
	return null;
}

/** Judges a bundle. */
export function bundleFault(bundle: Uint8Array, digest: Digest, key: VerificationKey): Fault {
	const envelope = objectIn(jsonOf(bundle), "dsseEnvelope");
	const { payload: text, payloadType: type, signatures } = envelope;
	if (typeof text !== "string" || typeof type !== "string" || !Array.isArray(signatures)) return "it holds no envelope";
	const payload = Buffer.from(text, "base64");
	const signed = Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `), payload]);
	const ours = signatures.slice(0, 10).some((one: unknown) => {
		const { sig } = asObject(one);
		return typeof sig === "string" && key.isSignature(signed, Buffer.from(sig, "base64"));
	});
	if (!ours) return "it was made by another key";
	const statement = jsonOf(payload);
	if (type !== dssePayloadType || !statementTypes.includes(statement["_type"])) return "it is no statement";
	if (statement["predicateType"] !== signPredicate) return "it is no signature but a statement of another kind";
	const { subject } = statement;
	const isOfThis = (one: unknown): boolean =>
		objectIn(asObject(one), "digest")[digestAlgorithm(digest)] === digestHex(digest);
	return Array.isArray(subject) && subject.some(isOfThis) ? null : "it is of another manifest";
}

/** A payload of simple signing, as cosign writes it. `repository` may be empty. */
export function simpleSigningPayload(repository: string, digest: Digest): Buffer {
	const identity = { "docker-reference": repository };
	const image = { "docker-manifest-digest": digest };
	return Buffer.from(JSON.stringify({ critical: { identity, image, type: payloadType }, optional: null }));
}

type Json = Readonly<Record<string, unknown>>;

function jsonOf(bytes: Uint8Array): Json {
	try {
		return asObject(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
	} catch {
		return {};
	}
}

function objectIn(json: Json, key: string): Json {
	return asObject(json[key]);
}

function asObject(value: unknown): Json {
	return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}
