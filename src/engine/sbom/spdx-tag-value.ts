import type { JsonObject } from "./json.ts";

/** Tags of a package, and the JSON fields of the same meaning. */
const packageTags: Readonly<Record<string, string>> = {
	SPDXID: "SPDXID",
	PackageVersion: "versionInfo",
	PrimaryPackagePurpose: "primaryPackagePurpose",
	PackageSourceInfo: "sourceInfo",
};

/**
 * Reads SPDX 2.2 or 2.3 tag-value text into the shape of the JSON format, as far as an SBOM's reader needs it. Lines
 * that are no known tag are passed over, as the specification lets a reader do.
 * https://spdx.github.io/spdx-spec/v2.3/conformance/#44-standard-data-format-requirements
 */
export function readTagValue(text: string): JsonObject {
	const document: Record<string, unknown> = {};
	const creators: string[] = [];
	const packages: Record<string, unknown>[] = [];
	const files: Record<string, unknown>[] = [];
	const relationships: Record<string, unknown>[] = [];
	let creationDate = "";
	let section: Record<string, unknown> | null = null;
	let references: Record<string, unknown>[] = [];
	let attributions: string[] = [];
	/** Annotations stand with their package or at the end of the document, and name their package themselves. */
	const annotations: { readonly about: string; readonly comment: string }[] = [];
	let about = "";

	for (const [tag, value] of tagsOf(text)) {
		if (tag === "SPDXVersion") document["spdxVersion"] = value;
		else if (tag === "DocumentName") document["name"] = value;
		else if (tag === "Creator") creators.push(value);
		else if (tag === "Created") creationDate = value;
		else if (tag === "PackageName") {
			references = [];
			attributions = [];
			section = { name: value, externalRefs: references, attributionTexts: attributions };
			packages.push(section);
		} else if (tag === "FileName") {
			section = { fileName: value };
			files.push(section);
		} else if (tag === "Relationship") relationships.push(relationshipOf(value));
		else if (tag === "RelationshipComment") lastOf(relationships)["comment"] = value;
		else if (tag === "SPDXREF") about = value;
		else if (tag === "AnnotationComment") annotations.push({ about, comment: value });
		else if (section === null) continue;
		else if (tag === "ExternalRef") references.push(referenceOf(value));
		else if (tag === "PackageAttributionText") attributions.push(value);
		else if (tag === "PackageChecksum") section["checksums"] = checksumsWith(section["checksums"], value);
		else if (tag === "FileComment") section["comment"] = value;
		else if (Object.hasOwn(packageTags, tag)) section[packageTags[tag] ?? tag] ??= value;
	}
	const byPackage = Map.groupBy(annotations, (annotation) => annotation.about);
	for (const pkg of packages) pkg["annotations"] = byPackage.get(String(pkg["SPDXID"])) ?? [];
	return { ...document, creationInfo: { creators, created: creationDate }, packages, files, relationships };
}

/** `Tag: value` lines; a value in `<text>` goes on to `</text>`. An unclosed one ends with its line. */
function* tagsOf(text: string): Generator<readonly [string, string]> {
	let at = 0;
	/** No closing mark from here on: looking for one at each opening would take quadratic time. */
	let unclosed = false;
	while (at < text.length) {
		const newline = text.indexOf("\n", at);
		const end = newline < 0 ? text.length : newline;
		const line = text.slice(at, end);
		const colon = line.indexOf(":");
		let value = line.slice(colon + 1).trim();
		let next = end + 1;
		if (value.startsWith("<text>")) {
			const start = text.indexOf("<text>", at) + "<text>".length;
			const close: number = unclosed ? -1 : text.indexOf("</text>", start);
			unclosed = close < 0;
			value = text.slice(start, close < 0 ? end : close).trim();
			const after = close < 0 ? end : text.indexOf("\n", close);
			next = after < 0 ? text.length : after + 1;
		}
		if (colon > 0 && !line.startsWith("#")) yield [line.slice(0, colon).trim(), value];
		at = next;
	}
}

function lastOf(list: readonly Record<string, unknown>[]): Record<string, unknown> {
	return list.at(-1) ?? {};
}

function relationshipOf(value: string): Record<string, unknown> {
	const [spdxElementId, relationshipType, relatedSpdxElement] = value.split(/\s+/, 3);
	return { spdxElementId, relationshipType, relatedSpdxElement };
}

function referenceOf(value: string): Record<string, unknown> {
	const [referenceCategory, referenceType, referenceLocator] = value.split(/\s+/, 3);
	return { referenceCategory, referenceType, referenceLocator };
}

function checksumsWith(checksums: unknown, value: string): unknown {
	const [algorithm = "", checksumValue] = value.split(/:\s*/, 2);
	return [
		...(Array.isArray(checksums) ? (checksums as readonly unknown[]).slice(0, 8) : []),
		{ algorithm, checksumValue },
	];
}
