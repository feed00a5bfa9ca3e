import type { Cataloger } from "../types.ts";
import { wholeFile } from "../whole-file.ts";
import { parseApplication, parseHexMetadata } from "./parse.ts";

/** Those that name thousands of modules have some hundred KiB. */
const limit = 1024 * 1024;

/** `lib/cowboy-2.9.0/ebin/cowboy.app`: every compiled application has such a file, be it in a release or not. */
const application = /(?:^|\/)ebin\/[^/]+\.app$/;
const metadata = /(?:^|\/)hex_metadata\.config$/;

/** Erlang and Elixir packages, compiled or as Hex fetched them. */
export const erlang: Cataloger = {
	id: "erlang",
	version: 1,
	wants: ({ path }) => application.test(path) || metadata.test(path),
	open: (file) => wholeFile(file, limit, application.test(file.path) ? parseApplication : parseHexMetadata),
};
