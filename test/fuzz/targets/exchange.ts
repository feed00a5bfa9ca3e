/** Advisory databases that come from elsewhere: what their manifests, archives and signatures say. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { buildTar, file } from "#engine/testing";
import type { Digest } from "#model";
import { annotationsOf, artifactType, parseArtifact, snapshotLayer } from "../../../src/engine/exchange/artifact.ts";
import { bundleFault, simpleSigningFault, simpleSigningPayload } from "../../../src/engine/exchange/signature.ts";
import { readVerificationKey } from "../../../src/engine/exchange/signing-keys.ts";
import { unpackTrivyDb } from "../../../src/engine/exchange/unpack-trivy-db.ts";
import { jsonTexts, testdataOf, textOf } from "../inputs.ts";
import { type FuzzTarget, hold } from "../target.ts";
import { refusal } from "./feed.ts";
import { tempFile } from "./temp-file.ts";

const digest: Digest = `sha256:${"a".repeat(64)}`;
const layer = { mediaType: snapshotLayer, digest, size: 10 };
const config = { mediaType: "application/vnd.oci.empty.v1+json", digest, size: 2 };
const facts = { digest, size: 10, builtAt: "2026-01-01T00:00:00Z", schema: 2, kind: "full", source: "own" } as const;
const ours = {
	schemaVersion: 2,
	mediaType: "application/vnd.oci.image.manifest.v1+json",
	artifactType,
	config,
	layers: [layer],
	annotations: annotationsOf(facts),
};
const trivys = {
	schemaVersion: 2,
	config,
	layers: [{ ...layer, mediaType: "application/vnd.aquasec.trivy.db.layer.v1.tar+gzip" }],
};

/** Takes any signature for its own: what was signed is hostile, too. */
const trusting = { name: "a.pub", isSignature: () => true };
const statement = {
	_type: "https://in-toto.io/Statement/v1",
	predicateType: "https://sigstore.dev/cosign/sign/v1",
	subject: [{ digest: { sha256: "a".repeat(64) } }],
};
const bundle = {
	mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
	dsseEnvelope: {
		payload: Buffer.from(JSON.stringify(statement)).toString("base64"),
		payloadType: "application/vnd.in-toto+json",
		signatures: [{ sig: "AAAA" }],
	},
};

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
	yield bytes;
}

export const exchangeTargets: readonly FuzzTarget[] = [
	{
		name: "exchange/artifact",
		seeds: () => jsonTexts(ours, trivys),
		words: [
			"layers",
			"annotations",
			"artifactType",
			"config",
			"mediaType",
			"manifests",
			"vnd.plimsoll.advisories.schema",
			"digest",
			"size",
		],
		format: "json",
		async run(input) {
			await refusal(["advisories_source_unusable"], () => void parseArtifact(input, "a"));
		},
	},
	{
		name: "exchange/signature",
		seeds: () => [...jsonTexts(bundle), simpleSigningPayload("a/b", digest), ...testdataOf("exchange")],
		words: [
			"critical",
			"image",
			"docker-manifest-digest",
			"type",
			"dsseEnvelope",
			"payload",
			"payloadType",
			"signatures",
			"sig",
			digest,
		],
		format: "json",
		run(input) {
			for (const fault of [simpleSigningFault(input, "AAAA", digest, trusting), bundleFault(input, digest, trusting)]) {
				hold(fault === null || fault !== "", () => "a fault without words");
				const named = Buffer.from(input).includes("a".repeat(60)) || /"payload"|eyJ/.test(textOf(input));
				hold(fault !== null || named, () => "a signature counts that does not name the digest");
			}
		},
	},
	{
		name: "exchange/key",
		seeds: () => testdataOf("exchange", /\.pub$/),
		words: [
			"-----BEGIN PUBLIC KEY-----\n",
			"-----END PUBLIC KEY-----\n",
			"-----BEGIN CERTIFICATE-----\n",
			"PRIVATE KEY",
			"MFkw",
		],
		async run(input) {
			await refusal(["key_unusable"], async () => {
				const key = await readVerificationKey(tempFile("a.pub", input));
				hold(!key.isSignature(Buffer.from("a"), Buffer.from("b")), () => "it takes any signature");
			});
		},
	},
	{
		name: "exchange/unpack-trivy-db",
		seeds: () => {
			const tar = buildTar([file("metadata.json", '{"Version":2}'), file("trivy.db", "x".repeat(5000))]);
			return [gzipSync(tar), tar];
		},
		words: ["trivy.db", "metadata.json", "ustar\x0000", "../", "\u001f\u008b\u0008\0"],
		async run(input) {
			const folder = mkdtempSync(join(tmpdir(), "plimsoll-fuzz-unpack-"));
			const hash: Digest = `sha256:${createHash("sha256").update(input).digest("hex")}`;
			const { signal } = new AbortController();
			try {
				await refusal(["advisories_source_unusable"], async () => {
					const path = await unpackTrivyDb(
						{ mediaType: "", digest: hash, size: input.length },
						whole(input),
						folder,
						"a",
						signal,
					);
					hold(path === join(folder, "trivy.db"), () => `unpacked to ${path}`);
				});
			} finally {
				rmSync(folder, { recursive: true });
			}
		},
	},
];
