/** The files of a tar by path, gathered while it is read. Later entries replace earlier ones of the same path. */
import { posix } from "node:path";
import { defaultLimits } from "../limits.ts";
import { cleanPath } from "../tar/paths.ts";
import type { TarEntry, TarVisitor } from "../tar/tar.ts";
import type { FileSink } from "../types.ts";
import { malformed } from "./image-problems.ts";

/** Where a file's bytes stand in the (uncompressed) archive. */
export interface IndexedFile {
	readonly offset: number;
	readonly size: number;
}

// Nothing refers to a longer one, and names of a mebibyte each would fill the memory.
const longestPath = defaultLimits.pathLength;
// What Linux follows before it says ELOOP.
const mostLinks = 40;

export class TarIndex implements TarVisitor {
	private readonly archive: string;
	private readonly open: (file: IndexedFile) => FileSink | null;
	private readonly files = new Map<string, IndexedFile>();
	/** Path to path, both clean. null: the link leads out of the archive. */
	private readonly links = new Map<string, string | null>();

	/** `open` may ask for bodies while the archive is read. */
	constructor(archive: string, open: (file: IndexedFile) => FileSink | null) {
		this.archive = archive;
		this.open = open;
	}

	entry(entry: TarEntry): FileSink | null {
		if (entry.path.length > longestPath) return null;
		const path = cleanPath(entry.path);
		if (path === null || path === "") return null;
		this.files.delete(path);
		this.links.delete(path);
		if (entry.target.length > longestPath) this.links.set(path, null);
		else if (entry.kind === "hardlink") this.links.set(path, cleanPath(entry.target));
		else if (entry.kind === "symlink") this.links.set(path, linkTarget(path, entry.target));
		else if (entry.kind === "file" && !entry.sparse) {
			const file = { offset: entry.offset, size: entry.stored };
			this.files.set(path, file);
			return this.open(file);
		}
		return null;
	}

	problem(): void {
		// Names that cannot be read are names of files that nothing refers to.
	}

	/** The file of that path, through links; null when there is none. Throws image_malformed for links that lead out. */
	find(path: string): IndexedFile | null {
		const real = this.resolve(path);
		return real === null ? null : (this.files.get(real) ?? null);
	}

	/** The path that `path` leads to through links; null when there is no file. */
	resolve(path: string): string | null {
		let at: string | null = cleanPath(path);
		for (let hops = 0; hops <= mostLinks; hops++) {
			if (at === null) throw malformed(this.archive, `${path} leads out of it`);
			if (this.files.has(at)) return at;
			const target: string | null | undefined = this.links.get(at);
			if (target === undefined) return null;
			at = target;
		}
		throw malformed(this.archive, `${path} is a link that leads to itself`);
	}

	get empty(): boolean {
		return this.files.size === 0;
	}
}

/** A symbolic link's target from the archive's root; an absolute one leads out. */
function linkTarget(path: string, target: string): string | null {
	return target.startsWith("/") ? null : cleanPath(`${posix.dirname(path)}/${target}`);
}
