/**
 * What the entries of one layer say: which files go to the visitor, and what the layer hides of those below it.
 * Entries are taken in archive order; a later one of the same path takes the earlier one's place.
 */
import type { Warning } from "#model";
import type { Limits } from "./limits.ts";
import { cleanPath } from "./tar/paths.ts";
import type { TarEntry, TarVisitor } from "./tar/tar.ts";
import { readWhiteout } from "./tar/whiteout.ts";
import type { FileSink, FileVisitor } from "./types.ts";
import { WarningList } from "./warnings.ts";

/** A hard link inside a layer: `path` is the same file as `target`, which stands earlier or in a lower layer. */
export interface HardLink {
	readonly path: string;
	readonly target: string;
	/** Permission bits. */
	readonly mode: number;
}

/** A symbolic link as the layer writes it; devices and pipes count as links to nowhere. */
export interface SymbolicLink {
	readonly path: string;
	/** Not cleaned: relative to the link's folder, or absolute in the image. Empty for devices and pipes. */
	readonly target: string;
}

export interface LayerEntriesOptions {
	readonly limits: Limits;
	/** Which hard links are wanted, by their own path; none without it. */
	readonly wantsLink?: (path: string, mode: number) => boolean;
	/** Called at most once, when a limit is passed. */
	readonly stop: (reason: string) => void;
}

export class LayerEntries implements TarVisitor {
	readonly whiteouts = new Set<string>();
	readonly opaqueDirs = new Set<string>();
	/** Paths that are no file and no folder in the end: symbolic links by their targets, devices and pipes with none. */
	readonly symlinks = new Map<string, string>();
	readonly links = new Map<string, HardLink>();
	readonly warnings: WarningList;

	private readonly visit: FileVisitor;
	private readonly options: LayerEntriesOptions;
	private keptCharacters = 0;
	private wantedFiles = 0;
	private readonly linkTargets = new Set<string>();

	constructor(visit: FileVisitor, options: LayerEntriesOptions) {
		this.visit = visit;
		this.options = options;
		this.warnings = new WarningList(options.limits.warnings);
	}

	entry(entry: TarEntry): FileSink | null {
		const path = this.cleaned(entry.path, entry.path);
		if (path === null) return null;
		const whiteout = readWhiteout(path);
		if (whiteout !== null) {
			if (whiteout.kind === "malformed") this.malformed("A whiteout names no file", path);
			else if (whiteout.kind === "whiteout") this.keepWhiteout(this.whiteouts, whiteout.path);
			else if (whiteout.kind === "opaque") this.keepWhiteout(this.opaqueDirs, whiteout.path);
			return null;
		}
		if (path === "") {
			if (entry.kind !== "directory") this.malformed("An entry that is no folder stands for the root", path);
			return null;
		}
		if (this.symlinks.size > 0) this.symlinks.delete(path);
		if (this.links.size > 0) this.links.delete(path);
		if (this.linkTargets.size > 0 && entry.kind !== "directory") this.onReplaced(path);
		switch (entry.kind) {
			case "file":
				return this.onFile(path, entry);
			case "hardlink":
				this.onHardLink(path, entry);
				return null;
			case "symlink":
			case "other":
				if (this.keep(path.length + entry.target.length)) this.symlinks.set(path, entry.target);
				return null;
			case "directory":
				return null;
		}
	}

	problem(message: string, path: string): void {
		this.malformed(`An entry is malformed: ${message}`, path);
	}

	private onFile(path: string, entry: TarEntry): FileSink | null {
		const sink = this.visit({ path, size: entry.size, mode: entry.mode });
		if (sink === null) return null;
		const { wantedFiles } = this.options.limits;
		if (++this.wantedFiles > wantedFiles) {
			this.options.stop(`it has more than ${wantedFiles} programs and package lists`);
			return null;
		}
		if (!entry.sparse) return sink;
		this.malformed("A file is stored with holes (GNU sparse), which are not read", path);
		return null;
	}

	private onHardLink(path: string, entry: TarEntry): void {
		if (!this.options.wantsLink?.(path, entry.mode)) return;
		const target = this.cleaned(entry.target, path);
		if (target === null || !this.keep(path.length + target.length)) return;
		this.links.set(path, { path, target, mode: entry.mode });
		this.linkTargets.add(target);
	}

	/** A link keeps the file that it was made to, while results are kept by path: those of the new file, then. */
	private onReplaced(path: string): void {
		if (!this.linkTargets.delete(path)) return;
		const message = "A file is replaced after a hard link was made to it; its earlier content was not looked at.";
		this.warnings.add({ code: "entry_malformed", message, path });
	}

	/** The path cleaned, or null after a warning. */
	private cleaned(raw: string, shown: string): string | null {
		const { pathLength } = this.options.limits;
		if (raw.length > pathLength) {
			this.malformed(`A path is longer than ${pathLength} characters`, `${shown.slice(0, 200)}…`);
			return null;
		}
		const path = cleanPath(raw);
		if (path === null) {
			this.warnings.add({
				code: "path_outside_root",
				message: `An entry leads out of the image (${JSON.stringify(raw)}); it was skipped.`,
				path: shown,
			});
		}
		return path;
	}

	private keepWhiteout(set: Set<string>, path: string): void {
		if (this.whiteouts.size + this.opaqueDirs.size >= this.options.limits.whiteouts) {
			this.options.stop(`it has more than ${this.options.limits.whiteouts} whiteouts`);
		} else if (this.keep(path.length)) set.add(path);
	}

	private keep(characters: number): boolean {
		this.keptCharacters += characters;
		if (this.keptCharacters <= this.options.limits.keptPathCharacters) return true;
		this.options.stop("the paths of its links and whiteouts are too many to keep");
		return false;
	}

	private malformed(what: string, path: string): void {
		const warning: Warning = { code: "entry_malformed", message: `${what}; it was skipped.` };
		this.warnings.add(path === "" ? warning : { ...warning, path });
	}
}
