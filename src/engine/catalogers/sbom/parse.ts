import type { InstalledPackage, Package, Warning } from "#model";
import { readSbom } from "../../sbom/index.ts";
import type { CatalogResult } from "../types.ts";

/**
 * The language packages and Bitnami components of an SBOM document. OS packages are left to the package manager's own
 * database, which lies in the same image and knows better. Bitnami's versions keep their revision: `18.6.0-3`.
 */
export function parseSbom(bytes: Uint8Array, path: string): CatalogResult {
	const sbom = readSbom(bytes, path, "languages");
	if (sbom.kind === "unreadable") {
		return { packages: [], warnings: sbom.foreign ? [] : [malformed(sbom.reason, path)] };
	}
	return {
		packages: sbom.packages.map((pkg) => here(pkg, path)),
		// A document of no packages hides none, and what it says of the operating system is not asked for.
		warnings: sbom.warnings.filter(
			({ code }) => code === "sbom_component_unread" || (sbom.cut && code === "sbom_incomplete"),
		),
	};
}

/** The document is the file that says so, whatever files it names itself. */
function here({ type, name, version, requires }: InstalledPackage, path: string): Package {
	return { type, name, version, ...(requires ? { requires } : {}), path };
}

function malformed(reason: string, path: string): Warning {
	const message = `The SBOM document ${reason}, so the packages that it lists are missing from the inventory.`;
	return { code: "package_file_malformed", message, path };
}
