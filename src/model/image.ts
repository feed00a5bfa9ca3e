import type { Digest } from "./digest.ts";
import type { Platform } from "./platform.ts";

/** A pointer to content (OCI image-spec, descriptor.md). `size` in bytes. */
export interface Descriptor {
	readonly mediaType: string;
	readonly digest: Digest;
	readonly size: number;
	readonly platform?: Platform;
	readonly annotations?: Readonly<Record<string, string>>;
	/** Where non-distributable layers may be fetched from; never followed, only reported. */
	readonly urls?: readonly string[];
}

/** One image: its configuration and layers, bottom first (OCI image-spec, manifest.md; Docker schema 2). */
export interface ImageManifest {
	readonly kind: "image";
	readonly mediaType: string;
	readonly digest: Digest;
	readonly config: Descriptor;
	readonly layers: readonly Descriptor[];
	readonly annotations: Readonly<Record<string, string>>;
}

/** A multi-platform image (OCI image-spec, image-index.md; Docker manifest list). */
export interface ImageIndex {
	readonly kind: "index";
	readonly mediaType: string;
	readonly digest: Digest;
	readonly manifests: readonly Descriptor[];
	readonly annotations: Readonly<Record<string, string>>;
}

/** What a scan reads of an image configuration (OCI image-spec, config.md). */
export interface ImageConfig {
	readonly platform: Platform | null;
	/** RFC 3339, as it was written; absent when it does not tell. */
	readonly created?: string;
	readonly diffIds: readonly Digest[];
	readonly history: readonly { readonly createdBy: string; readonly emptyLayer: boolean }[];
}
