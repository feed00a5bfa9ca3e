import type { Advisory, Affected, Platform, ReportAdvisories, SeverityVector, Vulnerability } from "#model";

/** WHATWG fetch. The engine reaches the network by nothing else; proxies, CAs and time-outs are the caller's. */
export type Fetch = (input: string | URL, init?: RequestInit) => Promise<Response>;

/** An immutable, dated snapshot of advisories. */
export interface AdvisoryStore {
	readonly snapshot: ReportAdvisories;
	/** `starter` is the small made set of the demo; it stands for nothing else. */
	readonly kind: "full" | "starter";
	/** All records of one package of one ecosystem, ordered by advisory id; withdrawn ones are left out. */
	lookup(ecosystem: string, name: string): readonly AdvisoryMatch[];
	/** What is known of a vulnerability apart from its advisories; null when nothing is. */
	vulnerability(id: string): Vulnerability | null;
	/** CPEs of the products that Red Hat's content sets stand for. */
	products(contentSets: readonly string[]): readonly string[];
	/** CVSS vectors that any record gives for any of these identifiers, by alias; ordered by source. */
	severities(ids: readonly string[]): readonly SourcedVector[];
	close(): void;
}

export interface AdvisoryMatch {
	/** The feed that the record came from: `osv`, `debian-tracker`, `trivy-db`. */
	readonly feed: string;
	readonly advisory: Advisory;
	readonly affected: Affected;
}

export interface SourcedVector extends SeverityVector {
	/** The record that gives the vector. */
	readonly source: string;
}

/** Inventories of layers that were read before. Keys are opaque; values are JSON. Losing an entry costs only time. */
export interface LayerCache {
	get(key: string): Promise<string | null>;
	put(key: string, value: string): Promise<void>;
}

/** What happens during a scan, for progress displays. Bytes are compressed layer bytes. */
export type ScanEvent =
	| {
			readonly type: "resolved";
			readonly name: string;
			readonly images: number;
			readonly layers: number;
			readonly bytes: number;
	  }
	| { readonly type: "layer"; readonly digest: string; readonly state: "started" | "done" | "cached" }
	| { readonly type: "bytes"; readonly done: number; readonly total: number }
	| { readonly type: "matching"; readonly packages: number };

export interface ScanOptions {
	/** Which children of an index; a single image is scanned whatever its platform, unless one is asked for. */
	readonly platform: "all" | Platform;
	/** Language packages that came with OS packages: the distribution speaks for them (`drop`), or both do (`keep`). */
	readonly osOwned: "drop" | "keep";
	readonly listPackages: boolean;
}

/** What reading an image takes besides its source. */
export interface ReadDeps {
	readonly cache: LayerCache | null;
	readonly signal: AbortSignal;
	readonly onEvent: (event: ScanEvent) => void;
}

export interface ScanDeps extends ReadDeps {
	readonly advisories: AdvisoryStore;
	readonly clock: () => Date;
	/** Plimsoll's own version, for the report. */
	readonly version: string;
}
