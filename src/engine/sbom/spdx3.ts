import { addFactLine, addPath, addSourceInfo } from "./generator-facts.ts";
import { type JsonObject, listOf, objectOf, objectsOf, textOf } from "./json.ts";
import { componentLimit, edgeLimit, otherDocuments, tooManyComponents, tooManyEdges } from "./limits.ts";
import type { Component, Facts, Outline, Role, SbomSubject } from "./types.ts";

/**
 * Takes an SPDX 3 document apart: the JSON-LD that its schema allows, one `@graph` of elements with the names of the
 * 3.0 context. Elements of imported documents are not fetched.
 * https://spdx.github.io/spdx-spec/v3.0.1/, https://spdx.github.io/spdx-spec/v3.0.1/serializations/
 */
export function outlineSpdx3(document: JsonObject): Outline {
	const elements = objectsOf(document["@graph"]);
	const byType = Map.groupBy(elements, (element) => plainType(element["type"] ?? element["@type"]));
	const of = (type: string) => byType.get(type) ?? [];
	const packages = of("Package");
	const roots = new Set([...of("Sbom"), ...of("SpdxDocument")].flatMap(({ rootElement }) => refsOf(rootElement)));
	const relations = relationsOf([...of("Relationship"), ...of("LifecycleScopedRelationship")]);
	const components = packages.slice(0, componentLimit).map((pkg) => readPackage(pkg, roots));
	annotate(components, of("Annotation"));
	placeFiles(components, relations.edges, of("File"));
	const [creation] = of("CreationInfo");
	const created = textOf(creation?.["created"]);
	const generator = textOf(of("Tool")[0]?.["name"]);
	const main = packages.find((pkg) => roots.has(idOf(pkg)));
	return {
		document: {
			format: "spdx3-json",
			specVersion: textOf(creation?.["specVersion"]),
			...(generator ? { generator } : {}),
			...(created ? { created } : {}),
		},
		subject: main ? subjectOf(main) : null,
		layers: [],
		components,
		edges: relations.edges,
		cuts: [...(packages.length > componentLimit ? [tooManyComponents] : []), ...(relations.cut ? [tooManyEdges] : [])],
		gaps: of("SpdxDocument").some((one) => listOf(one["import"] ?? one["imports"]).length > 0) ? [otherDocuments] : [],
	};
}

/** `software_Package`, `Package` and the full address mean the same. */
function plainType(type: unknown): string {
	const text = textOf(type);
	return text.slice(Math.max(text.lastIndexOf("/"), text.lastIndexOf("_")) + 1);
}

function idOf(element: JsonObject): string {
	return textOf(element["spdxId"] ?? element["@id"]);
}

function refsOf(value: unknown): readonly string[] {
	return typeof value === "string" ? [value] : listOf(value).map(textOf);
}

/** A field with or without its profile's name in front. */
function field(element: JsonObject, name: string): unknown {
	return element[`software_${name}`] ?? element[name];
}

function readPackage(pkg: JsonObject, roots: ReadonlySet<string>): Component {
	const facts: Facts = {};
	addSourceInfo(facts, textOf(field(pkg, "sourceInfo")));
	for (const line of refsOf(field(pkg, "attributionText"))) addFactLine(facts, line);
	const ref = idOf(pkg);
	const purl = purlOf(pkg);
	return {
		ref,
		role: roleOf(textOf(field(pkg, "primaryPurpose")), purl, roots.has(ref)),
		name: textOf(pkg["name"]),
		version: textOf(field(pkg, "packageVersion")),
		purl,
		facts,
	};
}

function purlOf(pkg: JsonObject): string {
	const direct = textOf(field(pkg, "packageUrl"));
	if (direct !== "") return direct;
	const found = objectsOf(pkg["externalIdentifier"]).find(
		({ externalIdentifierType: type }) => type === "packageUrl" || type === "purl",
	);
	return textOf(found?.["identifier"]);
}

function roleOf(purpose: string, purl: string, isRoot: boolean): Role {
	if (purpose === "operatingSystem") return "os";
	if (purpose === "container" || /^pkg:(?:oci|docker)\//.test(purl)) return "image";
	if (purl !== "") return "package";
	if (isRoot) return "application";
	return purpose === "file" || purpose === "source" ? "file" : "package";
}

const needing: ReadonlySet<string> = new Set([
	"contains",
	"dependsOn",
	"hasDynamicLink",
	"hasStaticLink",
	"hasOptionalDependency",
	"hasDependency",
	"hasEvidence",
]);

function relationsOf(relationships: readonly JsonObject[]): {
	edges: readonly (readonly [string, string])[];
	cut: boolean;
} {
	const edges: (readonly [string, string])[] = [];
	for (const { from, to, relationshipType, scope } of relationships) {
		// What only building or testing takes is not in the image.
		if (!needing.has(textOf(relationshipType)) || (typeof scope === "string" && scope !== "runtime")) continue;
		for (const target of refsOf(to)) {
			if (edges.length >= edgeLimit) return { edges, cut: true };
			edges.push([textOf(from), target]);
		}
	}
	return { edges, cut: false };
}

function annotate(components: readonly Component[], annotations: readonly JsonObject[]): void {
	if (annotations.length === 0) return;
	const byRef = new Map(components.map((component) => [component.ref, component.facts]));
	for (const { subject, statement } of annotations) {
		const facts = byRef.get(textOf(subject));
		if (facts) addFactLine(facts, textOf(statement));
	}
}

function placeFiles(
	components: readonly Component[],
	edges: readonly (readonly [string, string])[],
	files: readonly JsonObject[],
): void {
	if (files.length === 0) return;
	const paths = new Map(files.map((file) => [idOf(file), textOf(file["name"])]));
	const byRef = new Map(components.map((component) => [component.ref, component.facts]));
	for (const [from, to] of edges) {
		const facts = byRef.get(from);
		const path = paths.get(to);
		if (facts && path) addPath(facts, path);
	}
}

function subjectOf(main: JsonObject): SbomSubject {
	const hashes = objectsOf(main["verifiedUsing"]);
	const hex = textOf(hashes.find(({ algorithm }) => algorithm === "sha256")?.["hashValue"]);
	const version = textOf(field(main, "packageVersion"));
	const digest = /^sha256:[0-9a-f]{64}$/.test(version) ? version : hex === "" ? "" : `sha256:${hex}`;
	return { name: textOf(objectOf(main)["name"]), digest };
}
