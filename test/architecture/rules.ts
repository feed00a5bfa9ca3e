/**
 * The house as tables: what may import what. DESIGN §3 is the source; to let in something new, add a row or a name
 * here and say why in the commit.
 */

export type Layer =
	| "model"
	| "contract"
	| "engine"
	| "scanners"
	| "store"
	| "server"
	| "console"
	| "cli"
	| "main"
	| "test"
	| "demo"
	| "tools";

/** Layers that a layer may import, besides itself. A layer whose folder does not exist yet is no breach. */
export const layers: Readonly<Record<Layer, readonly Layer[]>> = {
	model: [],
	contract: ["model"],
	engine: ["model"],
	scanners: ["engine", "model"],
	store: ["engine", "server", "contract", "model"],
	server: ["engine", "contract", "model"],
	console: ["contract", "model"],
	cli: ["engine", "contract", "model"],
	main: ["model", "contract", "engine", "scanners", "store", "server", "cli"],
	// Outside src: tests may see every layer's root, tools stand alone so that they run in a broken tree.
	test: ["model", "contract", "engine", "scanners", "store", "server", "console", "cli", "demo"],
	// The demo makes its image with the engine's test builders, and runs the program as a program.
	demo: ["model", "engine"],
	tools: [],
};

/** What a production file in a folder of `src/engine` may import. Paths are relative to `src/engine`. */
export type EngineRule =
	/** May import anything in the engine but `testing`: this is where variants are joined. */
	| "joint"
	/** Only its own folder, and these files (`x.ts`) and folders (`x/`). */
	| readonly string[];

const portsAndErrors = ["errors.ts", "ports.ts"] as const;

export const engineRules: Readonly<Record<string, EngineRule>> = {
	registry: [...portsAndErrors, "image-documents/", "image/types.ts"],
	image: [...portsAndErrors, "image-documents/"],
	"image-documents": [...portsAndErrors],
	sbom: [...portsAndErrors],
	// An SBOM inside an image is read as one that is scanned by itself.
	catalogers: [...portsAndErrors, "sbom/"],
	versions: [...portsAndErrors],
	// Some feeds come as tar archives.
	advisories: [...portsAndErrors, "image/tar/", "image/limits.ts"],
	reports: [...portsAndErrors],
	suppression: [...portsAndErrors, "registry/reference.ts"],
	matching: [...portsAndErrors, "versions/types.ts", "advisories/types.ts", "advisories/cvss/"],
	remediation: [...portsAndErrors, "matching/", "versions/types.ts"],
	inventory: "joint",
	targets: "joint",
	testing: "joint",
	// Files that stand in src/engine itself; every one that is not named is a joint.
	ecosystems: "joint",
	exchange: "joint",
	"errors.ts": [],
	"ports.ts": ["errors.ts"],
};

/** Folders of `src/engine` whose subfolders are variants of one port: a variant never imports a sibling. */
export const variantFamilies: Readonly<Record<string, VariantFamily>> = {
	"src/engine/catalogers": { shared: [] },
	"src/engine/versions": { shared: [] },
	// cvss scores vectors for every feed; database stores what any feed gives.
	"src/engine/advisories": {
		shared: ["cvss", "database", "download"],
		joints: ["feed-kinds.ts", "feeds.ts", "osv-changes.ts", "osv-parts.ts", "osv-zip.ts", "update.ts"],
	},
	"src/engine/reports": { shared: [] },
	"src/engine/suppression": { shared: [], joints: ["read.ts"] },
	"src/scanners": { shared: [], joints: ["index.ts"] },
	"src/server/registries": { shared: ["access"], joints: ["connect.ts"] },
};

export interface VariantFamily {
	/** Subfolders that are no variants: every variant may import them, and they may import none. */
	readonly shared: readonly string[];
	/** Files in the family's own folder whose task is to join variants. */
	readonly joints?: readonly string[];
}

/** The network is an injected fetch: the engine's production code opens no socket of its own. */
export const engineForbiddenModules: readonly string[] = [
	"undici",
	"http",
	"https",
	"http2",
	"net",
	"tls",
	"dgram",
	"dns",
	"dns/promises",
	"child_process",
	"cluster",
];

/** Files of the engine that may import a forbidden module all the same, and which. */
export const engineModuleExceptions: Readonly<Record<string, readonly string[]>> = {
	// isIP and BlockList: they tell addresses apart and open nothing.
	"src/engine/registry/address.ts": ["node:net"],
	// Docker's credential helpers are programs; the runner is a parameter, and this is its real one.
	"src/engine/registry/auth/credential-helper.ts": ["node:child_process"],
};

/**
 * Files that only tests use: they may do what tests may, and production code must not import them. A fixture makes what
 * a test reads; an oracle asks a real program for the right answer.
 */
export const testSupport: RegExp = /^demo\/|^src\/(?:engine|server|store)\/testing\/|-(?:fixtures?|oracle)\.ts$/;

/**
 * Folders whose files may import from inside a layer, not only by its door: fuzzing calls every parser as it is,
 * benchmarks measure single parts.
 */
export const reachesInside: readonly string[] = ["test/bench", "test/fuzz"];

/** Names that say nothing about what a folder or file holds. */
export const refusedNames: readonly string[] = [
	"util",
	"utils",
	"helper",
	"helpers",
	"common",
	"manager",
	"managers",
	"misc",
];

/** Lines a file may have. */
export const sizeBudget = { source: 500, test: 800 } as const;

/**
 * Files over the budget, with the lines they may have. The list only shrinks: an entry that is higher than the file
 * needs, or no longer needed, fails the test.
 */
export const oversized: Readonly<Record<string, number>> = {};

/** Variant folders that hold no `*.test.ts` of their own, each with the test that holds them instead. */
export const testedElsewhere: Readonly<Record<string, string>> = {};
