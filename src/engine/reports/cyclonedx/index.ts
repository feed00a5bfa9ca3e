import type { Report } from "#model";
import { imageNameOf, imagePurl } from "../image-name.ts";
import { momentOf } from "../moments.ts";
import { partsOf } from "../parts.ts";
import { safeJson } from "../safe-json.ts";
import { unique, uuidOf } from "../stable-id.ts";
import { cutVersion, imageContent, type Property, properties } from "./components.ts";
import { vulnerabilitiesOf } from "./vulnerabilities.ts";

/**
 * A CycloneDX 1.6 bill of materials with vulnerabilities (https://cyclonedx.org/docs/1.6/json/). Suppressed findings
 * are in it with their analysis. An index is one document: its images are components that depend on what is in them,
 * side by side, because many readers pass over nested components. The serial number is made from the content, so that
 * the same report is the same bytes. Ends with a newline.
 */
export function renderCycloneDx(report: Report): string {
	const document = documentOf(report);
	return safeJson({ ...document, serialNumber: `urn:uuid:${uuidOf(JSON.stringify(document))}` });
}

function documentOf(report: Report): { readonly serialNumber: string } & Record<string, unknown> {
	const parts = partsOf(report);
	const isIndex = parts[0]?.report !== report;
	const asked = report.artifact.name;
	const refs = unique(["image", ...parts.map(({ label }) => label)]);
	const contents = parts.map(({ report: image }, index) => {
		const ref = isIndex ? (refs[index + 1] ?? "") : "image";
		return imageContent(image, ref, isIndex ? `${ref} ` : "");
	});
	const top = { ...containerOf(report, asked), "bom-ref": "image" };
	const images = isIndex
		? parts.map((part, index) => ({ ...containerOf(part.report, asked), "bom-ref": refs[index + 1] ?? "" }))
		: [];
	return {
		$schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
		bomFormat: "CycloneDX",
		specVersion: "1.6",
		// Its place in the document; the value is known when all else is.
		serialNumber: "",
		version: 1,
		metadata: {
			timestamp: momentOf(report.createdAt),
			tools: { components: [{ type: "application", name: report.scanner.name, version: report.scanner.version }] },
			component: top,
			properties: advisoryProperties(report),
		},
		components: [...images, ...contents.flatMap((content) => content.components)],
		dependencies: [
			...(isIndex ? [{ ref: "image", dependsOn: refs.slice(1) }] : []),
			...contents.flatMap((content) => content.dependencies),
		],
		compositions: contents.map(({ ref, isWhole }, index) => ({
			aggregate: isWhole && parts[index]?.report.status === "complete" ? "complete" : "incomplete",
			assemblies: [ref],
		})),
		vulnerabilities: vulnerabilitiesOf(
			parts.map((part, index) => ({ report: part.report, refsOf: contents[index]?.refsOf ?? (() => []) })),
		),
	};
}

function containerOf(report: Report, asked: string): object {
	const { digest, mediaType, platform, base } = report.artifact;
	const name = imageNameOf(asked);
	const version = name?.tag || digest;
	return {
		type: "container",
		name: name === null ? asked : `${name.registry}/${name.repository}`,
		...(version === "" ? {} : { version: cutVersion(version) }),
		purl: imagePurl(report, asked) ?? undefined,
		properties: properties([
			["plimsoll:image:digest", digest],
			["plimsoll:image:mediaType", mediaType],
			["plimsoll:image:platform", platform],
			["plimsoll:image:base:name", base?.name],
			["plimsoll:image:base:digest", base?.digest],
			["plimsoll:report:status", report.status],
			...report.warnings.map((warning): Property => ["plimsoll:report:warning", `${warning.code}: ${warning.message}`]),
		]),
	};
}

function advisoryProperties({ advisories }: Report): object[] | undefined {
	return properties([
		["plimsoll:advisories:digest", advisories?.digest],
		["plimsoll:advisories:builtAt", advisories?.builtAt],
	]);
}
