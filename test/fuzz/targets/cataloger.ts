import type { Cataloger, CatalogResult } from "../../../src/engine/catalogers/types.ts";
import type { Random } from "../random.ts";
import { holdCatalogResult, holdSame } from "../rules.ts";
import type { FuzzTarget } from "../target.ts";

export interface CatalogedFile extends Pick<FuzzTarget, "name" | "seeds" | "words" | "format" | "mend" | "mostBytes"> {
	readonly cataloger: Cataloger;
	/** The paths that the bytes are given under, one after the other. */
	readonly paths: readonly string[];
	readonly mode?: number;
}

/** A cataloger over one kind of file, in chunks of any size; now and then whether their size makes a difference. */
export function catalogerTarget(file: CatalogedFile): FuzzTarget {
	const { cataloger, paths, mode = 0o644, ...target } = file;
	return {
		...target,
		run(input, random) {
			for (const path of paths) {
				const info = { path, size: input.length, mode };
				if (!cataloger.wants(info)) continue;
				const result = read(cataloger, input, path, mode, random);
				holdCatalogResult(result, path);
				if (random.once(4)) holdSame(read(cataloger, input, path, mode, null), result, "what comes of other chunks");
			}
		},
	};
}

/** A chunk's memory is overwritten after each write, as a reused buffer is. `random` null: all at once. */
function read(
	cataloger: Cataloger,
	bytes: Uint8Array,
	path: string,
	mode: number,
	random: Random | null,
): CatalogResult {
	const sink = cataloger.open({ path, size: bytes.length, mode });
	const largest = random?.pick([1, 7, 64, 512, 4096, 65_536]) ?? Math.max(1, bytes.length);
	// Single bytes over a long input only cost time.
	const smallest = Math.ceil(bytes.length / 200);
	for (let at = 0; at < bytes.length; ) {
		const size = random ? Math.max(smallest, 1 + random.below(largest)) : largest;
		const chunk = new Uint8Array(bytes.subarray(at, at + size));
		sink.write(chunk);
		chunk.fill(0xee);
		at += size;
	}
	return sink.end();
}
