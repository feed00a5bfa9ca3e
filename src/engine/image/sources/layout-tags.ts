import { type Digest } from "#model";
import { defaultLimits } from "../limits.ts";
import { openFolder } from "./folder-files.ts";
import { readIndex } from "./oci-layout.ts";

export interface LayoutTag {
	readonly tag: string;
	readonly digest: Digest;
}

/** The tags of an OCI layout in a folder: its index's names. Throws EngineError target_not_found or image_malformed. */
export async function layoutTags(folder: string, signal: AbortSignal): Promise<readonly LayoutTag[]> {
	const files = await openFolder(folder);
	try {
		const { manifests } = await readIndex(files, defaultLimits.documentBytes, signal);
		return manifests.flatMap(({ annotations, digest }) => {
			const tag = annotations?.["org.opencontainers.image.ref.name"];
			return tag === undefined ? [] : [{ tag, digest }];
		});
	} finally {
		await files.close();
	}
}
