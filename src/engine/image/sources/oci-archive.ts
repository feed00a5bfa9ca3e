/** An OCI image layout in a tar, plain or compressed, as `skopeo copy … oci-archive:` and `docker buildx -o type=oci` write it. */
import { defaultLimits } from "../limits.ts";
import type { ImageSource } from "../types.ts";
import { layoutSource, type OpenOptions } from "./oci-layout.ts";
import { openTar } from "./tar-files.ts";

/** Opens the archive and notes what it holds. Throws EngineError target_not_found or image_malformed. */
export async function openOciArchive(file: string, options: OpenOptions): Promise<ImageSource> {
	return layoutSource(await openTar(file, options.limits ?? defaultLimits, options.signal), options);
}
