import { addFactLine, addPath, addSourceInfo } from "./generator-facts.ts";
import { type JsonObject, listOf, objectOf, objectsOf, textOf } from "./json.ts";
import { componentLimit, edgeLimit, otherDocuments, tooManyComponents, tooManyEdges } from "./limits.ts";
import type { Component, Facts, Outline, Role, SbomFormat, SbomLayer, SbomSubject } from "./types.ts";

/**
 * Takes an SPDX 2.2 or 2.3 document (in JSON's shape) apart.
 * https://spdx.github.io/spdx-spec/v2.3/
 */
export function outlineSpdx(document: JsonObject, format: SbomFormat): Outline {
	const creation = objectOf(document["creationInfo"]);
	const created = textOf(creation["created"]);
	const generator = generatorOf(creation["creators"]);
	const all = objectsOf(document["packages"]);
	const packages = all.slice(0, componentLimit);
	const relations = relationsOf(document);
	const described = new Set([...relations.described, ...listOf(document["documentDescribes"]).map(textOf)]);
	const files = filesOf(document["files"]);
	const components = packages.map((pkg) => readPackage(pkg, described));
	placeFiles(components, relations.edges, files);
	const main = packages.find((pkg) => described.has(textOf(pkg["SPDXID"])));
	return {
		document: {
			format,
			specVersion: textOf(document["spdxVersion"]).replace(/^SPDX-/, ""),
			...(generator ? { generator } : {}),
			...(created ? { created } : {}),
		},
		subject: main ? subjectOf(main) : null,
		layers: main ? layersOf(main) : [],
		components,
		edges: relations.edges,
		cuts: [...(all.length > packages.length ? [tooManyComponents] : []), ...(relations.cut ? [tooManyEdges] : [])],
		gaps: listOf(document["externalDocumentRefs"]).length > 0 ? [otherDocuments] : [],
	};
}

function generatorOf(creators: unknown): string {
	const tools = listOf(creators).map(textOf);
	return (tools.find((creator) => creator.startsWith("Tool: ")) ?? "").slice("Tool: ".length);
}

interface Relations {
	readonly edges: readonly (readonly [string, string])[];
	readonly described: readonly string[];
	readonly cut: boolean;
}

/** Relationships by which one part needs or holds another, and which end it is that does. */
const directions: Readonly<Record<string, "forth" | "back">> = {
	CONTAINS: "forth",
	DEPENDS_ON: "forth",
	DYNAMIC_LINK: "forth",
	STATIC_LINK: "forth",
	CONTAINED_BY: "back",
	DEPENDENCY_OF: "back",
	RUNTIME_DEPENDENCY_OF: "back",
	OPTIONAL_DEPENDENCY_OF: "back",
	PACKAGE_OF: "back",
};

/** Syft's way to say which file a package was read from. */
const evident = "evident-by:";

function relationsOf(document: JsonObject): Relations {
	const edges: (readonly [string, string])[] = [];
	const described: string[] = [];
	for (const { spdxElementId, relatedSpdxElement, relationshipType, comment } of objectsOf(document["relationships"])) {
		const from = textOf(spdxElementId);
		const to = textOf(relatedSpdxElement);
		const type = textOf(relationshipType);
		if (edges.length >= edgeLimit) return { edges, described, cut: true };
		if (type === "DESCRIBES") described.push(to);
		else if (type === "DESCRIBED_BY") described.push(from);
		else if (type === "OTHER" && textOf(comment).startsWith(evident)) edges.push([from, to]);
		else if (Object.hasOwn(directions, type)) edges.push(directions[type] === "forth" ? [from, to] : [to, from]);
	}
	return { edges, described, cut: false };
}

interface SpdxFile {
	readonly path: string;
	/** Syft's comment `layerID: sha256:…`. */
	readonly layer: string;
}

function filesOf(files: unknown): ReadonlyMap<string, SpdxFile> {
	return new Map(
		objectsOf(files).map(({ SPDXID, fileName, comment }) => {
			const [, layer = ""] = /(?:^|\s)layerID: (sha256:[0-9a-f]{64})\b/.exec(textOf(comment)) ?? [];
			return [textOf(SPDXID), { path: textOf(fileName), layer }] as const;
		}),
	);
}

/** Gives packages the files that they were read from. */
function placeFiles(
	components: readonly Component[],
	edges: readonly (readonly [string, string])[],
	files: ReadonlyMap<string, SpdxFile>,
): void {
	if (files.size === 0) return;
	const byRef = new Map(components.map((component) => [component.ref, component]));
	for (const [from, to] of edges) {
		const file = files.get(to);
		const facts = byRef.get(from)?.facts;
		if (!file || !facts) continue;
		addPath(facts, file.path);
		if (file.layer !== "") facts.layerDiffId ??= file.layer;
	}
}

function readPackage(pkg: JsonObject, described: ReadonlySet<string>): Component {
	const facts: Facts = {};
	for (const line of listOf(pkg["attributionTexts"])) addFactLine(facts, textOf(line));
	for (const { comment } of objectsOf(pkg["annotations"])) addFactLine(facts, textOf(comment));
	addSourceInfo(facts, textOf(pkg["sourceInfo"]));
	const ref = textOf(pkg["SPDXID"]);
	const purl = purlOf(pkg["externalRefs"]);
	const version = textOf(pkg["versionInfo"]);
	return {
		ref,
		role: roleOf(textOf(pkg["primaryPackagePurpose"]), ref, purl, described.has(ref)),
		name: textOf(pkg["name"]),
		version: version === "NOASSERTION" || version === "NONE" ? "" : version,
		purl,
		facts,
	};
}

function purlOf(references: unknown): string {
	const found = objectsOf(references).find(({ referenceType }) => /(?:^|\/)purl$/.test(textOf(referenceType)));
	return textOf(found?.["referenceLocator"]);
}

/** Purposes came with 2.3; before, Trivy told an operating system and a target by the identifier alone. */
function roleOf(purpose: string, ref: string, purl: string, described: boolean): Role {
	if (purpose === "OPERATING-SYSTEM" || purpose === "OPERATING_SYSTEM") return "os";
	if (ref.startsWith("SPDXRef-OperatingSystem-")) return "os";
	if (purpose === "CONTAINER" || /^pkg:(?:oci|docker)\//.test(purl)) return "image";
	if (purl !== "") return described && !isPackagePurl(purl) ? "other" : "package";
	if (described || ref.startsWith("SPDXRef-Application-")) return "application";
	return purpose === "FILE" || purpose === "SOURCE" ? "file" : "package";
}

/** What a document is about may be a repository (GitHub's export): that is no package. */
function isPackagePurl(purl: string): boolean {
	return !/^pkg:(?:github|bitbucket|gitlab)\//i.test(purl);
}

function subjectOf(main: JsonObject): SbomSubject {
	const version = textOf(main["versionInfo"]);
	const sums = objectsOf(main["checksums"]);
	const hex = textOf(sums.find(({ algorithm }) => algorithm === "SHA256")?.["checksumValue"]);
	const digest = /^sha256:[0-9a-f]{64}$/.test(version) ? version : hex === "" ? "" : `sha256:${hex}`;
	return { name: textOf(main["name"]), digest };
}

function layersOf(main: JsonObject): readonly SbomLayer[] {
	const lines = [
		...listOf(main["attributionTexts"]).map(textOf),
		...objectsOf(main["annotations"]).map(({ comment }) => textOf(comment)),
	];
	return lines.flatMap((line) => (line.startsWith("DiffID: ") ? [{ digest: "", diffId: line.slice(8) }] : []));
}
