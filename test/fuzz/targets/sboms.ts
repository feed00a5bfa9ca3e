/** SBOM documents as scan targets. */
import { readSbom } from "../../../src/engine/sbom/index.ts";
import { testdataOf } from "../inputs.ts";
import { holdPackage } from "../rules.ts";
import { type FuzzTarget, hold, holdText } from "../target.ts";

function sbomTarget(form: string, files: RegExp, words: readonly string[], format?: "json"): FuzzTarget {
	return {
		name: `sbom/${form}`,
		seeds: () => testdataOf("sbom", files),
		words,
		...(format ? { format } : {}),
		run(input) {
			const sbom = readSbom(input, "a.json");
			if (sbom.kind === "unreadable") return holdText(sbom.reason, "the reason", 2000);
			for (const [index, pkg] of sbom.packages.entries()) {
				holdPackage(pkg, null);
				hold(pkg.layer === 0 || pkg.layer < sbom.layers.length, () => `there is no layer ${pkg.layer}`);
				for (const need of sbom.needs[index] ?? [])
					hold(need < sbom.packages.length, () => `there is no package ${need}`);
			}
			hold(sbom.needs.length === sbom.packages.length, () => `${sbom.needs.length} needs of ${sbom.packages.length}`);
			for (const { message } of sbom.warnings) holdText(message, "a warning", 2000);
		},
	};
}

const purls = ["pkg:npm/%40a/b@1", "pkg:deb/debian/a@1?arch=amd64&distro=debian-12", "pkg:rpm/redhat/a@1-2?epoch=1"];
const spdx = [
	"SPDXID",
	"packages",
	"relationships",
	"externalRefs",
	"referenceLocator",
	"relatedSpdxElement",
	"CONTAINS",
	"DEPENDENCY_OF",
	"files",
	"primaryPackagePurpose",
];

export const sbomTargets: readonly FuzzTarget[] = [
	sbomTarget(
		"cyclonedx",
		/cdx\.json$/,
		[
			...purls,
			"components",
			"dependencies",
			"dependsOn",
			"metadata",
			"properties",
			"bom-ref",
			"group",
			"aquasecurity:trivy:LayerDigest",
			"syft:location:0:path",
			"payload",
			"predicate",
		],
		"json",
	),
	sbomTarget("cyclonedx-xml", /cdx\.xml$/, [
		...purls,
		"<component ",
		"</component>",
		"<components>",
		'<dependency ref="',
		"<!DOCTYPE",
		"<![CDATA[",
		"&#x0;",
		"&amp;",
		"<properties>",
		"xmlns=",
	]),
	sbomTarget("spdx", /spdx\.json$/, [...purls, ...spdx], "json"),
	sbomTarget("spdx-tag-value", /\.spdx$/, [
		...purls,
		"\nPackageName: ",
		"\nSPDXID: ",
		"\nPackageVersion: ",
		"\nRelationship: ",
		"\nExternalRef: PACKAGE-MANAGER purl ",
		"<text>",
		"</text>",
		"\nFileName: ",
	]),
];
