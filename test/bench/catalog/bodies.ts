/** Bodies of inventories as scans keep them: see src/store/results/inventory-body.ts. */
import { zstdCompressSync } from "node:zlib";
import type { InventoryBody } from "../../../src/store/results/inventory-body.ts";
import type { Random } from "./random.ts";

/** Different bodies; of more, packing them would take longer than all else. PostgreSQL stores each by itself. */
const different = 50;

export function bodies(random: Random, packages: number): readonly Buffer[] {
	return Array.from({ length: different }, () => zstdCompressSync(Buffer.from(JSON.stringify(body(random, packages)))));
}

function body(random: Random, packages: number): InventoryBody {
	return {
		form: 1,
		artifact: { platform: "linux/amd64", layers: [], base: null },
		inventory: {
			os: { id: "debian", versionId: "12.7", prettyName: "Debian GNU/Linux 12 (bookworm)" },
			contentSets: [],
			unread: [],
			warnings: [],
		},
		warnings: [],
		packages: Array.from({ length: packages }, () => ({
			layer: random.integer(5),
			paths: [`usr/lib/node_modules/${random.hex(12)}/package.json`],
		})),
	};
}
