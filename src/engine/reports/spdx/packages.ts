import { type Finding, isDigest, isOsPackageType, type Report, type ReportPackage } from "#model";
import { dependencyGraph } from "../dependency-graph.ts";
import { imageNameOf, imagePurl } from "../image-name.ts";
import { listPackages } from "../inventory.ts";
import { linkOf } from "../links.ts";
import { hashOf, unique } from "../stable-id.ts";

export interface Relationship {
	readonly spdxElementId: string;
	readonly relationshipType: string;
	readonly relatedSpdxElement: string;
}

/** What one image adds to the document. */
export interface ImageElements {
	readonly id: string;
	readonly packages: readonly object[];
	readonly relationships: readonly Relationship[];
}

/** Nothing is known of licences: Plimsoll does not look for them. */
const unasserted = {
	downloadLocation: "NOASSERTION",
	filesAnalyzed: false,
	licenseConcluded: "NOASSERTION",
	licenseDeclared: "NOASSERTION",
	copyrightText: "NOASSERTION",
} as const;

/** The image, its operating system and its packages. `prefix` keeps the identifiers of several images apart. */
export function imageElements(report: Report, asked: string, prefix: string): ImageElements {
	const id = `SPDXRef-Image${prefix}`;
	const osId = `SPDXRef-OperatingSystem${prefix}`;
	const { os } = report.artifact;
	const { packages, positionsOf } = listPackages(report);
	const findings = packages.map((): Finding[] => []);
	for (const finding of report.findings) for (const index of positionsOf(finding)) findings[index]?.push(finding);
	const ids = unique(
		packages.map((pkg) => idOf(pkg, prefix)),
		".",
	);
	const idAt = (index: number): string => ids[index] ?? "";
	const graph = dependencyGraph(packages);
	return {
		id,
		packages: [
			imagePackage(report, asked, id),
			...(os === null ? [] : [osPackage(os, osId)]),
			...packages.map((pkg, index) => softwarePackage(pkg, idAt(index), findings[index] ?? [], report)),
		],
		relationships: [
			...(os === null ? [] : [relate(id, "CONTAINS", osId)]),
			// What the operating system's package manager installed is the operating system's.
			...packages.map((pkg, index) =>
				relate(os !== null && isOsPackageType(pkg.type) ? osId : id, "CONTAINS", idAt(index)),
			),
			...graph.flatMap((targets, from) => targets.map((to) => relate(idAt(from), "DEPENDS_ON", idAt(to)))),
		],
	};
}

/** An SPDXID has letters, digits, `.` and `-` only; the hash keeps apart what that makes the same. */
function idOf({ type, name, version, purl }: ReportPackage, prefix: string): string {
	const plain = `${type}-${name}-${version}`.replace(/[^A-Za-z0-9.-]+/g, "-").slice(0, 120);
	return `SPDXRef-Package${prefix}-${plain}-${hashOf(type, name, version, purl).slice(0, 12)}`;
}

export function imagePackage(report: Report, asked: string, id: string): object {
	const { digest, platform, base } = report.artifact;
	const name = imageNameOf(asked);
	const version = name?.tag || digest;
	const purl = imagePurl(report, asked);
	const facts = [platform && `Platform ${platform}.`, base && `Base image ${base.name} ${base.digest}`.trim()];
	return {
		SPDXID: id,
		name: name === null ? asked : `${name.registry}/${name.repository}`,
		...(version === "" ? {} : { versionInfo: version }),
		...unasserted,
		primaryPackagePurpose: "CONTAINER",
		...checksums(digest),
		...(purl === null ? {} : { externalRefs: [purlRef(purl)] }),
		...comment(facts.filter(Boolean).join(" ")),
	};
}

/** The digest of the manifest, in SPDX's word for the algorithm. */
function checksums(digest: string): object {
	if (!isDigest(digest)) return {};
	const [algorithm = "", checksumValue = ""] = digest.split(":");
	return { checksums: [{ algorithm: algorithm.toUpperCase(), checksumValue }] };
}

function osPackage(os: NonNullable<Report["artifact"]["os"]>, id: string): object {
	return {
		SPDXID: id,
		name: os.id,
		...(os.versionId === "" ? {} : { versionInfo: os.versionId }),
		...unasserted,
		primaryPackagePurpose: "OPERATING_SYSTEM",
		...(os.prettyName === undefined ? {} : { summary: os.prettyName }),
		...comment(os.eol === undefined ? "" : `End of life ${os.eol}.`),
	};
}

function softwarePackage(pkg: ReportPackage, id: string, findings: readonly Finding[], report: Report): object {
	const { name, version, source, purl } = pkg;
	return {
		SPDXID: id,
		name,
		...(version === "" ? {} : { versionInfo: version }),
		...unasserted,
		primaryPackagePurpose: "LIBRARY",
		// These words are those that other scanners write and read back.
		...(source ? { sourceInfo: `built package from: ${source.name} ${source.version}` } : {}),
		...comment(placeOf(pkg, report)),
		...annotations(pkg, report),
		externalRefs: [purlRef(purl), ...findings.map(advisoryRef)],
	};
}

function purlRef(purl: string): object {
	return { referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: purl };
}

function advisoryRef(finding: Finding): object {
	const { id, severity, fixedVersion, title, suppressed, kev } = finding;
	const facts = [
		`${id} (${severity})`,
		title,
		fixedVersion === null ? undefined : `fixed in ${fixedVersion}`,
		kev && "known to be exploited",
		suppressed && `suppressed as ${suppressed.status} by ${suppressed.by}: ${suppressed.reason}`,
	];
	return {
		referenceCategory: "SECURITY",
		referenceType: "advisory",
		referenceLocator: linkOf(id),
		comment: facts.filter((fact) => fact !== undefined).join("; "),
	};
}

/** The layer, in the words that other scanners write and read back. */
function annotations(pkg: ReportPackage, report: Report): object {
	const layer = report.artifact.layers[pkg.layer];
	if (layer === undefined) return {};
	const facts = [`LayerDigest: ${layer.digest}`, `LayerDiffID: ${layer.diffId}`];
	const frame = { annotationDate: secondsOf(report.createdAt), annotationType: "OTHER", annotator: toolOf(report) };
	return { annotations: facts.map((fact) => ({ ...frame, comment: fact })) };
}

/** The specification knows no fractions of a second. */
export function secondsOf(moment: string): string {
	return moment.replace(/\.\d+(?=Z$)/, "");
}

export function toolOf({ scanner }: Report): string {
	return `Tool: ${scanner.name}-${scanner.version}`;
}

function placeOf(pkg: ReportPackage, report: Report): string {
	const layer = report.artifact.layers[pkg.layer];
	const facts = [
		layer && `Layer ${pkg.layer}${layer.createdBy && `: ${layer.createdBy.trim()}`}`,
		pkg.paths.length > 0 ? `Found in ${pkg.paths.join(", ")}` : undefined,
		pkg.modularity && `Module ${pkg.modularity}`,
		pkg.thirdParty && `Built by ${pkg.thirdParty}`,
		pkg.ownedBy && `Came with ${pkg.ownedBy}`,
	];
	return facts.filter((fact) => fact !== undefined).join("\n");
}

function comment(text: string): object {
	return text === "" ? {} : { comment: text };
}

function relate(from: string, relationshipType: string, to: string): Relationship {
	return { spdxElementId: from, relationshipType, relatedSpdxElement: to };
}
