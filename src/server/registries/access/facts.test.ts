import { describe, expect, test } from "vitest";
import { type Document, EngineError, type ImageSource } from "#engine";
import type { Digest } from "#model";
import { artifactWords } from "./artifact-kinds.ts";
import { manifestFacts } from "./facts.ts";

const never = new AbortController().signal;
const digest = `sha256:${"a".repeat(64)}` as Digest;
const other = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
const ociImage = "application/vnd.oci.image.manifest.v1+json";
const imageConfig = "application/vnd.oci.image.config.v1+json";
const tar = "application/vnd.oci.image.layer.v1.tar+gzip";

function document(value: unknown, mediaType = ociImage): Document {
	const bytes = Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
	return { descriptor: { mediaType, digest, size: bytes.length }, bytes };
}

function source(config: unknown): ImageSource {
	return {
		name: "test",
		root: () => Promise.reject(new Error("not asked")),
		document: async (descriptor) => {
			if (config instanceof Error) throw config;
			return { descriptor, bytes: Buffer.from(JSON.stringify(config)) };
		},
		blobs: () => Promise.reject(new Error("not asked")),
		close: async () => {},
	};
}

const descriptor = (mediaType: string, size = 10, letter = "b") => ({ mediaType, digest: other(letter), size });
const image = (layers: readonly object[], config = imageConfig, more: object = {}) => ({
	schemaVersion: 2,
	mediaType: ociImage,
	config: descriptor(config),
	layers,
	...more,
});
const goodConfig = {
	created: "2024-03-01T10:00:00.123456789Z",
	os: "linux",
	architecture: "arm64",
	variant: "v8",
	rootfs: { diff_ids: [other("c"), other("d")] },
	history: [
		{ created_by: "/bin/sh -c #(nop) ADD file:x in / " },
		{ created_by: "ENV A=b", empty_layer: true },
		{ created_by: "RUN /bin/sh -c make\u0000 all # buildkit" },
	],
};

describe("an image", () => {
	const twoLayers = document(image([descriptor(tar, 100, "1"), descriptor(tar, 23, "2")]));

	test("has its layers with instructions, platform, time and size", async () => {
		expect(await manifestFacts(twoLayers, source(goodConfig), never)).toEqual({
			digest,
			mediaType: ociImage,
			kind: "image",
			size: 123,
			platform: "linux/arm64/v8",
			createdAt: "2024-03-01T10:00:00.123Z",
			unsupported: null,
			layers: [
				{ digest: other("1"), diffId: other("c"), size: 100, createdBy: "ADD file:x in /" },
				{ digest: other("2"), diffId: other("d"), size: 23, createdBy: "RUN /bin/sh -c make  all" },
			],
			children: [],
		});
	});

	test.each([
		["malformed", { rootfs: 7 }],
		["of other layers", { rootfs: { diff_ids: [] } }],
		["missing", new EngineError("registry_not_found", "gone", "")],
	])("whose configuration is %s can still be tried", async (_, config) => {
		const facts = await manifestFacts(twoLayers, source(config), never);
		expect(facts).toMatchObject({ kind: "image", unsupported: null, size: 123, platform: null });
		expect(facts.layers.map((layer) => layer.digest)).toEqual([other("1"), other("2")]);
	});

	test("a registry that does not answer is no fact about the image", async () => {
		const down = source(new EngineError("registry_unreachable", "down", ""));
		await expect(manifestFacts(twoLayers, down, never)).rejects.toMatchObject({ code: "registry_unreachable" });
	});

	test("times and instructions that are hostile are made harmless", async () => {
		const config = {
			...goodConfig,
			created: "0001-01-01T00:00:00Z",
			os: "li\u0000nux",
			history: [{ created_by: "x".repeat(100_000) }, { created_by: "\ud800" }],
		};
		const facts = await manifestFacts(twoLayers, source(config), never);
		expect(facts.createdAt).toBeNull();
		expect(facts.platform).not.toContain("\0");
		expect(facts.layers[0]?.createdBy).toHaveLength(4096);
		expect(facts.layers[1]?.createdBy.isWellFormed()).toBe(true);
	});

	test("sizes beyond counting are cut", async () => {
		const huge = Array.from({ length: 3 }, () => descriptor(tar, Number.MAX_SAFE_INTEGER));
		const facts = await manifestFacts(document(image(huge)), source({}), never);
		expect(facts.size).toBe(Number.MAX_SAFE_INTEGER);
	});
});

