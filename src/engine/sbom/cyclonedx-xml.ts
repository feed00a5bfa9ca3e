import { XMLParser } from "fast-xml-parser";
import { isObject, type JsonObject, listOf, objectOf, textOf } from "./json.ts";
import { depthLimit } from "./limits.ts";

/**
 * Reads CycloneDX XML into the shape of its JSON format, as far as an SBOM's reader needs it. Gives words for what is
 * wrong instead. Document types are refused: CycloneDX has none, and their entities are the weak spot of XML.
 * https://cyclonedx.org/docs/1.6/xml/
 */
export function readCycloneDxXml(text: string): JsonObject | string {
	if (/<!DOCTYPE/i.test(text)) return "is XML with a document type, which is refused";
	// The parser takes what is missing at the end for closed.
	if (!closing.test(text.slice(-tailSize))) return "is XML that breaks off or is not CycloneDX";
	let parsed: unknown;
	try {
		parsed = parser.parse(text);
	} catch {
		return "is broken XML";
	}
	const bom = objectOf(parsed)["bom"];
	if (!isObject(bom)) return "is XML, but not CycloneDX";
	// The parser drops namespaces.
	const [, specVersion] = namespace.exec(text.slice(0, headSize)) ?? [];
	if (specVersion === undefined) return "is XML, but not CycloneDX";
	const metadata = objectOf(bom["metadata"]);
	const [main] = many(metadata["component"]);
	return {
		bomFormat: "CycloneDX",
		specVersion,
		metadata: {
			timestamp: textOf(metadata["timestamp"]),
			tools: toolsOf(objectOf(metadata["tools"])),
			...(main ? { component: componentOf(main, 0) } : {}),
		},
		components: componentsOf(bom["components"], 0),
		dependencies: many(objectOf(bom["dependencies"])["dependency"]).map((one) => ({
			ref: one["@ref"],
			dependsOn: many(one["dependency"]).map((needed) => needed["@ref"]),
			provides: many(one["provides"]).map((needed) => needed["@ref"]),
		})),
		compositions: many(objectOf(bom["compositions"])["composition"]).map((one) => ({
			aggregate: one["aggregate"],
			assemblies: listOf(objectOf(one["assemblies"])["assembly"]),
			dependencies: listOf(objectOf(one["dependencies"])["dependency"]),
		})),
	};
}

/** Elements that are lists even where only one stands. */
const lists: ReadonlySet<string> = new Set([
	"component",
	"property",
	"tool",
	"dependency",
	"provides",
	"composition",
	"assembly",
	"occurrence",
	"identity",
	"method",
]);

/** Each level of components is two elements deep; the rest of a component some ten. */
const nestingLimit = 2 * depthLimit + 32;

const parser = new XMLParser({
	ignoreAttributes: false,
	attributeNamePrefix: "@",
	textNodeName: "#",
	parseTagValue: false,
	parseAttributeValue: false,
	ignoreDeclaration: true,
	ignorePiTags: true,
	removeNSPrefix: true,
	maxNestedTags: nestingLimit,
	isArray: (name) => lists.has(name),
});

/** Declared at the root element, which comments may come before. */
const namespace = /["']http:\/\/cyclonedx\.org\/schema\/bom\/(\d+\.\d+)["']/;
const headSize = 65_536;
const closing = /<\/(?:[\w.-]{1,64}:)?bom\s*>\s*(?:<!--.*-->\s*)?$/s;
const tailSize = 4_096;

/** What is empty comes as an empty text. */
function many(value: unknown): readonly JsonObject[] {
	return listOf(value).filter(isObject);
}

function toolsOf(tools: JsonObject): unknown {
	return "components" in tools ? { components: componentsOf(tools["components"], 0) } : many(tools["tool"]);
}

function componentsOf(parent: unknown, depth: number): readonly JsonObject[] {
	return many(objectOf(parent)["component"]).map((component) => componentOf(component, depth));
}

function componentOf(component: JsonObject, depth: number): JsonObject {
	const properties = many(objectOf(component["properties"])["property"]);
	const evidence = objectOf(component["evidence"]);
	return {
		type: component["@type"],
		"bom-ref": component["@bom-ref"],
		group: component["group"],
		name: component["name"],
		version: component["version"],
		purl: component["purl"],
		properties: properties.map((property) => ({ name: property["@name"], value: property["#"] })),
		evidence: {
			occurrences: many(objectOf(evidence["occurrences"])["occurrence"]),
			identity: many(evidence["identity"]).map((identity) => ({
				methods: many(objectOf(identity["methods"])["method"]),
			})),
		},
		components: depth < depthLimit ? componentsOf(component["components"], depth + 1) : [],
	};
}
