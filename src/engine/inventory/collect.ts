import type { Package } from "#model";
import type { Cataloger, CatalogResult, CatalogSink, FileInfo } from "../catalogers/types.ts";
import type { HardLink } from "../image/layer-entries.ts";
import type { FileEntry, FileSink } from "../image/types.ts";
import type { CollectedFile } from "./layer-inventory.ts";

/** A hard link whose own name a cataloger wants, but whose target streamed by unread. */
export interface MissedLink {
	readonly path: string;
	readonly target: string;
	readonly mode: number;
	readonly cataloger: Cataloger;
}

/** A link's header carries no size. Not 0: catalogers pass empty files over. */
const unknownSize = 1;

/** Feeds one layer's files to every cataloger that wants them; a later entry of the same path replaces an earlier one. */
export class LayerCollector {
	readonly #catalogers: readonly Cataloger[];
	readonly #files = new Map<string, CollectedFile>();

	constructor(catalogers: readonly Cataloger[]) {
		this.#catalogers = catalogers;
	}

	/** The `FileVisitor` of a walk. */
	visit(entry: FileEntry): FileSink | null {
		const wanting = this.#catalogers.filter((cataloger) => cataloger.wants(entry));
		return wanting.length === 0 ? null : this.#open(wanting, entry);
	}

	/** Whether any cataloger wants a hard link of this name. */
	wantsLink(path: string, mode: number): boolean {
		return this.#catalogers.some((cataloger) => cataloger.wants({ path, size: unknownSize, mode }));
	}

	/** Gives links the results of their targets; what remains needs the target's bytes again. */
	resolveLinks(links: readonly HardLink[]): readonly MissedLink[] {
		return links
			.flatMap(({ path, target, mode }) =>
				this.#catalogers
					.filter((cataloger) => cataloger.wants({ path, size: unknownSize, mode }))
					.map((cataloger): MissedLink => ({ path, target, mode, cataloger })),
			)
			.filter((link) => !this.adopt(link));
	}

	/** Gives a link the result of its target; false when the target has none. */
	adopt({ path, target, cataloger }: MissedLink): boolean {
		const known = this.#files.get(keyOf(target, cataloger));
		if (known) this.#keep(path, cataloger, movedTo(path, known.result));
		return known !== undefined;
	}

	/** The `FileVisitor` of a second walk, for the targets of missed links only. */
	visitTargets(missed: readonly MissedLink[]): (entry: FileEntry) => FileSink | null {
		const byTarget = Map.groupBy(missed, (link) => link.target);
		return (entry) => {
			const links = byTarget.get(entry.path);
			if (!links) return null;
			const sinks = links.map((link) => this.#open([link.cataloger], { ...entry, path: link.path, mode: link.mode }));
			return {
				write: (chunk) => {
					for (const sink of sinks) sink.write(chunk);
				},
				end: () => {
					for (const sink of sinks) sink.end();
				},
			};
		};
	}

	has(path: string, cataloger: Cataloger): boolean {
		return this.#files.has(keyOf(path, cataloger));
	}

	files(): readonly CollectedFile[] {
		return [...this.#files.values()];
	}

	#open(wanting: readonly Cataloger[], file: FileInfo): FileSink {
		const open = wanting.map((cataloger): { cataloger: Cataloger; sink: CatalogSink } => ({
			cataloger,
			sink: cataloger.open(file),
		}));
		return {
			write(chunk) {
				for (const { sink } of open) sink.write(chunk);
			},
			end: () => {
				for (const { cataloger, sink } of open) this.#keep(file.path, cataloger, sink.end());
			},
		};
	}

	#keep(path: string, cataloger: Cataloger, result: CatalogResult): void {
		this.#files.set(keyOf(path, cataloger), { path, cataloger: cataloger.id, result });
	}
}

function keyOf(path: string, cataloger: Cataloger): string {
	return `${path}\0${cataloger.id}`;
}

function movedTo(path: string, result: CatalogResult): CatalogResult {
	return {
		...result,
		packages: result.packages.map((pkg): Package => ({ ...pkg, path })),
		...(result.os ? { os: { ...result.os, path } } : {}),
		// The file is one and the same: what is wrong with it is told once, at the target.
		warnings: [],
	};
}
