import { compareText, type Finding, isOsPackageType, type Report, type ReportPackage } from "#model";
import { dependencyGraph, rootsOf } from "../dependency-graph.ts";
import { listPackages } from "../inventory.ts";
import { unique } from "../stable-id.ts";

/** What one image adds to the document. */
export interface ImageContent {
	/** bom-ref of the image itself. */
	readonly ref: string;
	readonly components: readonly object[];
	readonly dependencies: readonly object[];
	/** Whether all packages are listed, or only those with findings. */
	readonly isWhole: boolean;
	/** bom-refs of the packages that a finding is about. */
	readonly refsOf: (finding: Finding) => readonly string[];
}

/** A name and what is known; nothing is written for what is not. */
export type Property = readonly [name: string, value: string | undefined];

export function properties(all: readonly Property[]): object[] | undefined {
	const known = all.flatMap(([name, value]) => (value === undefined || value === "" ? [] : [{ name, value }]));
	return known.length > 0 ? known : undefined;
}

/** The schema allows a version 1,024 characters; a hostile image may claim more. */
export function cutVersion(version: string): string {
	return version.length <= 1024 ? version : version.slice(0, 1024).toWellFormed();
}

/** The operating system and the packages of an image. `prefix` keeps the references of several images apart. */
export function imageContent(report: Report, ref: string, prefix: string): ImageContent {
	const { packages, isWhole, positionsOf } = listPackages(report);
	const osRef = `${prefix}os`;
	const refs = unique(packages.map((pkg) => prefix + pkg.purl));
	const refAt = (index: number): string => refs[index] ?? "";
	const { os } = report.artifact;
	const graph = dependencyGraph(packages);
	const roots = rootsOf(graph);
	// What the operating system's package manager installed hangs on the operating system.
	const belongsToOs = (index: number): boolean => os !== null && isOsPackageType(packages[index]?.type ?? "generic");
	return {
		ref,
		isWhole,
		refsOf: (finding) => positionsOf(finding).map(refAt),
		components: [
			...(os === null ? [] : [osComponent(os, osRef)]),
			...packages.map((pkg, index) => packageComponent(pkg, refAt(index), report)),
		],
		dependencies: [
			{
				ref,
				dependsOn: [...(os === null ? [] : [osRef]), ...roots.filter((index) => !belongsToOs(index)).map(refAt)],
			},
			...(os === null ? [] : [{ ref: osRef, dependsOn: roots.filter(belongsToOs).map(refAt) }]),
			...graph.map((targets, index) => ({ ref: refAt(index), dependsOn: targets.map(refAt).sort(compareText) })),
		],
	};
}

function osComponent(os: NonNullable<Report["artifact"]["os"]>, ref: string): object {
	return {
		type: "operating-system",
		"bom-ref": ref,
		name: os.id,
		...(os.versionId === "" ? {} : { version: cutVersion(os.versionId) }),
		description: os.prettyName,
		properties: properties([
			["plimsoll:os:eol", os.eol],
			["plimsoll:os:idLike", os.idLike?.join(" ")],
			["plimsoll:os:extended", os.extended],
		]),
	};
}

function packageComponent(pkg: ReportPackage, ref: string, report: Report): object {
	const layer = report.artifact.layers[pkg.layer];
	return {
		type: "library",
		"bom-ref": ref,
		name: pkg.name,
		...(pkg.version === "" ? {} : { version: cutVersion(pkg.version) }),
		purl: pkg.purl,
		properties: properties([
			["plimsoll:type", pkg.type],
			["plimsoll:arch", pkg.arch],
			// CycloneDX has no field for source packages and layers; these names are those that other readers know. Without
			// its source package nobody finds a distribution's advisories on a package.
			["aquasecurity:trivy:SrcName", pkg.source?.name],
			["aquasecurity:trivy:SrcVersion", pkg.source?.version],
			["aquasecurity:trivy:LayerDigest", layer?.digest],
			["aquasecurity:trivy:LayerDiffID", layer?.diffId],
			["plimsoll:modularity", pkg.modularity],
			["plimsoll:thirdParty", pkg.thirdParty],
			["plimsoll:ownedBy", pkg.ownedBy],
			["plimsoll:layer:index", layer && String(pkg.layer)],
			["plimsoll:layer:createdBy", layer?.createdBy],
		]),
		...(pkg.paths.length > 0 ? { evidence: { occurrences: pkg.paths.map((location) => ({ location })) } } : {}),
	};
}
