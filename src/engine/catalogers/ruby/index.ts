import type { Cataloger } from "../types.ts";
import { wholeFile } from "../whole-file.ts";
import { parseGemspec } from "./parse.ts";

/** Old specifications list every file of their gem; the longest have some hundred KiB. */
const limit = 4 * 1024 * 1024;

const specification = /(?:^|\/)specifications\/.+\.gemspec$/;

/** Installed Ruby gems, those that come with Ruby (`specifications/default`) among them. */
export const ruby: Cataloger = {
	id: "ruby",
	version: 1,
	wants: ({ path }) => path.endsWith(".gemspec") && specification.test(path),
	open: (file) => wholeFile(file, limit, parseGemspec),
};
