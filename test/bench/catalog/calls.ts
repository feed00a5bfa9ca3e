/** What is asked of the catalog, varied from call to call. */
import type { ArtifactQuery } from "#contract";
import { type CatalogStore, type Sight, seesAll } from "#server";
import type { Catalog } from "./generate.ts";
import { type Random, seeded } from "./random.ts";

export interface Call {
	readonly what: string;
	readonly ask: (store: CatalogStore, sight: Sight) => Promise<unknown>;
}

const severities = ["critical", "high", "medium", "low"] as const;
const states = ["complete", "failed", "queued", "not_scanned", "stopped"] as const;
const sorts = ["-severity", "repository", "-pushedAt", "-scannedAt", "state", "-size"] as const;

export function callsOf(catalog: Catalog, cursors: readonly string[], artifactIds: readonly string[]): readonly Call[] {
	const random = seeded(7);
	const packages = catalog.pool.packages.slice(catalog.pool.system);
	const base = catalog.pool.packages.slice(0, catalog.pool.system);
	const common = packages.slice(0, 20);
	const rare = packages.slice(-500);
	const used = new Map<number, number>();
	for (const { matches } of catalog.pool.packages)
		for (const { vulnerabilityId } of matches) used.set(vulnerabilityId, (used.get(vulnerabilityId) ?? 0) + 1);
	const artifacts = (what: string, query: () => ArtifactQuery): Call => ({
		what,
		ask: (store, sight) => store.artifacts(query(), sight),
	});
	return [
		artifacts("artifacts, worst first", () => ({ limit: pick(random, [20, 50, 100]) })),
		artifacts("  in any sort", () => ({ sort: pick(random, sorts) })),
		artifacts("  deep page by cursor", () => ({ cursor: pick(random, cursors) })),
		artifacts("  of a state", () => ({ state: pick(random, states) })),
		artifacts("  of a severity", () => ({ severity: pick(random, severities) })),
		artifacts("  of a space", () => ({ space: pick(random, catalog.spaceIds) })),
		artifacts("  q, rare", () => ({ q: `-${15_000 + random.integer(1000)}` })),
		artifacts("  q, common", () => ({ q: pick(random, ["team", "api", "v1.", "gateway", "latest"]) })),
		artifacts("  q, no hit", () => ({ q: `nowhere-${random.hex(4)}` })),
		artifacts("  package, rare", () => ({ package: pick(random, rare).name })),
		artifacts("  package, common", () => ({ package: pick(random, common).name })),
		artifacts("  package, of bases", () => ({ package: pick(random, base).name })),
		artifacts("  vulnerability", () => ({ vulnerability: pick(random, catalog.pool.vulnerabilities).key })),
		artifacts("  all, counted", () => ({ total: true, limit: 20 })),
		artifacts("  of a state, counted", () => ({ total: true, limit: 20, state: pick(random, states) })),
		artifacts("  vulnerability, counted", () => ({
			total: true,
			vulnerability: pick(random, catalog.pool.vulnerabilities).key,
		})),
		artifacts("  package of bases, counted", () => ({ total: true, package: pick(random, base).name })),
		{ what: "artifact's details", ask: (store, sight) => store.artifact(pick(random, artifactIds), sight) },
		{ what: "repositories, by name", ask: (store, sight) => store.repositories({ limit: 50 }, sight) },
		{ what: "repositories, worst first", ask: (store, sight) => store.repositories({ sort: "-severity" }, sight) },
		{
			what: "repositories, of a state",
			ask: (store, sight) => store.repositories({ state: pick(random, states), total: true }, sight),
		},
		{ what: "spaces, by name", ask: (store, sight) => store.spaces({ limit: 50, total: true }, sight) },
		{ what: "spaces, worst first", ask: (store, sight) => store.spaces({ sort: "-severity" }, sight) },
	];
}

/** Everything; and as somebody who sees ten spaces of sixty, chosen anew for each call. */
export function sightsOf(catalog: Catalog): Readonly<Record<"all" | "ten spaces", () => Sight>> {
	const random = seeded(11);
	return {
		all: () => seesAll,
		"ten spaces": () => ({
			all: false,
			spaces: new Map(Array.from({ length: 10 }, () => [pick(random, catalog.spaceIds), "viewer"])),
		}),
	};
}

function pick<T>(random: Random, from: readonly T[]): T {
	const one = from[random.integer(from.length)];
	if (one === undefined) throw new Error("There is nothing to pick from.");
	return one;
}
