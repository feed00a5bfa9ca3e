/** The tar that trivy-db comes in: `trivy.db` and `metadata.json`, and nothing that would have to be followed. */
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Descriptor } from "#model";
import { type LayerRead, readLayer } from "../image/layer.ts";
import { defaultLimits, type Limits } from "../image/limits.ts";
import type { FileEntry, FileSink } from "../image/types.ts";
import { unusable } from "./artifact.ts";
import { mostDatabaseBytes } from "./limits.ts";

const limits: Limits = {
	...defaultLimits,
	bytes: mostDatabaseBytes,
	// Real ones unpack to some ten times their size, and a database of a few records to a hundred times.
	ratio: 200,
	ratioFreeBytes: 256 * 2 ** 20,
	// Two files; folders and files beside them are passed over.
	entries: 1000,
	wantedFiles: 10,
	whiteouts: 10,
};

/** Some hundred bytes in the field. */
const mostMetadata = 2 ** 20;

/** Unpacks into `folder` and gives the path of the database. Throws `advisories_source_unusable`, and what `readLayer` does. */
export async function unpackTrivyDb(
	layer: Descriptor,
	body: AsyncIterable<Uint8Array>,
	folder: string,
	name: string,
	signal: AbortSignal,
): Promise<string> {
	const open: number[] = [];
	const seen: FileEntry[] = [];
	const visit = (entry: FileEntry): FileSink | null => {
		if (entry.path !== "trivy.db" && entry.path !== "metadata.json") return null;
		if (seen.some(({ path }) => path === entry.path)) throw unusable(name, `it holds more than one ${entry.path}`);
		if (entry.path === "metadata.json" && entry.size > mostMetadata)
			throw unusable(name, "its metadata.json is too large");
		seen.push(entry);
		const file = openSync(join(folder, entry.path), "wx");
		open.push(file);
		return { write: (chunk) => writeAll(file, chunk), end: () => undefined };
	};
	try {
		const read = await readLayer(layer, body, visit, { limits, signal, wantsLink: () => true });
		const fault = faultOf(read);
		if (fault !== null) throw unusable(name, fault);
	} finally {
		for (const file of open) closeSync(file);
	}
	if (!seen.some(({ path }) => path === "trivy.db")) throw unusable(name, "it holds no trivy.db");
	return join(folder, "trivy.db");
}

/** What is passed over in an image is refused here: nobody who means well writes it. */
function faultOf(read: LayerRead): string | null {
	const [warning] = read.warnings;
	if (warning) return `its archive is not sound (${warning.message.replace(/\.$/, "")})`;
	if (!read.complete || !read.digestVerified) return "its archive is not whole";
	if (read.links.length + read.symlinks.length > 0) return "its archive holds links";
	return read.whiteouts.length + read.opaqueDirs.length > 0 ? "its archive is a layer of an image" : null;
}

function writeAll(file: number, chunk: Uint8Array): void {
	for (let at = 0; at < chunk.length; ) at += writeSync(file, chunk, at);
}
