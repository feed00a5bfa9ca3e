import { type ImageMatch, isImagePurl, readImageName } from "./image-match.ts";
import { mostPurlLength } from "./limits.ts";
import { type Purl, readPurl } from "./purl.ts";
import type { PackageMatch, Scope } from "./types.ts";

/** What the names of one product come to: images, packages, or both, when the names disagree. */
export interface Product {
	readonly images: readonly ImageMatch[];
	readonly packages: readonly PackageMatch[];
}

/** Reads package URLs, digests and image references; other names (CPEs, web addresses, plain words) identify nothing. */
export function readProduct(names: readonly string[]): Product {
	const images: ImageMatch[] = [];
	const packages: PackageMatch[] = [];
	for (const name of new Set(names)) {
		if (name.length > mostPurlLength) continue;
		const purl = readPurl(name);
		if (purl) {
			if (isImagePurl(purl)) images.push({ kind: "purl", purl });
			else packages.push({ kind: "purl", purl });
			continue;
		}
		const image = readImageName(name);
		if (image) images.push(image);
	}
	// The digest of a package is its file's, not an image's.
	return { images: packages.length === 0 ? images : images.filter(({ kind }) => kind !== "digest"), packages };
}

export function isIdentified({ images, packages }: Product): boolean {
	return images.length + packages.length > 0;
}

/** The places of a product by itself: the whole image, or the package in any image. */
export function scopesOf({ images, packages }: Product): readonly Scope[] {
	return [
		...(images.length === 0 ? [] : [{ images, os: null, package: null, paths: null }]),
		...packages.map((pkg): Scope => ({ images: null, os: null, package: pkg, paths: null })),
	];
}

/** The same package at that version only; null when the purl names another one. */
export function atVersion(purl: Purl, version: string): Purl | null {
	const exact = purl.type === "golang" ? version.replace(/^v(?=\d)/, "") : version;
	if (purl.version !== null && purl.version !== exact) return null;
	return { ...purl, version: exact };
}
