import type { Cataloger } from "../catalogers/types.ts";
import { defaultLimits } from "../image/limits.ts";
import { readRootfs } from "../image/rootfs.ts";
import { LayerCollector } from "./collect.ts";
import { boundedWarnings, type LayerInventory, settleOwners } from "./layer-inventory.ts";

/** Reads a root filesystem folder as if it were one layer. */
export async function readRootfsInventory(
	path: string,
	catalogers: readonly Cataloger[],
	signal: AbortSignal,
): Promise<LayerInventory> {
	const collector = new LayerCollector(catalogers);
	const read = await readRootfs(path, (entry) => collector.visit(entry), { limits: defaultLimits, signal });
	const collected = collector.files();
	return {
		diffId: null,
		bytes: 0,
		entries: read.entries,
		files: settleOwners(collected),
		whiteouts: [],
		opaqueDirs: [],
		symlinks: [],
		warnings: [...read.warnings, ...boundedWarnings(collected, [], defaultLimits.warnings)],
		complete: read.complete,
	};
}
