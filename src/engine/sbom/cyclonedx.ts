import { addFact, addPath } from "./generator-facts.ts";
import { isObject, type JsonObject, listOf, objectOf, objectsOf, textOf } from "./json.ts";
import { componentLimit, depthLimit, edgeLimit, tooManyComponents, tooManyEdges } from "./limits.ts";
import type { Component, Facts, Outline, Role, SbomFormat, SbomLayer, SbomSubject } from "./types.ts";

/**
 * Takes a CycloneDX document (1.2 to 1.7, in JSON's shape) apart.
 * https://cyclonedx.org/docs/1.6/json/, https://github.com/CycloneDX/specification
 */
export function outlineCycloneDx(bom: JsonObject, format: SbomFormat): Outline {
	const metadata = objectOf(bom["metadata"]);
	const main = objectOf(metadata["component"]);
	const generator = generatorOf(metadata["tools"]);
	const created = textOf(metadata["timestamp"]);
	// An application that a document is about is installed as well; an image is only where the others are.
	const itself = textOf(main["purl"]) === "" ? objectsOf(main["components"]) : [main];
	const { components, cuts } = flatten([...itself, ...objectsOf(bom["components"])]);
	const { edges, cut } = edgesOf(objectsOf(bom["dependencies"]));
	return {
		document: {
			format,
			specVersion: textOf(bom["specVersion"]),
			...(generator ? { generator } : {}),
			...(created ? { created } : {}),
		},
		subject: subjectOf(main),
		layers: layersOf(main),
		components,
		edges,
		cuts: [...cuts, ...(cut ? [tooManyEdges] : [])],
		gaps: incompleteness(bom["compositions"]),
	};
}

/** `tools` is a list before 1.5, then an object with components and services. */
function generatorOf(tools: unknown): string {
	const [tool] = Array.isArray(tools) ? objectsOf(tools) : objectsOf(objectOf(tools)["components"]);
	return tool ? `${textOf(tool["name"])} ${textOf(tool["version"])}`.trim() : "";
}

function subjectOf(main: JsonObject): SbomSubject | null {
	const name = textOf(main["name"]);
	const repoDigests = propertiesOf(main).flatMap(([key, value]) =>
		key === "aquasecurity:trivy:RepoDigest" ? [value.slice(value.indexOf("@") + 1)] : [],
	);
	// Syft has the digest for a version, Trivy in the purl of its repository.
	const [, inPurl = ""] = /^pkg:oci\/[^@]*@(sha256(?:%3A|:)[0-9a-f]{64})/i.exec(textOf(main["purl"])) ?? [];
	const candidates = [textOf(main["version"]), ...repoDigests, inPurl.replace(/%3A/i, ":")];
	const digest = candidates.find((text) => /^sha(?:256|512):[0-9a-f]{64,128}$/.test(text)) ?? "";
	return name === "" && digest === "" ? null : { name, digest };
}

function layersOf(main: JsonObject): readonly SbomLayer[] {
	return propertiesOf(main).flatMap(([key, value]) =>
		key === "aquasecurity:trivy:DiffID" ? [{ digest: "", diffId: value }] : [],
	);
}

function propertiesOf(component: JsonObject): readonly (readonly [string, string])[] {
	return objectsOf(component["properties"]).map(({ name, value }) => [textOf(name), textOf(value)] as const);
}

/** All components, those within others too; parents first, without recursion: the depth is the document's choice. */
function flatten(roots: readonly JsonObject[]): { components: readonly Component[]; cuts: readonly string[] } {
	const components: Component[] = [];
	const cuts = new Set<string>();
	let level = roots;
	for (let depth = 1; level.length > 0; depth++) {
		if (depth > depthLimit) {
			cuts.add(`components are nested deeper than ${depthLimit} levels; those below are missing`);
			break;
		}
		const next: JsonObject[] = [];
		for (const component of level) {
			if (components.length >= componentLimit) {
				cuts.add(tooManyComponents);
				break;
			}
			components.push(readComponent(component));
			for (const nested of listOf(component["components"])) if (isObject(nested)) next.push(nested);
		}
		level = next;
	}
	return { components, cuts: [...cuts] };
}

function readComponent(component: JsonObject): Component {
	const facts: Facts = {};
	for (const [name, value] of propertiesOf(component)) addFact(facts, name, value);
	addEvidence(facts, component["evidence"]);
	const group = textOf(component["group"]);
	const name = textOf(component["name"]);
	return {
		ref: textOf(component["bom-ref"]),
		role: roleOf(component),
		name: group === "" || name.startsWith(`${group}/`) ? name : `${group}/${name}`,
		version: textOf(component["version"]),
		purl: textOf(component["purl"]),
		facts,
	};
}

/** Where cdxgen saw a component. */
function addEvidence(facts: Facts, evidence: unknown): void {
	const { occurrences, identity } = objectOf(evidence);
	for (const { location } of objectsOf(occurrences)) addPath(facts, textOf(location));
	const identities = Array.isArray(identity) ? objectsOf(identity) : [objectOf(identity)];
	for (const { methods } of identities) {
		for (const { technique, value } of objectsOf(methods)) {
			if (technique === "manifest-analysis" || technique === "binary-analysis") addPath(facts, textOf(value));
		}
	}
}

/** CycloneDX types that may be packages, with a purl or without. */
const packageTypes: ReadonlySet<string> = new Set(["library", "framework", "application", "firmware", "platform", ""]);

function roleOf(component: JsonObject): Role {
	const type = textOf(component["type"]);
	if (type === "operating-system") return "os";
	if (type === "container") return "image";
	// Trivy makes an application of each lock file and executable; its packages hang below it.
	const isTarget = propertiesOf(component).some(([name]) => name === "aquasecurity:trivy:Class");
	const purl = textOf(component["purl"]);
	if (type === "application" && isTarget && purl === "") return "application";
	if (purl !== "" || packageTypes.has(type)) return "package";
	return type === "file" ? "file" : "other";
}

function edgesOf(dependencies: readonly JsonObject[]): { edges: readonly (readonly [string, string])[]; cut: boolean } {
	const edges: (readonly [string, string])[] = [];
	for (const { ref, dependsOn, provides } of dependencies) {
		for (const target of [...listOf(dependsOn), ...listOf(provides)]) {
			if (edges.length >= edgeLimit) return { edges, cut: true };
			if (typeof ref === "string" && typeof target === "string") edges.push([ref, target]);
		}
	}
	return { edges, cut: false };
}

/** The author's own word that the list of components is not whole. */
function incompleteness(compositions: unknown): readonly string[] {
	const said = objectsOf(compositions).some(
		({ aggregate, assemblies, dependencies }) =>
			textOf(aggregate).startsWith("incomplete") &&
			(listOf(assemblies).length > 0 || listOf(dependencies).length === 0),
	);
	return said ? ["its author calls it incomplete"] : [];
}
