import { compareText, type Finding, type PackageType, type Report, type ReportPackage } from "#model";
import { dependencyGraph } from "../dependency-graph.ts";
import { suppressionWords, versionParts } from "./kinds.ts";
import { type Place, placeOf } from "./places.ts";
import { vulnerabilityOf } from "./vulnerabilities.ts";

/** Trivy's results of one image: one for the operating system's packages, one a language or file. */
export function resultsOf(report: Report, asked: string, label: string): readonly object[] {
	const results = new Map<string, Result>();
	const at = (place: Place): Result => {
		const key = [place.Class, place.Type, place.Target].join("\0");
		const known = results.get(key) ?? { place, packages: [], vulnerabilities: [], modified: [] };
		results.set(key, known);
		return known;
	};
	const packages = report.packages ?? [];
	const graph = packages.length > 0 ? dependencyGraph(packages) : [];
	packages.forEach((pkg, index) => {
		const needs = (graph[index] ?? []).map((to) => packageId(packages[to])).sort(compareText);
		for (const place of placesOf(pkg.type, pkg.paths, report, asked)) {
			at(place).packages.push(packageOf(pkg, needs, place, report));
		}
	});
	for (const finding of report.findings) {
		for (const place of placesOf(finding.package.type, finding.origin.paths, report, asked)) {
			const entry = vulnerabilityOf(finding, place.path, report);
			if (finding.suppressed) at(place).modified.push(modifiedOf(finding, entry));
			else at(place).vulnerabilities.push(entry);
		}
	}
	return [...results.values()].sort(osFirst).map((result) => resultOf(result, label));
}

interface Result {
	readonly place: Place;
	readonly packages: object[];
	readonly vulnerabilities: object[];
	readonly modified: object[];
}

function osFirst({ place: a }: Result, { place: b }: Result): number {
	return compareText(b.Class, a.Class) || compareText(a.Type, b.Type) || compareText(a.Target, b.Target);
}

function resultOf({ place, packages, vulnerabilities, modified }: Result, label: string): object {
	const { Target, Class, Type } = place;
	return {
		Target: label === "" ? Target : `${label}: ${Target}`,
		Class,
		Type,
		...(packages.length > 0 ? { Packages: packages } : {}),
		...(vulnerabilities.length > 0 ? { Vulnerabilities: vulnerabilities } : {}),
		...(modified.length > 0 ? { ExperimentalModifiedFindings: modified } : {}),
	};
}

/** A language package is one of Trivy's for each file that names it. */
function placesOf(type: PackageType, paths: readonly string[], report: Report, asked: string): readonly Place[] {
	const all = paths.length > 0 ? paths : [""];
	const places = all.map((path) => placeOf(type, path, report, asked));
	return places[0]?.Class === "os-pkgs" ? places.slice(0, 1) : places;
}

function packageId(pkg: Pick<ReportPackage, "name" | "version"> | undefined): string {
	return pkg === undefined ? "" : `${pkg.name}@${pkg.version}`;
}

function packageOf(pkg: ReportPackage, needs: readonly string[], place: Place, report: Report): object {
	const { type, name, version, purl, arch, source, modularity, layer } = pkg;
	const from = report.artifact.layers[layer];
	const built = source && versionParts(type, source.version);
	return {
		ID: packageId(pkg),
		Name: name,
		Identifier: { PURL: purl },
		...versionParts(type, version),
		...(arch ? { Arch: arch } : {}),
		...(source ? { SrcName: source.name } : {}),
		...(built?.Version ? { SrcVersion: built.Version } : {}),
		...(built?.Release ? { SrcRelease: built.Release } : {}),
		...(built?.Epoch ? { SrcEpoch: built.Epoch } : {}),
		...(modularity ? { Modularitylabel: modularity } : {}),
		...(needs.length > 0 ? { DependsOn: needs } : {}),
		Layer: from ? { Digest: from.digest, DiffID: from.diffId } : {},
		...(place.path === "" ? {} : { FilePath: place.path }),
	};
}

function modifiedOf({ suppressed }: Finding, entry: object): object {
	return {
		Type: "vulnerability",
		Status: suppressed ? suppressionWords[suppressed.status] : "unknown",
		Statement: suppressed?.justification ?? suppressed?.reason ?? "",
		Source: suppressed?.by ?? "",
		Finding: entry,
	};
}
