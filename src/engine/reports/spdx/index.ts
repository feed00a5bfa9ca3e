import type { Report } from "#model";
import { imageNameOf } from "../image-name.ts";
import { partsOf } from "../parts.ts";
import { safeJson } from "../safe-json.ts";
import { unique, uuidOf } from "../stable-id.ts";
import { imageElements, imagePackage, type Relationship, secondsOf, toolOf } from "./packages.ts";

/**
 * An SPDX 2.3 document in JSON (https://spdx.github.io/spdx-spec/v2.3/): the image, its operating system and packages,
 * each with the advisories on it. An index contains its images. The namespace is made from the content, so that the
 * same report is the same bytes. Ends with a newline.
 */
export function renderSpdx(report: Report): string {
	const document = documentOf(report);
	return safeJson({ ...document, documentNamespace: `urn:uuid:${uuidOf(JSON.stringify(document))}` });
}

const documentId = "SPDXRef-DOCUMENT";

function documentOf(report: Report): Record<string, unknown> {
	const parts = partsOf(report);
	const isIndex = parts[0]?.report !== report;
	const asked = report.artifact.name;
	const topId = isIndex ? "SPDXRef-Index" : "SPDXRef-Image";
	const slugs = unique(
		parts.map(({ label }) => slug(label)),
		".",
	);
	const images = parts.map((part, index) => {
		const prefix = isIndex ? `-${slugs[index] ?? ""}` : "";
		return imageElements(part.report, asked, prefix);
	});
	const relationships: readonly Relationship[] = [
		relate(documentId, "DESCRIBES", topId),
		...(isIndex ? images.map(({ id }) => relate(topId, "CONTAINS", id)) : []),
		...images.flatMap((image) => image.relationships),
	];
	const name = imageNameOf(asked);
	return {
		spdxVersion: "SPDX-2.3",
		dataLicense: "CC0-1.0",
		SPDXID: documentId,
		name: name === null ? asked : `${name.registry}/${name.repository}${name.tag && `:${name.tag}`}`,
		// Its place in the document; the value is known when all else is.
		documentNamespace: "",
		creationInfo: {
			created: secondsOf(report.createdAt),
			creators: [toolOf(report)],
		},
		comment: commentOf(report),
		packages: [...(isIndex ? [imagePackage(report, asked, topId)] : []), ...images.flatMap((image) => image.packages)],
		relationships,
	};
}

function relate(from: string, relationshipType: string, to: string): Relationship {
	return { spdxElementId: from, relationshipType, relatedSpdxElement: to };
}

/** What a reader must know: a document of a partial scan lacks packages. */
function commentOf(report: Report): string {
	const words = {
		complete: "The scan is complete.",
		partial: "The scan is PARTIAL: not everything was looked at.",
		failed: "The scan FAILED: there is no result.",
	} as const;
	const all = [report, ...(report.manifests ?? [])];
	const warnings = all.flatMap((each) => each.warnings.map((warning) => `${warning.code}: ${warning.message}`));
	const unlisted = all.some((each) => each.packages === undefined && each.findings.length > 0);
	return [
		words[report.status],
		...(unlisted ? ["Only packages with findings are listed."] : []),
		...new Set(warnings),
	].join("\n");
}

/** The letters that an SPDXID may have. */
function slug(text: string): string {
	return text.replace(/[^A-Za-z0-9.-]+/g, "-");
}
