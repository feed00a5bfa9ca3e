import type { Advisory, Affected, ExploitPrediction, KnownExploited, Vulnerability } from "#model";

/** What a translator of a feed gives, one after the other; whoever runs it stores it. */
export type FeedItem =
	| { readonly kind: "advisory"; readonly advisory: Advisory; readonly affected: readonly Affected[] }
	/** What a feed knows of a vulnerability itself. */
	| { readonly kind: "vulnerability"; readonly vulnerability: Vulnerability }
	/** `id` is a CVE. */
	| { readonly kind: "kev"; readonly id: string; readonly kev: KnownExploited }
	/** `id` is a CVE. */
	| { readonly kind: "epss"; readonly id: string; readonly epss: ExploitPrediction }
	/** CPEs of the products that a Red Hat content set stands for. */
	| { readonly kind: "products"; readonly contentSet: string; readonly cpes: readonly string[] }
	/** A record that could not be read, or not whole: `problem` is one clause. The rest of the feed goes on. */
	| { readonly kind: "malformed"; readonly name: string; readonly problem: string };

/** A file of a feed, unpacked: whole, or as it streams by. */
export type FeedBytes = Uint8Array | AsyncIterable<Uint8Array>;
