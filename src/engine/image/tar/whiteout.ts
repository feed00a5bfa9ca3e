/**
 * Whiteouts: the files by which a layer deletes what lower layers brought.
 * https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts
 */

export type Whiteout =
	/** `path` of the lower layers is gone, with all below it. */
	| { readonly kind: "whiteout"; readonly path: string }
	/** What lower layers put below `path` is gone; empty for the root. */
	| { readonly kind: "opaque"; readonly path: string }
	/** Bookkeeping of AUFS, which stands at the image's root only: no file of the image. */
	| { readonly kind: "ignored" }
	/** A whiteout that would delete its own folder or that folder's parent. */
	| { readonly kind: "malformed" };

const prefix = ".wh.";
const metaPrefix = ".wh..wh.";
const opaqueName = ".wh..wh..opq";

/**
 * What a clean path says as a whiteout; null for an ordinary path. Only a name that starts with `.wh.` counts. Where the
 * specification is silent this does what container engines do: files in a folder named `.wh.…` are unpacked as any other.
 */
export function readWhiteout(path: string): Whiteout | null {
	if (!path.includes(prefix)) return null;
	const slash = path.lastIndexOf("/");
	const folder = slash < 0 ? "" : path.slice(0, slash);
	const name = path.slice(slash + 1);
	if (path.startsWith(metaPrefix) && path !== opaqueName) return { kind: "ignored" };
	if (name === opaqueName) return { kind: "opaque", path: folder };
	if (!name.startsWith(prefix)) return null;
	const hidden = name.slice(prefix.length);
	if (hidden === "" || hidden === "." || hidden === "..") return { kind: "malformed" };
	return { kind: "whiteout", path: folder === "" ? hidden : `${folder}/${hidden}` };
}
