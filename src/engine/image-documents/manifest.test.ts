import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EngineError } from "../errors.ts";
import { parseManifest } from "./manifest.ts";
import { bareMediaType, isLayerMediaType } from "./media-types.ts";

const digest = `sha256:${"a".repeat(64)}`;
const docker = "application/vnd.docker.distribution.manifest.v2+json";
const list = "application/vnd.docker.distribution.manifest.list.v2+json";
const oci = "application/vnd.oci.image.manifest.v1+json";
const index = "application/vnd.oci.image.index.v1+json";
const config = { mediaType: "application/vnd.oci.image.config.v1+json", digest, size: 2 };
const dockerConfig = { ...config, mediaType: "application/vnd.docker.container.image.v1+json" };
const layer = { mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest, size: 3 };
const image = { schemaVersion: 2, config, layers: [layer] };

const bytes = (value: unknown): Uint8Array => Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
const parse = (value: unknown, hint = "") => parseManifest(bytes(value), hint);

describe("images and indexes", () => {
	test.each([
		["OCI", { ...image, mediaType: oci }, "", oci],
		["Docker", { ...image, mediaType: docker, config: dockerConfig }, "", docker],
		["without media type, OCI configuration", image, "", oci],
		["without media type, Docker configuration", { ...image, config: dockerConfig }, "", docker],
		["without media type, the descriptor tells", image, docker, docker],
		["a descriptor with parameters", image, `${docker}; charset=utf-8`, docker],
	])("%s", (_, json, hint, mediaType) => {
		expect(parse(json, hint)).toMatchObject({ kind: "image", mediaType, layers: [layer] });
	});

	test("everything of a descriptor is kept, unknown fields are not", () => {
		const platform = { os: "windows", architecture: "amd64", "os.version": "10.0", variant: "v1", features: ["x"] };
		const annotations = { "org.opencontainers.image.base.name": "debian", ["__proto__"]: "plain" };
		const manifests = [
			{ ...layer, mediaType: oci, platform, annotations, urls: ["https://x"], data: "e30=", extra: 1 },
		];
		const parsed = parse({ schemaVersion: 2, mediaType: index, manifests, annotations: null, subject: layer });
		expect(parsed).toEqual({
			kind: "index",
			mediaType: index,
			digest: expect.stringMatching(/^sha256:/),
			manifests: [
				{
					mediaType: oci,
					digest,
					size: 3,
					platform: { os: "windows", architecture: "amd64", osVersion: "10.0", variant: "v1" },
					annotations,
					urls: ["https://x"],
				},
			],
			annotations: {},
		});
	});

	test("a Docker list, an index that does not name itself, and nulls where Go writes them", () => {
		expect(parse({ schemaVersion: 2, mediaType: list, manifests: [] })).toMatchObject({
			kind: "index",
			mediaType: list,
		});
		expect(parse({ schemaVersion: 2, manifests: [] })).toMatchObject({ kind: "index", mediaType: index });
		expect(parse({ schemaVersion: 2, config, layers: null })).toMatchObject({ kind: "image", layers: [] });
		expect(parse({ schemaVersion: 2, config, layers: [{ ...layer, platform: { os: "" } }] })).toMatchObject({
			layers: [layer],
		});
	});

	test("the digest is the bytes' own unless it is given", () => {
		expect(parse(image).digest).toMatch(/^sha256:[0-9a-f]{64}$/);
		expect(parseManifest(bytes(image), "", `sha512:${"b".repeat(128)}`).digest).toMatch(/^sha512:/);
	});
});

