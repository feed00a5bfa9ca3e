import type { ImageMatch } from "./image-match.ts";
import type { Purl } from "./purl.ts";

/** VEX statuses (https://www.cisa.gov/sites/default/files/2023-04/minimum-requirements-for-vex-508c.pdf), and `accepted` for a risk that somebody takes. */
export type StatementStatus = "not_affected" | "fixed" | "accepted" | "affected" | "under_investigation";

/** What somebody says of one vulnerability in some packages or images. */
export interface Statement {
	/** The file, as it was named on the command line. */
	readonly file: string;
	/** Where in the file: `statement 3`, `line 12`. */
	readonly place: string;
	readonly author?: string;
	/** `vex`: a later statement overrides an earlier one. `ignore`: the reader's own decision, which nothing overrides. */
	readonly kind: "vex" | "ignore";
	/** All names of the vulnerability, upper case, at least one. */
	readonly vulnerabilities: readonly string[];
	/** It applies where any of these holds; to nothing when there is none. */
	readonly scopes: readonly Scope[];
	readonly status: StatementStatus;
	readonly reason: string;
	/** As OpenVEX spells it. */
	readonly justification?: string;
	readonly owner?: string;
	/** `YYYY-MM-DD`, the last day on which it holds. */
	readonly expires?: string;
	/** When it was made, in milliseconds since 1970; null counts as earlier than any other. */
	readonly time: number | null;
}

/** What a statement is about; every part that is not null must hold. */
export interface Scope {
	/** Any of these images; null: every image. */
	readonly images: readonly ImageMatch[] | null;
	readonly os: OsMatch | null;
	/** Null: every package. */
	readonly package: PackageMatch | null;
	/** Globs, relative to the image's root; every file that names the package must match one of them. */
	readonly paths: readonly string[] | null;
}

/** A release of a distribution; `9` stands for `9.4`, too. */
export interface OsMatch {
	/** os-release `ID`. */
	readonly id: string;
	readonly version: string;
}

export type PackageMatch =
	| { readonly kind: "purl"; readonly purl: Purl }
	/** The package's own name, with wildcards. */
	| { readonly kind: "name"; readonly pattern: string }
	/** A package URL with wildcards in its name or version. */
	| { readonly kind: "purl-pattern"; readonly type: string; readonly path: string; readonly version: string | null };

export interface Suppressions {
	readonly statements: readonly Statement[];
	/** What could not be applied, one sentence each, with the file's name. */
	readonly problems: readonly string[];
}

/** A scope that limits nothing. */
export const everywhere: Scope = { images: null, os: null, package: null, paths: null };
