import { createHash } from "node:crypto";
import type { Digest } from "#model";

/** The digest of bytes, in an algorithm that node:crypto knows. */
export function digestOf(bytes: Uint8Array, algorithm = "sha256"): Digest {
	return `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`;
}