describe("what is no image", () => {
	const artifact = (config: string, layer: string, artifactType?: string) =>
		document(image([descriptor(layer, 7)], config, artifactType ? { artifactType } : {}));
	test.each([
		[
			"a chart",
			artifact("application/vnd.cncf.helm.config.v1+json", "application/vnd.cncf.helm.chart.content.v1.tar+gzip"),
			/Helm chart/,
		],
		["cosign's signature", artifact(imageConfig, "application/vnd.dev.cosign.simplesigning.v1+json"), /signature/],
		["cosign's attestation", artifact(imageConfig, "application/vnd.dsse.envelope.v1+json"), /attestation/],
		["BuildKit's attestation", artifact(imageConfig, "application/vnd.in-toto+json"), /in-toto/],
		["an SBOM", artifact(imageConfig, "text/spdx+json"), /SBOM/],
		["CycloneDX", artifact("application/vnd.oci.empty.v1+json", "application/vnd.cyclonedx+json"), /SBOM/],
		["WebAssembly", artifact("application/vnd.wasm.config.v0+json", "application/wasm"), /WebAssembly/],
		[
			"a signature by type",
			artifact("application/vnd.oci.empty.v1+json", "application/x", "application/vnd.cncf.notary.signature"),
			/signature/,
		],
		[
			"something empty",
			artifact("application/vnd.oci.empty.v1+json", "application/vnd.oci.empty.v1+json"),
			/does not say/,
		],
		["something new", artifact("application/vnd.new.v1+json", "application/x"), /type application\/vnd\.new\.v1\+json/],
		["schema 1", document({ schemaVersion: 1, fsLayers: [], history: [] }, ""), /schema 1/],
		["no JSON", document("<html>"), /not JSON/],
		["a list", document([]), /not an object/],
		["nothing", document({ schemaVersion: 2 }), /config is missing/],
		["two in one", document({ ...image([]), manifests: [] }), /two ways/],
		["too many layers", document(image(Array.from({ length: 1001 }, () => descriptor(tar)))), /1001/],
		["deep JSON", document(`{"schemaVersion":2,"config":${"[".repeat(200_000)}${"]".repeat(200_000)}}`), /config/],
	])("%s", async (_, given, words) => {
		const facts = await manifestFacts(given, source({}), never);
		expect(facts).toMatchObject({ kind: "other", layers: [], children: [], unsupported: expect.stringMatching(words) });
	});

	test("types are shown harmlessly", () => {
		expect(artifactWords([`application/\u0000\u202e${"x".repeat(500)}`])).toMatch(
			/^This is an artifact of type application\/\?\?x+, /,
		);
		expect(artifactWords([])).toMatch(/does not say/);
	});
});

describe("an index", () => {
	const index = (manifests: readonly object[]) =>
		document({ schemaVersion: 2, manifests }, "application/vnd.oci.image.index.v1+json");
	const child = (platform: object | undefined, letter: string, annotations?: object) => ({
		...descriptor(ociImage, 5, letter),
		...(platform && { platform }),
		...(annotations && { annotations }),
	});

	test("has its children in order, attestations marked", async () => {
		const facts = await manifestFacts(
			index([
				child({ os: "linux", architecture: "amd64" }, "1"),
				child({ os: "unknown", architecture: "unknown" }, "2", { "vnd.docker.reference.type": "attestation-manifest" }),
			]),
			source({}),
			never,
		);
		expect(facts).toMatchObject({ kind: "index", size: null, unsupported: null, layers: [] });
		expect(facts.children).toEqual([
			{ digest: other("1"), mediaType: ociImage, platform: "linux/amd64", attestation: false },
			{ digest: other("2"), mediaType: ociImage, platform: "unknown/unknown", attestation: true },
		]);
	});

	test("of itself, as far as it can be, is just a list", async () => {
		const facts = await manifestFacts(
			index([{ ...descriptor("application/vnd.oci.image.index.v1+json"), digest }]),
			source({}),
			never,
		);
		expect(facts.children).toHaveLength(1);
	});

	test("of ten thousand is not followed", async () => {
		const facts = await manifestFacts(
			index(Array.from({ length: 10_000 }, () => child(undefined, "1"))),
			source({}),
			never,
		);
		expect(facts).toMatchObject({ kind: "other", children: [], unsupported: expect.stringContaining("10000") });
	});

	test("of nothing that is an image says so", async () => {
		expect((await manifestFacts(index([]), source({}), never)).unsupported).toMatch(/no image/);
	});
});
