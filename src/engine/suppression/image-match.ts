import { isDigest, type Report } from "#model";
import { formatReference, parseReference, type Reference } from "../registry/reference.ts";
import { matchesGlob } from "./glob.ts";
import type { Purl } from "./purl.ts";

/** How a statement names an image. */
export type ImageMatch =
	| { readonly kind: "digest"; readonly digest: string }
	| { readonly kind: "reference"; readonly registry: string; readonly repository: string; readonly tag: string | null }
	| { readonly kind: "purl"; readonly purl: Purl }
	/** A pattern over the ways to write the image's reference. */
	| { readonly kind: "pattern"; readonly pattern: string };

/** What is known of the image that was scanned. */
export interface ImageIdentity {
	/** Its digest, that of the index it is in, and the one it was asked for by. */
	readonly digests: readonly string[];
	/** Null for what came from no registry. */
	readonly reference: Reference | null;
	/** As it was asked for. */
	readonly name: string;
	/** `linux/amd64`. */
	readonly platform: string;
}

export function identityOf({ artifact }: Report, indexDigest?: string): ImageIdentity {
	const reference = registryReference(artifact.name);
	const digests = [artifact.digest, indexDigest, reference?.digest].filter(
		(digest): digest is string => digest !== undefined && digest !== "",
	);
	return { digests, reference, name: artifact.name, platform: artifact.platform };
}

/** Registries write their images' names in full; names of archives and folders are not of that form. */
function registryReference(name: string): Reference | null {
	const reference = referenceIn(name);
	return reference !== null && formatReference(reference) === name ? reference : null;
}

/**
 * An image named by text: a digest, a reference with one, or a reference with its registry. Null for anything else: a bare
 * word may be the name of any product.
 */
export function readImageName(text: string): ImageMatch | null {
	const name = text.trim();
	const digest = name.slice(name.lastIndexOf("@") + 1).toLowerCase();
	if (isDigest(digest)) return { kind: "digest", digest };
	const [host = ""] = name.split("/");
	if (!name.includes("/") || !/[.:]|^localhost$/.test(host) || name.includes("@")) return null;
	const reference = referenceIn(name);
	if (reference === null) return null;
	const { registry, repository, tag = null } = reference;
	return { kind: "reference", registry, repository, tag: hasTag(name) ? tag : null };
}

export function isImagePurl({ type }: Purl): boolean {
	return type === "oci" || type === "docker";
}

/** Named by its digest: the same content wherever it lies. */
export function isExactImage(image: ImageMatch): boolean {
	return image.kind === "digest" || (image.kind === "purl" && isDigest(image.purl.version?.toLowerCase() ?? ""));
}

export function matchesImage(asked: ImageMatch, image: ImageIdentity): boolean {
	switch (asked.kind) {
		case "digest":
			return image.digests.includes(asked.digest);
		case "reference":
			return isNamed(image.reference, asked.registry, asked.repository) && sameTag(image.reference, asked.tag);
		case "purl":
			return matchesImagePurl(asked.purl, image);
		case "pattern":
			return namesOf(image).some((name) => matchesGlob(asked.pattern, name));
	}
}

/**
 * `pkg:oci/NAME@DIGEST?repository_url=…&tag=…&arch=…` and `pkg:docker/PATH@TAG-or-DIGEST`. A digest says it all: the same
 * content is the same image wherever it lies. Without one, all that is given must hold.
 * https://github.com/package-url/purl-spec/blob/main/types/oci-definition.json
 */
function matchesImagePurl(purl: Purl, image: ImageIdentity): boolean {
	const version = purl.version?.toLowerCase();
	if (version !== undefined && isDigest(version)) return image.digests.includes(version);
	const { reference } = image;
	if (reference === null) return false;
	if (purl.version !== null && !sameTag(reference, purl.version)) return false;
	const [, architecture = ""] = image.platform.split("/");
	const known = new Map<string, (value: string) => boolean>([
		["tag", (value) => sameTag(reference, value)],
		["arch", (value) => value === architecture],
		["os", (value) => image.platform.startsWith(`${value}/`)],
		["repository_url", (value) => isAt(reference, value, purl)],
	]);
	for (const [key, value] of purl.qualifiers) if (!known.get(key)?.(value)) return false;
	if (purl.type === "docker") return purl.qualifiers.has("repository_url") || isOnHub(reference, purl);
	return reference.repository.slice(reference.repository.lastIndexOf("/") + 1) === purl.name;
}

/** `repository_url` names the repository, with or without its last part, or the registry alone. */
function isAt({ registry, repository }: Reference, url: string, purl: Purl): boolean {
	const place = url.replace(/^https?:\/\//i, "").replace(/\/+$/, "");
	const path = purl.namespace === "" ? purl.name : `${purl.namespace}/${purl.name}`;
	const last = repository.slice(repository.lastIndexOf("/") + 1);
	if (last !== purl.name) return false;
	return [place, `${place}/${purl.name}`, `${place}/${path}`].some((text) => {
		const named = text.includes("/") ? referenceIn(text) : null;
		return named !== null && named.registry === registry && named.repository === repository;
	});
}

function isOnHub(reference: Reference, { namespace, name }: Purl): boolean {
	const path = `${namespace === "" ? "library" : namespace}/${name}`;
	return isNamed(reference, "docker.io", path);
}

function isNamed(reference: Reference | null, registry: string, repository: string): boolean {
	return reference?.registry === registry && reference.repository === repository;
}

function sameTag(reference: Reference | null, tag: string | null): boolean {
	return tag === null || reference?.tag === tag;
}

/** Every way to write the image, as people do: Docker Hub's registry and `library/` may be left out. */
function namesOf({ name, reference, digests }: ImageIdentity): readonly string[] {
	if (reference === null) return [name, ...digests];
	const { registry, repository, tag } = reference;
	const full = `${registry}/${repository}`;
	const hub = registry === "docker.io" ? [repository, repository.replace(/^library\//, "")] : [];
	return [full, ...hub]
		.flatMap((path) => [
			path,
			...(tag === undefined ? [] : [`${path}:${tag}`]),
			...digests.map((digest) => `${path}@${digest}`),
		])
		.concat(digests);
}

function hasTag(name: string): boolean {
	return name.slice(name.lastIndexOf("/") + 1).includes(":");
}

function referenceIn(text: string): Reference | null {
	try {
		return parseReference(text);
	} catch {
		return null;
	}
}
