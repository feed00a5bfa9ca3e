import type { Finding } from "#model";
import { instructionOf } from "../instruction.ts";
import type { Part } from "../parts.ts";
import { printable } from "../printable.ts";
import { hashOf } from "../stable-id.ts";
import { bySeverity, levels, type RuleBook } from "./rules.ts";

/** One result a finding of an image, the most severe first. */
export function resultsOf(
	parts: readonly Part[],
	isIndex: boolean,
	repository: string,
	rules: RuleBook,
): readonly object[] {
	const seen = new Map<string, number>();
	return parts
		.flatMap((part) => part.report.findings.map((finding) => ({ part, finding })))
		.toSorted((a, b) => bySeverity(a.finding, b.finding))
		.map(({ part, finding }) => {
			const { id, severity, suppressed } = finding;
			const fingerprint = fingerprintOf(finding, repository, isIndex ? part.report.artifact.platform : "");
			const count = (seen.get(fingerprint) ?? 0) + 1;
			seen.set(fingerprint, count);
			return {
				ruleId: id,
				ruleIndex: rules.indexOf(id),
				level: levels[severity],
				message: { text: messageOf(finding, isIndex ? part.label : "") },
				locations: locationsOf(finding, repository),
				partialFingerprints: {
					primaryLocationLineHash: `${fingerprint.slice(0, 16)}:${count}`,
					"plimsollFinding/v1": `${fingerprint}:${count}`,
				},
				suppressions: suppressed && [
					{
						kind: "external",
						status: "accepted",
						justification: plainMessage(
							[
								`${suppressed.status.replace("_", " ")} (${suppressed.by}): ${suppressed.reason}`,
								suppressed.justification && `[${suppressed.justification}]`,
								suppressed.owner && `Owner: ${suppressed.owner}.`,
								suppressed.expires && `Until ${suppressed.expires}.`,
							]
								.filter(Boolean)
								.join(" "),
						),
					},
				],
				properties: propertiesOf(finding, part),
			};
		});
}

/**
 * The same for the same vulnerability of the same package at the same place, whatever the image's tag and digest and the
 * package's version: an alert that was dismissed stays dismissed after the next build.
 */
function fingerprintOf({ id, package: pkg, origin }: Finding, repository: string, platform: string): string {
	return hashOf(repository, platform, id, pkg.type, pkg.name, origin.paths[0] ?? "");
}

function messageOf({ id, severity, package: pkg, fixedVersion, title, kev, origin }: Finding, label: string): string {
	const instruction = instructionOf(origin.layer.createdBy);
	return plainMessage(
		[
			`${pkg.name} ${pkg.version}${label && ` on ${label}`} has ${id} (${severity})${title ? `: ${title}.` : "."}`,
			kev && "It is known to be exploited.",
			fixedVersion === null ? "No fixed version is known." : `Fixed in ${fixedVersion}.`,
			instruction && `Brought by layer ${origin.layer.index}: ${instruction}`,
		]
			.filter(Boolean)
			.join(" "),
	);
}

/** A message's text without what SARIF reads in it: links (§3.11.6) and placeholders (§3.11.5). */
export function plainMessage(text: string): string {
	return printable(text)
		.replaceAll("](", "] (")
		.replace(/\{(\d+)\}/g, "{{$1}}");
}

/** GitHub takes 1,000 locations a result and shows the first; a Go module in thousands of programs needs no more. */
const mostLocations = 100;

function locationsOf({ package: pkg, origin }: Finding, repository: string): readonly object[] {
	const paths = origin.paths.length > 0 ? origin.paths.slice(0, mostLocations) : [""];
	const logicalLocations = [{ name: pkg.name, fullyQualifiedName: pkg.purl, kind: "module" }];
	return paths.map((path) => ({
		physicalLocation: {
			artifactLocation: { uri: relativeUri(`${repository}/${path}`) },
			region: { startLine: 1, startColumn: 1, endLine: 1, endColumn: 1 },
		},
		logicalLocations,
	}));
}

/**
 * A relative reference (RFC 3986 §4.2) whatever the text: no segment is empty, leads upwards or has a colon, so that it
 * is neither absolute nor taken for a scheme.
 */
function relativeUri(text: string): string {
	return text
		.toWellFormed()
		.split("/")
		.filter((segment) => segment !== "" && segment !== "." && segment !== "..")
		.map(encodeURIComponent)
		.join("/");
}

function propertiesOf(finding: Finding, { report }: Part): object {
	const { severity, package: pkg, fixedVersion, state, origin, kev, epss, aliases } = finding;
	return {
		packageName: pkg.name,
		packageType: pkg.type,
		purl: pkg.purl,
		installedVersion: pkg.version,
		fixedVersion,
		state,
		severity,
		aliases,
		imageDigest: report.artifact.digest,
		platform: report.artifact.platform,
		layerIndex: origin.layer.index,
		layerDigest: origin.layer.digest,
		layerCreatedBy: origin.layer.createdBy,
		parents: origin.parents.length > 0 ? origin.parents : undefined,
		kev,
		epss,
	};
}
