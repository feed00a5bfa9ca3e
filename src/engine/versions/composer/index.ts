/**
 * Versions of PHP packages, as Composer normalises them and PHP orders them. No library has this.
 * Specification: https://getcomposer.org/doc/articles/versions.md, https://www.php.net/version_compare
 */
import type { VersionScheme } from "../types.ts";
import { satisfies } from "./constraint.ts";
import { type ComposerVersion, compare, parse } from "./version.ts";

/** The scheme of Packagist. */
export const composer: VersionScheme<ComposerVersion> = { id: "composer", parse, compare, satisfies };