describe("refused", () => {
	test.each([
		["not JSON", "{"],
		["not UTF-8", Buffer.from([0x7b, 0xff, 0x7d])],
		["not an object", []],
		["null", "null"],
		["nothing", "{}"],
		["no schema version", { config, layers: [] }],
		["no configuration", { schemaVersion: 2, layers: [] }],
		["an index that is an image, too (GHSA-mc8v-mgrf-8f4m)", { ...image, manifests: [] }],
		["an index with a configuration", { schemaVersion: 2, manifests: [], config }],
		["a manifest type on an index", { schemaVersion: 2, mediaType: oci, manifests: [] }],
		["an index type on an image", { ...image, mediaType: index }],
		["layers of another type", { ...image, layers: {} }],
		["more layers than any container engine runs", { ...image, layers: Array(1001).fill(layer) }],
		["a layer that is null", { ...image, layers: [null] }],
		["a digest of another algorithm", { ...image, layers: [{ ...layer, digest: `md5:${"a".repeat(32)}` }] }],
		["a digest that climbs", { ...image, layers: [{ ...layer, digest: "sha256:../../../etc" }] }],
		["no digest", { ...image, layers: [{ size: 1 }] }],
		["a negative size", { ...image, layers: [{ ...layer, size: -1 }] }],
		["a broken size", { ...image, layers: [{ ...layer, size: 1.5 }] }],
		["an immense size", { ...image, layers: [{ ...layer, size: 2 ** 60 }] }],
		["a size in words", { ...image, layers: [{ ...layer, size: "3" }] }],
		["annotations of numbers", { ...image, annotations: { a: 1 } }],
		["a platform of another type", { ...image, layers: [{ ...layer, platform: "linux" }] }],
		["a media type of another type", { ...image, mediaType: 7 }],
	])("%s is image_malformed", (_, json) => {
		const run = () => (json instanceof Uint8Array ? parseManifest(json, "") : parse(json));
		expect(run).toThrow(expect.objectContaining({ code: "image_malformed" }));
	});

	test.each([
		["schema 1", { schemaVersion: 1, fsLayers: [] }, /schema 1/],
		["signed schema 1", { mediaType: "application/vnd.docker.distribution.manifest.v1+prettyjws" }, /schema 1/],
		[
			"a Helm chart",
			{ ...image, config: { ...config, mediaType: "application/vnd.cncf.helm.config.v1+json" } },
			/helm/,
		],
		[
			"an artifact",
			{
				...image,
				artifactType: "application/x-sbom",
				config: { ...config, mediaType: "application/vnd.oci.empty.v1+json" },
			},
			/x-sbom/,
		],
		[
			"an artifact manifest",
			{ schemaVersion: 2, mediaType: "application/vnd.oci.artifact.manifest.v1+json" },
			/artifact/,
		],
		["a type with control characters", { ...image, config: { ...config, mediaType: "evil\u001b[2J" } }, /evil\?\[2J/],
	])("%s is manifest_unsupported", (_, json, message) => {
		expect(() => parse(json)).toThrow(
			expect.objectContaining({ code: "manifest_unsupported", message: expect.stringMatching(message) }),
		);
	});

	test("whatever JSON comes, the error is ours or there is none", () => {
		const field = fc.oneof(fc.jsonValue(), fc.constant(config), fc.constant([layer]), fc.constant(2));
		const keys = {
			schemaVersion: field,
			mediaType: field,
			config: field,
			layers: field,
			manifests: field,
			annotations: field,
		};
		fc.assert(
			fc.property(fc.record(keys, { requiredKeys: [] }), (json) => {
				try {
					parse(json);
				} catch (error) {
					expect(error).toBeInstanceOf(EngineError);
				}
			}),
			{ numRuns: 1000 },
		);
	});
});

test.each([
	["application/vnd.oci.image.layer.v1.tar", true],
	["application/vnd.oci.image.layer.v1.tar+gzip", true],
	["application/vnd.oci.image.layer.v1.tar+zstd", true],
	["application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", true],
	["application/vnd.docker.image.rootfs.diff.tar.gzip", true],
	["application/vnd.docker.image.rootfs.diff.tar.zstd", true],
	["application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", true],
	["application/vnd.oci.image.layer.v1.tar+gzip+encrypted", false],
	["application/vnd.in-toto+json", false],
	["application/vnd.cncf.helm.chart.content.v1.tar+gzip", false],
	["", false],
])("layer type %s: %s", (type, readable) => {
	expect(isLayerMediaType(type)).toBe(readable);
	expect(bareMediaType(`${type.toUpperCase()} ; x=y`)).toBe(type);
});
