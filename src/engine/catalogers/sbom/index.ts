import type { Cataloger } from "../types.ts";
import { wholeFile } from "../whole-file.ts";
import { parseSbom } from "./parse.ts";

/** Those that vendors put into images are some hundred KiB; an SBOM of a whole image is some ten MiB. */
const limit = 32 * 1024 * 1024;

const named = /\.(?:spdx|cdx)(?:\.json)?$/;

/**
 * Who describes what is described better elsewhere: wheels name the libraries inside them, which their own advisories
 * cover (PEP 770), and apk packages of Wolfi and Chainguard describe themselves.
 */
const elsewhere = /\.dist-info\/sboms\/|(?:^|\/)var\/lib\/db\/sbom\//;

/** SBOM documents inside an image (as Trivy names them), Bitnami's `opt/bitnami/<name>/.spdx-<name>.spdx` among them. */
export const sbom: Cataloger = {
	id: "sbom",
	version: 1,
	wants: ({ path }) => named.test(path) && !elsewhere.test(path),
	open: (file) => wholeFile(file, limit, parseSbom),
};
