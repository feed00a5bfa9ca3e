/** Content digests, `algorithm:hex` (OCI image-spec, descriptor.md "Digests"). */
export type Digest = `${string}:${string}`;

const registered: Readonly<Record<string, number>> = { sha256: 64, sha512: 128 };

/** True for a digest in one of the two registered algorithms with the right number of lower-case hex digits. */
export function isDigest(text: string): text is Digest {
	const colon = text.indexOf(":");
	if (colon < 0) return false;
	const hex = text.slice(colon + 1);
	return registered[text.slice(0, colon)] === hex.length && /^[0-9a-f]+$/.test(hex);
}

/** The algorithm of a digest, in the name that node:crypto knows. */
export function digestAlgorithm(digest: Digest): string {
	return digest.slice(0, digest.indexOf(":"));
}

/** The hex digits of a digest. */
export function digestHex(digest: Digest): string {
	return digest.slice(digest.indexOf(":") + 1);
}

/** `sha256:` and the first twelve digits, for people. */
export function shortDigest(digest: Digest): string {
	return `${digestAlgorithm(digest)}:${digestHex(digest).slice(0, 12)}`;
}
