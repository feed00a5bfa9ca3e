/**
 * Versions of Ruby gems. Own code, since the one library for it (@renovatebot/ruby-semver 5.0.0) takes 16 µs a pair, sorts
 * letters by the machine's language where RubyGems goes by their bytes, and loses digits above 2^53.
 * A platform (`-x86_64-linux`) is no part of a version; who reads a name that holds both must cut it off.
 * Specification: `Gem::Version`, https://docs.ruby-lang.org/en/master/Gem/Version.html
 */
import type { VersionScheme } from "../types.ts";
import { satisfies } from "./constraint.ts";
import { compare, type GemVersion, parse } from "./version.ts";

/** The scheme of RubyGems. */
export const gem: VersionScheme<GemVersion> = { id: "gem", parse, compare, satisfies };
