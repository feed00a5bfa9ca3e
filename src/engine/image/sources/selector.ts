import { existsSync } from "node:fs";
import { type Digest, isDigest } from "#model";

/** Which image of a layout or archive is meant. */
export type ImageSelector =
	/** The only one there is, or the index over all. */
	| { readonly kind: "only" }
	| { readonly kind: "tag"; readonly tag: string }
	| { readonly kind: "digest"; readonly digest: Digest };

/**
 * Splits `PATH`, `PATH:TAG` and `PATH@DIGEST`. Paths and tags may hold colons and slashes themselves, so the longest
 * part that `exists` is the path; when none does, the whole text without a digest is.
 */
export function splitSelector(
	text: string,
	exists: (path: string) => boolean = existsSync,
): { readonly path: string; readonly selector: ImageSelector } {
	const at = text.lastIndexOf("@");
	const digest = text.slice(at + 1);
	if (at > 0 && isDigest(digest)) return { path: text.slice(0, at), selector: { kind: "digest", digest } };
	if (exists(text)) return { path: text, selector: { kind: "only" } };
	for (let colon = text.lastIndexOf(":"); colon > 0; colon = text.lastIndexOf(":", colon - 1)) {
		const path = text.slice(0, colon);
		if (colon < text.length - 1 && exists(path)) return { path, selector: { kind: "tag", tag: text.slice(colon + 1) } };
	}
	return { path: text, selector: { kind: "only" } };
}
