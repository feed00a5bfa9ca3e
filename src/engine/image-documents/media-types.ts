/**
 * The media types of images: OCI image-spec media-types.md and Docker's image manifest version 2, schema 2.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/media-types.md
 */

export const ociManifest = "application/vnd.oci.image.manifest.v1+json";
export const ociIndex = "application/vnd.oci.image.index.v1+json";
export const dockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
const dockerManifestList = "application/vnd.docker.distribution.manifest.list.v2+json";

/** Types of a manifest of one image. */
export const manifestTypes: readonly string[] = [ociManifest, dockerManifest];
/** Types of a multi-platform image. */
export const indexTypes: readonly string[] = [ociIndex, dockerManifestList];

/** Docker's manifests before 2016: no configuration, no sizes, and layers known only by a legacy chain. Not read. */
export const schema1Types: readonly string[] = [
	"application/vnd.docker.distribution.manifest.v1+json",
	"application/vnd.docker.distribution.manifest.v1+prettyjws",
];

const ociConfig = "application/vnd.oci.image.config.v1+json";
const dockerConfig = "application/vnd.docker.container.image.v1+json";

/** Types of an image's configuration. Docker pushed `octet-stream` for a while in 2015 and 2016. */
export const configTypes: readonly string[] = [ociConfig, dockerConfig, "application/octet-stream"];

/** True for the types that a registry keeps under `/manifests/`; everything else is a blob. */
export function isManifestType(mediaType: string): boolean {
	return manifestTypes.includes(mediaType) || indexTypes.includes(mediaType);
}

/** True for a configuration type that only Docker's own manifests name. */
export function isDockerConfig(mediaType: string): boolean {
	return mediaType === dockerConfig || mediaType === "application/octet-stream";
}

/** A media type without its parameters, lower case: `Application/JSON; charset=utf-8` is `application/json`. */
export function bareMediaType(header: string): string {
	return (header.split(";", 1)[0] ?? "").trim().toLowerCase();
}

/**
 * The types of layers that are tar archives: OCI and Docker, plain, gzip or zstd, non-distributable ones included
 * (registries may hold them). Anything else, encrypted layers for one, cannot be read.
 */
const layerPattern =
	/^application\/vnd\.(?:oci\.image\.layer\.(?:nondistributable\.)?v1\.tar(?:\+(?:gzip|zstd))?|docker\.image\.rootfs\.(?:foreign\.)?diff\.tar(?:\.(?:gzip|zstd))?)$/;

/** True for a layer that can be read as a file system. */
export function isLayerMediaType(mediaType: string): boolean {
	return layerPattern.test(bareMediaType(mediaType));
}
