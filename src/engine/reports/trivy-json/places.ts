import { isOsPackageType, type PackageType, type Report } from "#model";
import { familyOf, kinds } from "./kinds.ts";

/** In which result a package stands. */
export interface Place {
	readonly Target: string;
	readonly Class: "os-pkgs" | "lang-pkgs";
	readonly Type: string;
	/** The file, where the target does not name it already. */
	readonly path: string;
}

/** Where Trivy would report a package of this type that this file names. */
export function placeOf(type: PackageType, path: string, report: Report, asked: string): Place {
	const { os } = report.artifact;
	if (isOsPackageType(type)) {
		const family = os === null ? type : familyOf(os.id);
		const system = `${family} ${os?.versionId ?? ""}`.trim();
		return { Target: `${asked} (${system})`, Class: "os-pkgs", Type: family, path: "" };
	}
	const { type: Type, target } = kinds[type as keyof typeof kinds];
	return target === null
		? { Target: path, Class: "lang-pkgs", Type, path: "" }
		: { Target: target, Class: "lang-pkgs", Type, path };
}
