import type { Cataloger } from "../types.ts";
import { wholeFile } from "../whole-file.ts";
import { parseContentManifest } from "./parse.ts";

const folders = ["root/buildinfo/content_manifests/", "usr/share/buildinfo/"];

/** Beside the content manifests of image-based systems stands a file of the image's labels. */
const labels = "labels.json";

/** Manifests that list all Go and npm modules of a build besides reach some 10 MiB. */
const limit = 64 * 1024 * 1024;

/** Red Hat's statement of which repositories a layer's packages came from; it lists no packages itself. */
export const redhatContentSets: Cataloger = {
	id: "redhat-content-sets",
	version: 1,
	wants: ({ path }) => path.endsWith(".json") && folders.some((folder) => isDirectlyIn(path, folder)),
	open: (file) => wholeFile(file, limit, parseContentManifest),
};

function isDirectlyIn(path: string, folder: string): boolean {
	if (!path.startsWith(folder) || path.includes("/", folder.length)) return false;
	return path.length > folder.length + ".json".length && path !== folder + labels;
}
