import { cyclesOf } from "./graph.ts";
import { type Edge, edgesOf, importBreaches } from "./import-rules.ts";
import { shapeBreaches } from "./shape-rules.ts";
import { textBreaches } from "./text-rules.ts";

/** What the checker reads of a checkout. Paths are relative to its root, with forward slashes. */
export interface Tree {
	/** Path -> text, of src, test and tools. */
	readonly sources: ReadonlyMap<string, string>;
	/** package.json#imports: specifier -> path. */
	readonly roots: ReadonlyMap<string, string>;
	/** Layer -> the layers that its tsconfig references. */
	readonly references: ReadonlyMap<string, readonly string[]>;
	/** package.json#dependencies: the packages that production code may import. */
	readonly dependencies: ReadonlySet<string>;
	/** Files that may be longer than the budget -> the lines they may have. */
	readonly oversized: ReadonlyMap<string, number>;
}

export interface Breach {
	readonly rule: RuleId;
	readonly path: string;
	/** 1-based, where the breach is one line. */
	readonly line?: number;
	/** What is wrong and what to do. */
	readonly message: string;
}

export type RuleId =
	| "layer-unknown"
	| "layer-direction"
	| "layer-references"
	| "layer-root"
	| "relative-leaves-layer"
	| "root-unknown"
	| "own-root"
	| "import-unresolved"
	| "import-computed"
	| "import-undeclared"
	| "testing-in-production"
	| "model-platform-free"
	| "engine-direction"
	| "engine-folder-unknown"
	| "engine-network"
	| "sibling-variant"
	| "variant-index"
	| "variant-test"
	| "cycle"
	| "export-star"
	| "default-export"
	| "enum"
	| "process-env"
	| "file-size"
	| "file-size-allowance"
	| "file-name"
	| "refused-name";

export interface Verdict {
	readonly breaches: readonly Breach[];
	/** Imports between files of the tree; a gate that finds next to none sees nothing. */
	readonly edges: readonly Edge[];
}

/** Holds a tree against rules.ts. Pure: breaches can be planted in memory. */
export function check(tree: Tree): Verdict {
	const edges = edgesOf(tree);
	const breaches = [...importBreaches(tree), ...cycleBreaches(edges), ...textBreaches(tree), ...shapeBreaches(tree)];
	return { breaches, edges };
}

/** One line a breach, as compilers print them. */
export function describeBreach({ rule, path, line, message }: Breach): string {
	return `${path}${line === undefined ? "" : `:${line}`} [${rule}] ${message}`;
}

function cycleBreaches(edges: readonly Edge[]): readonly Breach[] {
	const graph = new Map<string, Set<string>>();
	for (const { from, to, typeOnly } of edges) {
		if (!typeOnly) graph.set(from, (graph.get(from) ?? new Set()).add(to));
	}
	return cyclesOf(graph).map((files) => ({
		rule: "cycle",
		path: files[0] ?? "",
		message: `These files import each other in a circle: ${files.join(", ")}. Move what they share into a file below them.`,
	}));
}
