import type { Cataloger } from "../types.ts";
import { wholeFile } from "../whole-file.ts";
import { parseInstallJson, parsePerllocal } from "./parse.ts";

/** `install.json` names every module of a distribution; `perllocal.pod` grows with each installation. */
const limit = 8 * 1024 * 1024;

/** cpanm and its kin: `lib/perl5/<arch>/.meta/URI-5.21/install.json`. */
const installed = /(?:^|\/)\.meta\/[^/]+\/install\.json$/;
const perllocal = /(?:^|\/)perllocal\.pod$/;

/** Perl distributions from CPAN. */
export const perl: Cataloger = {
	id: "perl",
	version: 1,
	wants: ({ path }) => installed.test(path) || perllocal.test(path),
	open: (file) => wholeFile(file, limit, installed.test(file.path) ? parseInstallJson : parsePerllocal),
};
