/** Where cosign's signatures are found in a registry. What is signed, and the bundle, are the real cosign 3.1.3's. */
import { readFileSync } from "node:fs";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Digest } from "#model";
import { ociIndex, ociManifest } from "../image-documents/media-types.ts";
import { parseReference } from "../registry/index.ts";
import { type FakeRegistry, startFakeRegistry, stored } from "../testing/registry/index.ts";
import { registryStore } from "./artifact-store.ts";
import { simpleSigningLayer } from "./signature.ts";
import { requireSignature } from "./signed-artifact.ts";
import { readVerificationKey, type VerificationKey } from "./signing-keys.ts";

const made = (name: string): Buffer => readFileSync(new URL(`testdata/cosign/${name}`, import.meta.url));
const bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";
const signatureType = "application/vnd.dev.cosign.artifact.sig.v1+json";
const signature = "MEYCIQCNHbmX0oHmyM5SpZojuQ16qRFkLdgnOCDy33vfimw34wIhAMt4Sz0MRecvQmkrQF5ryfb1sj+GGBWpZVPOr/tvZE8X";
const { signal } = new AbortController();

const signed = stored(ociManifest, made("manifest.json"));
const empty = stored("application/vnd.oci.empty.v1+json", "{}");
const bundle = stored(bundleType, made("bundle.json"));
const payload = stored(simpleSigningLayer, made("payload.json"));
const part = ({ mediaType, digest, bytes }: typeof empty, annotations = {}) => ({
	mediaType,
	digest,
	size: bytes.length,
	annotations,
});
const manifestWith = (artifactType: string, layer: object) =>
	stored(ociManifest, { schemaVersion: 2, mediaType: ociManifest, artifactType, config: part(empty), layers: [layer] });
const bundleManifest = manifestWith(bundleType, part(bundle));
const simpleLayer = part(payload, { "dev.cosignproject.cosign/signature": signature });

let key: VerificationKey;
beforeAll(async () => {
	key = await readVerificationKey(new URL("testdata/cosign/cosign.pub", import.meta.url).pathname);
});
let registry: FakeRegistry;
afterEach(async () => {
	expect(registry.violations).toEqual([]);
	await registry.close();
});

async function registryWith(fill: (registry: FakeRegistry) => void) {
	registry = await startFakeRegistry();
	registry.pushManifest("trivy-db", signed, "2");
	for (const blob of [empty, bundle, payload]) registry.pushBlob("trivy-db", blob);
	fill(registry);
	const deps = {
		fetch,
		credentials: { find: async () => null },
		insecure: false,
		mirrors: [],
		sleep: async () => undefined,
	};
	const store = registryStore(parseReference(`${registry.host}/trivy-db:2`), deps);
	return (digest: Digest = signed.digest) => requireSignature(store, digest, key, signal);
}

const fallback = signed.digest.replace(":", "-");
const indexOf = (...manifests: { digest: string; artifactType: string; bytes: Buffer }[]) => ({
	schemaVersion: 2,
	mediaType: ociIndex,
	manifests: manifests.map(({ digest, artifactType, bytes }) => ({
		mediaType: ociManifest,
		digest,
		size: bytes.length,
		artifactType,
	})),
});

describe("a signature is found", () => {
	test("under cosign's tag", async () => {
		const verify = await registryWith((there) =>
			there.pushManifest("trivy-db", manifestWith("", simpleLayer), `${fallback}.sig`),
		);
		await expect(verify()).resolves.toBeUndefined();
	});

	test("in the registry's own list of referrers, whatever else is in it", async () => {
		const other = manifestWith("application/spdx+json", part(empty));
		const verify = await registryWith((there) => {
			there.pushManifest("trivy-db", bundleManifest);
			const entries = [{ ...other, artifactType: "application/spdx+json" }];
			const body = JSON.stringify(indexOf(...entries, { ...bundleManifest, artifactType: bundleType }));
			there.misbehave("/referrers/", { kind: "status", status: 200, body });
		});
		await expect(verify()).resolves.toBeUndefined();
	});

	test.each([
		["a bundle", bundleType, bundleManifest],
		["a signature of the older form", signatureType, manifestWith(signatureType, simpleLayer)],
	])("as %s in the list that clients keep, where the registry has none", async (_, artifactType, manifest) => {
		const verify = await registryWith((there) => {
			there.pushManifest("trivy-db", manifest);
			there.pushManifest("trivy-db", stored(ociIndex, indexOf({ ...manifest, artifactType })), fallback);
		});
		await expect(verify()).resolves.toBeUndefined();
	});

	test("although others that stand before it are broken", async () => {
		const broken = { ...simpleLayer, digest: `sha256:${"0".repeat(64)}` };
		const manifest = { ...manifestWith("", simpleLayer) };
		const layers = [broken, { ...simpleLayer, size: 10 ** 9 }, part(empty), simpleLayer];
		const many = stored(ociManifest, { ...(JSON.parse(manifest.bytes.toString()) as object), layers });
		const verify = await registryWith((there) => there.pushManifest("trivy-db", many, `${fallback}.sig`));
		await expect(verify()).resolves.toBeUndefined();
	});
});

describe("there is no signature", () => {
	test("when nothing is there", async () => {
		const verify = await registryWith(() => undefined);
		await expect(verify()).rejects.toMatchObject({ code: "advisories_unsigned" });
	});

	test("when what is there cannot be read", async () => {
		const verify = await registryWith((there) =>
			there.pushManifest("trivy-db", stored(ociManifest, "no manifest"), `${fallback}.sig`),
		);
		await expect(verify()).rejects.toMatchObject({
			code: "advisories_unsigned",
			message: expect.stringContaining("its manifest is malformed"),
		});
	});

	test("when it is of another manifest", async () => {
		const other: Digest = `sha256:${"1".repeat(64)}`;
		const verify = await registryWith((there) =>
			there.pushManifest("trivy-db", manifestWith("", simpleLayer), `${other.replace(":", "-")}.sig`),
		);
		await expect(verify(other)).rejects.toMatchObject({
			code: "advisories_unsigned",
			message: expect.stringContaining("it is of another manifest"),
		});
	});
});
