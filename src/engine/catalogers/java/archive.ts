import { type ClassFolders, type ClassNotes, classNotes } from "./class-folders.ts";
import { deflated, type Inflater, inflateFile, inflater, passOn, stored } from "./inflate.ts";
import { type Budget, limits } from "./limits.ts";
import { type Manifest, parseManifest } from "./manifest.ts";
import { type Coordinates, parsePomProperties } from "./pom-properties.ts";
import type { DirectoryEntry } from "./zip-records.ts";
import { type EntrySink, type SeenEntry, scanZip, type ZipScan } from "./zip-scan.ts";

/** What a Java archive says of itself. */
export interface JavaArchive {
	/** One for each `pom.properties` in it, its own and those of what was shaded in. */
	readonly coordinates: readonly Coordinates[];
	readonly manifest: Manifest;
	readonly folders: ClassFolders;
	readonly nested: readonly NestedArchive[];
	/** What could not be read, in words that follow a name: `a.jar is encrypted`. */
	readonly faults: readonly string[];
	/** It is no ZIP archive at all. */
	readonly foreign: boolean;
}

export interface NestedArchive {
	/** Its place in the archive around it. */
	readonly name: string;
	readonly content: JavaArchive;
}

export interface ArchiveReader {
	write(chunk: Uint8Array): void;
	end(): JavaArchive;
}

/** Endings of Java archives; `.par` are OSGi plans and processes, `.jpi` and `.hpi` Jenkins plugins. */
export const archiveName: RegExp = /\.(?:jar|war|ear|par|jpi|hpi)$/i;
const manifestName = /^META-INF\/MANIFEST\.MF$/i;
const propertiesName = /(?:^|\/)pom\.properties$/;

function kindOf(name: string): "file" | "archive" | null {
	if (archiveName.test(name)) return "archive";
	return propertiesName.test(name) || manifestName.test(name) ? "file" : null;
}

/** Reads one archive as it streams by, and what is nested in it; `depth` is 1 for a file of the image. */
export function readArchive(depth: number, budget: Budget): ArchiveReader {
	const nested = new Map<EntrySink, () => NestedContent>();
	let classes: ClassNotes = classNotes();
	let held = 0;
	const scan = scanZip({
		kindOf,
		openArchive: ({ method }) => {
			const reader = readNested(method, depth + 1, budget);
			nested.set(reader, reader.content);
			return reader;
		},
		directoryBegins: () => {
			classes = classNotes();
		},
		note: (name) => classes.note(name),
		allowance: () => Math.min(limits.fileSize, budget.heldBytes),
		held: (length) => {
			budget.heldBytes -= length;
			held += length;
		},
	});
	return {
		write: (chunk) => scan.write(chunk),
		end() {
			const archive = collect(scan.end(), classes.folders(), budget, (sink) => nested.get(sink)?.() ?? null);
			budget.heldBytes += held;
			return archive;
		},
	};
}

interface NestedContent {
	readonly content: JavaArchive;
	readonly fault: string | null;
}

function readNested(
	method: number,
	depth: number,
	budget: Budget,
): EntrySink & { readonly content: () => NestedContent } {
	if (depth > limits.depth) return unread("is nested deeper than is read");
	if (budget.archives <= 0) return unread("is one of more archives than are read of one file");
	budget.archives--;
	if (method !== stored && method !== deflated) return unread("is compressed in a way that Java cannot read");
	let open: { readonly reader: ArchiveReader; readonly stream: Inflater } | null = openNested(method, depth, budget);
	let fault: string | null = null;
	let content: JavaArchive = nothing;
	return {
		write: (bytes) => open?.stream.write(bytes),
		end() {
			fault = open?.stream.end() ?? null;
			content = open?.reader.end() ?? nothing;
			// What was held of it is free from here on.
			open = null;
		},
		content: () => ({ content, fault }),
	};
}

function openNested(
	method: number,
	depth: number,
	budget: Budget,
): { readonly reader: ArchiveReader; readonly stream: Inflater } {
	const reader = readArchive(depth, budget);
	const target = (bytes: Uint8Array) => reader.write(bytes);
	return { reader, stream: method === stored ? passOn(target) : inflater(target, budget) };
}

const nothing: JavaArchive = {
	coordinates: [],
	manifest: {},
	folders: { common: null, heads: new Set() },
	nested: [],
	faults: [],
	foreign: false,
};

function unread(fault: string): EntrySink & { readonly content: () => NestedContent } {
	return { write() {}, end() {}, content: () => ({ content: nothing, fault }) };
}

/** Puts together what the central directory names; without one, everything that was seen. */
function collect(
	scan: ZipScan,
	folders: ClassFolders,
	budget: Budget,
	contentOf: (sink: EntrySink) => NestedContent | null,
): JavaArchive {
	const coordinates: Coordinates[] = [];
	const nested: NestedArchive[] = [];
	const faults: string[] = [];
	let manifest: Manifest = {};

	function take(name: string, seen: SeenEntry, bytes: Uint8Array | null): string | null {
		if (seen.sink !== null) {
			const read = contentOf(seen.sink);
			if (read === null) return "was not read";
			nested.push({ name, content: read.content });
			return read.fault ?? (seen.whole ? null : "breaks off");
		}
		const content = bytes === null ? "breaks off" : inflateFile(bytes, seen.method, budget);
		if (typeof content === "string") return content;
		if (manifestName.test(name)) manifest = parseManifest(content);
		else if (budget.packages-- > 0) coordinates.push(...parsePomProperties(content, name));
		else return "is one of more packages than are read of one file";
		return null;
	}

	function fault(name: string, what: string | null): void {
		if (what !== null) faults.push(`${name} ${what}`);
	}

	if (scan.directory === null) {
		for (const seen of scan.seen.values()) fault(seen.name, take(seen.name, seen, seen.bytes));
		if (scan.isZip) faults.push("the directory at its end is missing");
	} else {
		for (const entry of scan.directory.entries) {
			const seen = scan.seen.get(entry.offset);
			const why = whyNot(entry, seen);
			if (why !== null || seen === undefined) fault(entry.name, why);
			else fault(entry.name, take(entry.name, seen, seen.bytes?.subarray(0, entry.compressedSize) ?? null));
		}
	}
	if (scan.directory !== null && scan.directory.passedOver > 0)
		faults.push("the directory lists more than is read, or names that are too long");
	return { coordinates, manifest, folders, nested, faults, foreign: !scan.isZip };
}

/** Why an entry of the directory cannot be what was seen in its place; null when it is. */
function whyNot(entry: DirectoryEntry, seen: SeenEntry | undefined): string | null {
	if (entry.encrypted) return "is encrypted";
	if (seen === undefined || seen.name !== entry.name || seen.method !== entry.method)
		return "is not where the directory says";
	if (seen.sink !== null)
		return seen.length === entry.compressedSize ? null : "has another size than the directory says";
	return seen.length < entry.compressedSize ? "is larger than a file of its kind can be, or has a false size" : null;
}
