/**
 * What a manifest that is no container image is, in people's words. Told by media types: of the artifact, of its
 * configuration, or of its layers (cosign's signatures have an image's configuration and say it only there).
 */

interface Row {
	readonly types: RegExp;
	readonly words: string;
}

const rows: readonly Row[] = [
	{ types: /^application\/vnd\.cncf\.helm\./, words: "a Helm chart: it names images, but holds no software itself" },
	{
		types: /^application\/vnd\.(?:dev\.cosign\.(?:simplesigning|artifact\.sig)|cncf\.notary\.signature)/,
		words: "a signature of another artifact",
	},
	{
		types: /^application\/vnd\.dev\.sigstore\.bundle/,
		words: "a signature or attestation of another artifact (Sigstore)",
	},
	{
		types: /^application\/vnd\.(?:in-toto|dsse\.envelope|dev\.cosign\.artifact\.att)/,
		words: "an attestation of another artifact (in-toto)",
	},
	{
		types:
			/^(?:application\/vnd\.cyclonedx|(?:text|application)\/spdx|application\/vnd\.(?:syft|dev\.cosign\.artifact\.sbom))/,
		words: "an SBOM of another artifact",
	},
	{
		types: /^application\/(?:vnd\.)?(?:wasm\b|module\.wasm\.|bytecodealliance\.)/,
		words: "a WebAssembly module, in which packages cannot be found",
	},
	{ types: /^application\/vnd\.cncf\.(?:openpolicyagent|opa)\./, words: "a bundle of policies" },
	{ types: /^application\/vnd\.cncf\.(?:flux|kyverno|falco|kubernetes)/, words: "a bundle of configuration" },
	{ types: /^application\/vnd\.aquasec\./, words: "a scanner's database" },
	{
		types: /^application\/vnd\.(?:oci\.image|docker)\.plugin|^application\/vnd\.docker\.plugin/,
		words: "a Docker plugin",
	},
	{ types: /^application\/vnd\.(?:docker\.)?compose\.|^application\/vnd\.docker\.compose/, words: "a Compose project" },
	{ types: /^application\/vnd\.buildkit\.cache/, words: "a build cache" },
	{ types: /^application\/vnd\.devcontainers/, words: "a dev container's feature or template" },
	{ types: /^application\/vnd\.(?:sylabs|singularity)\./, words: "a Singularity image, which cannot be read" },
	{ types: /^application\/vnd\.(?:opentofu|terraform|hashicorp)\./, words: "a Terraform or OpenTofu module" },
	{
		types: /^application\/vnd\.(?:cnai|cncf\.model|ollama|kitops|docker\.ai)\b/,
		words: "a machine learning model",
	},
	{ types: /^application\/vnd\.homebrew|^application\/vnd\.conda/, words: "a package of another package manager" },
	{
		types: /^application\/vnd\.docker\.distribution\.manifest\.v1\+/,
		words: "an image in Docker's old format (schema 1): pull it and push it again with a current Docker",
	},
];

/** The words for the first media type that is known; for none, the type itself. Types are hostile text. */
export function artifactWords(types: readonly string[]): string {
	const known = types.map((type) => rows.find((row) => row.types.test(type.toLowerCase()))).find((row) => row);
	if (known) return `This is ${known.words}.`;
	const told = types.find((type) => type !== "" && !uninformative.test(type)) ?? "";
	const shown = told.replace(/[^\x21-\x7e]/g, "?").slice(0, 120);
	return shown === ""
		? "This is an artifact that does not say of what kind, not a container image."
		: `This is an artifact of type ${shown}, not a container image.`;
}

/** What stands where nothing is to be said. */
const uninformative =
	/^application\/(?:vnd\.oci\.(?:empty\.v1\+json|image\.(?:manifest|config)\.v1\+json)|octet-stream|vnd\.unknown\..*)$/;
