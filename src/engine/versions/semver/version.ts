import { MAX_SEMVER_LENGTH, type SemverCore, toSemverCore } from "../semver-order.ts";

/**
 * Three numbers, then a pre-release: after a hyphen anything, without one only what starts with a letter (or is npm's
 * reading of a bare `1.2.3-`: the pre-release `-`). Build metadata must be well formed and is dropped.
 */
const VERSION =
	/^[v=\s]*([0-9]+)\.([0-9]+)\.([0-9]+)(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)|([A-Za-z-][0-9A-Za-z-]*(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?\s*$/;

/** Null when the text is no version. */
export function parse(raw: string): SemverCore | null {
	if (raw.length > MAX_SEMVER_LENGTH) return null;
	const [, major, minor, patch, hyphened, bare] = VERSION.exec(raw) ?? [];
	if (major === undefined || minor === undefined || patch === undefined) return null;
	return toSemverCore(major, minor, patch, hyphened ?? bare ?? "");
}
