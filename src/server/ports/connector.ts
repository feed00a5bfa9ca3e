/** One way to talk to a registry, whatever its kind; `server/registries/<kind>/` makes them. */
import type { ConnectionCheck, RegistryCredentials, RegistryKind, RegistryPreset } from "#contract";
import type { ImageSource } from "#engine";
import type { Digest } from "#model";

/** All that reaching a registry takes, secrets included: plain data, which a scanning child process is sent. */
export interface RegistryAccess {
	readonly id: string;
	readonly name: string;
	readonly kind: RegistryKind;
	readonly preset: RegistryPreset;
	readonly url: string;
	readonly insecure: boolean;
	readonly caCertificate: string | null;
	readonly credentials: RegistryCredentials | null;
	readonly repositories: readonly string[] | null;
	readonly maxBytesPerSecond: number | null;
}

/** What is asked of a registry throws EngineError: the `registry_*` codes, `address_refused`, `credentials_unusable`, `aborted`. */
export interface Connector {
	/** Never throws for what the registry does: the answer tells. */
	check(signal: AbortSignal): Promise<ConnectionCheck>;
	/** Names of repositories, page by page, in the registry's order. `next` is where a listing that was cut off goes on. */
	repositories(
		from: string | null,
		signal: AbortSignal,
	): AsyncIterable<{ readonly names: readonly string[]; readonly next: string | null }>;
	tags(repository: string, signal: AbortSignal): AsyncIterable<readonly string[]>;
	/**
	 * Where a tag or digest points; null when it is gone. With the digest that is known already, an unchanged one costs one
	 * HEAD. What is wrong with a manifest in itself is its `unsupported`; what cannot be read (not answered, too large, not
	 * what its digest says) is thrown as an EngineError.
	 */
	resolve(repository: string, reference: string, known: Digest | null, signal: AbortSignal): Promise<Resolved | null>;
	/** The image or index, for scanners. */
	source(repository: string, digest: Digest): ImageSource;
}

export type Resolved =
	| { readonly unchanged: true; readonly digest: Digest }
	| { readonly unchanged: false; readonly manifest: ManifestFacts };

/** What a manifest says, without its layers' content. */
export interface ManifestFacts {
	readonly digest: Digest;
	readonly mediaType: string;
	readonly kind: "image" | "index" | "other";
	/** Compressed bytes of all layers; null for an index. */
	readonly size: number | null;
	/** `linux/amd64`. */
	readonly platform: string | null;
	/** RFC 3339, from the configuration. */
	readonly createdAt: string | null;
	/** Why it cannot be scanned: a Helm chart, a signature; null when it can be tried. */
	readonly unsupported: string | null;
	/** Bottom first; empty for an index. */
	readonly layers: readonly {
		readonly digest: Digest;
		readonly diffId: string | null;
		readonly size: number;
		readonly createdBy: string;
	}[];
	/** Of an index, in its order; attestations are marked, they are no images. */
	readonly children: readonly {
		readonly digest: Digest;
		readonly mediaType: string;
		readonly platform: string | null;
		readonly attestation: boolean;
	}[];
}
