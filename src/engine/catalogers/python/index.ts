import { byteRange } from "../byte-range.ts";
import type { Cataloger, CatalogSink, FileInfo } from "../types.ts";
import { wholeFile } from "../whole-file.ts";
import { parseEgg } from "./egg.ts";
import { parseMetadata } from "./parse.ts";

/** The headers stand at the beginning; only the description behind them grows larger. */
const headersLimit = 1024 * 1024;

/** The largest eggs that were published have some ten MiB. */
const eggLimit = 64 * 1024 * 1024;

const metadata =
	/(?:^|\/)(?:[^/]+\.dist-info\/METADATA|[^/]+\.egg-info(?:\/(?:PKG-INFO|METADATA))?|EGG-INFO\/PKG-INFO)$/;

/** Installed Python projects: wheels, eggs as folders or zipped, and what distutils wrote. */
export const python: Cataloger = {
	id: "python",
	version: 1,
	wants: ({ path }) => path.endsWith(".egg") || isMetadata(path),
	open: (file) => (file.path.endsWith(".egg") ? wholeFile(file, eggLimit, parseEgg) : headersOf(file)),
};

/** The ends are looked at first: this is asked of every file. */
function isMetadata(path: string): boolean {
	const candidate = path.endsWith("METADATA") || path.endsWith("PKG-INFO") || path.endsWith(".egg-info");
	return candidate && metadata.test(path);
}

function headersOf({ path }: FileInfo): CatalogSink {
	const head = byteRange(0, headersLimit);
	let position = 0;
	return {
		write(chunk) {
			head.write(chunk, position);
			position += chunk.length;
		},
		end: () => parseMetadata(head.bytes(), path),
	};
}
