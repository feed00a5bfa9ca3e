/** What comes with an image before its layers: references, manifests, configurations, and what registries say. */

import { buildImage, buildIndex } from "#engine/testing";
import { type Digest, purlOf } from "#model";
import { parseDescriptors } from "../../../src/engine/image/sources/layout-documents.ts";
import { splitSelector } from "../../../src/engine/image/sources/selector.ts";
import { parseConfig } from "../../../src/engine/image-documents/config.ts";
import { parseManifest } from "../../../src/engine/image-documents/manifest.ts";
import { parseChallenges } from "../../../src/engine/registry/auth/challenge.ts";
import { parseDockerConfig } from "../../../src/engine/registry/auth/docker-config.ts";
import { formatReference, parseReference } from "../../../src/engine/registry/reference.ts";
import { parsePurl } from "../../../src/engine/sbom/purl.ts";
import { readPurl } from "../../../src/engine/suppression/purl.ts";
import { jsonTexts, textOf, texts } from "../inputs.ts";
import { holdSame } from "../rules.ts";
import { type FuzzTarget, hold, holdText } from "../target.ts";
import { refusal } from "./feed.ts";

const image = buildImage({ layers: [{ tar: [] }, { tar: [], compression: "zstd" }], annotations: { a: "b" } });
const blob = (digest: Digest): Uint8Array => image.blobs.get(digest) ?? new Uint8Array();
const words = [
	"schemaVersion",
	"mediaType",
	"config",
	"layers",
	"manifests",
	"digest",
	"size",
	"platform",
	"annotations",
	"artifactType",
	"rootfs",
	"diff_ids",
	"history",
	"urls",
	"application/vnd.oci.image.index.v1+json",
	"application/vnd.oci.image.manifest.v1+json",
	"os.version",
	`sha256:${"0".repeat(64)}`,
];

export const documentTargets: readonly FuzzTarget[] = [
	{
		name: "image-documents/manifest",
		seeds: () => [blob(image.manifest.digest), buildIndex([image]).bytes],
		words,
		format: "json",
		async run(input, random) {
			const hint = random.pick([
				"",
				"application/vnd.oci.image.index.v1+json",
				"application/vnd.docker.distribution.manifest.v2+json",
			]);
			await refusal(["image_malformed", "manifest_unsupported"], () => {
				const manifest = parseManifest(input, hint);
				const descriptors = manifest.kind === "index" ? manifest.manifests : [manifest.config, ...manifest.layers];
				for (const { digest, size } of descriptors) {
					hold(/^sha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128})$/.test(digest), () => `${digest} is no digest`);
					hold(Number.isSafeInteger(size) && size >= 0, () => `${size} is no size`);
				}
			});
			await refusal(["image_malformed"], () => void parseDescriptors(input, "index.json"));
		},
	},
	{
		name: "image-documents/config",
		seeds: () => [blob(image.config.digest)],
		words,
		format: "json",
		async run(input) {
			await refusal(["image_malformed"], () => void parseConfig(input));
		},
	},
	{
		name: "registry/reference",
		seeds: () =>
			texts(
				"docker.io/library/nginx:1.27",
				"localhost:5000/a/b@sha256:" + "a".repeat(64),
				"[::1]:5000/a_b/c--d:t@sha512:" + "b".repeat(128),
				"oci-layout:/a/b:tag",
			),
		words: ["/", ":", "@sha256:", "..", "localhost", "[::1]", "__", "docker.io/", "A", "%"],
		mostBytes: 2048,
		async run(input) {
			const text = textOf(input);
			splitSelector(text, () => false);
			await refusal(["reference_malformed"], () => {
				const reference = parseReference(text);
				holdSame(parseReference(formatReference(reference)), reference, "the reference written out");
				holdText(formatReference(reference), "a reference", 600);
			});
		},
	},
	{
		name: "registry/challenge",
		seeds: () =>
			texts(
				'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull"',
				'Basic realm="a, b", Negotiate abc==, Digest a=b',
			),
		words: [",", '"', "\\", "=", "Bearer ", "realm=", " ", "\t"],
		mostBytes: 16 * 1024,
		run(input) {
			for (const { scheme, parameters } of parseChallenges(textOf(input)))
				hold(scheme === scheme.toLowerCase() && parameters.size >= 0, () => `the scheme ${scheme}`);
		},
	},
	{
		name: "registry/docker-config",
		seeds: () =>
			jsonTexts({
				auths: { "https://index.docker.io/v1/": { auth: "dTpw" }, "quay.io/a": { identitytoken: "x" } },
				credHelpers: { "gcr.io": "gcloud" },
				credsStore: "pass",
			}),
		words: ["auths", "auth", "credHelpers", "credsStore", "identitytoken", "https://"],
		format: "json",
		async run(input) {
			await refusal(["credentials_unusable"], () => void parseDockerConfig(textOf(input), "config.json"));
		},
	},
	{
		name: "model/purl",
		seeds: () =>
			texts(
				"npm\n@a/b\n1.0+x",
				"maven\norg.a:b\n1",
				"golang\nGithub.com/A/b\nv1",
				"deb\na\n1:2",
				"pkg:npm/%40a/b@1.0?x=y#z\n\n",
				"pkg:oci/a@sha256%3Aab?repository_url=x\n\n",
			),
		words: [
			"\n",
			"/",
			":",
			"@",
			"%",
			"%2F",
			"%ZZ",
			"?",
			"#",
			"&",
			"pkg:",
			"..",
			"deb\n",
			"maven\n",
			"golang\n",
			"conda\n",
		],
		mostBytes: 8192,
		run(input) {
			const [type = "", name = "", version = ""] = textOf(input).split("\n", 3);
			const types = [
				"deb",
				"apk",
				"rpm",
				"npm",
				"golang",
				"pypi",
				"conda",
				"gem",
				"composer",
				"cargo",
				"maven",
				"nuget",
				"generic",
			] as const;
			const chosen = types.find((one) => one === type) ?? "npm";
			const purl = purlOf({ type: chosen, name, version, path: "a" }, { id: "debian", versionId: "12" });
			hold(/^pkg:[a-z]+\/[\x21-\x7e]*$/.test(purl), () => `no package URL: ${purl}`);
			parsePurl(textOf(input));
			readPurl(textOf(input));
			const short = name.length < 500 && version.length < 500;
			if (short && /\w/.test(name)) hold(parsePurl(purl) !== null, () => `not read back: ${purl}`);
		},
	},
];
