import { makesPartial, type Report } from "#model";
import { repositoryText } from "../image-name.ts";
import { momentOf } from "../moments.ts";
import { partsOf, worstStatus } from "../parts.ts";
import { printable } from "../printable.ts";
import { safeJson } from "../safe-json.ts";
import { groupWarnings, type WarningGroup } from "../warning-groups.ts";
import { plainMessage, resultsOf } from "./results.ts";
import { RuleBook } from "./rules.ts";

/**
 * A SARIF 2.1.0 log of one run (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html), with what GitHub's
 * code scanning reads of it. Suppressed findings are in it with their suppression. All findings are kept: GitHub takes
 * 25,000 results a run and shows 5,000, the most severe first. Ends with a newline.
 */
export function renderSarif(report: Report): string {
	const parts = partsOf(report);
	const isIndex = parts[0]?.report !== report;
	const rules = new RuleBook(parts.flatMap((part) => part.report.findings));
	const repository = repositoryText(report);
	const warnings = groupWarnings(report);
	return safeJson({
		$schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
		version: "2.1.0",
		runs: [
			{
				tool: {
					driver: {
						name: "Plimsoll",
						fullName: `${report.scanner.name} container image scanner`,
						version: report.scanner.version,
						semanticVersion: semanticVersion(report.scanner.version),
						rules: rules.descriptors(),
					},
				},
				// GitHub keeps one set of alerts for each identifier up to its last slash.
				automationDetails: { id: `plimsoll/${printable(repository)}/` },
				invocations: [
					{
						executionSuccessful: worstStatus(report) === "complete",
						endTimeUtc: momentOf(report.createdAt),
						toolExecutionNotifications: warnings.map((group) => notificationOf(group, report)),
					},
				],
				columnKind: "utf16CodeUnits",
				results: resultsOf(parts, isIndex, repository, rules),
				properties: runProperties(report, isIndex),
			},
		],
	});
}

function notificationOf({ warning, places, parts }: WarningGroup, report: Report): object {
	const where = [...places].join(", ");
	const facts = [where && `in ${where}`, parts.size > 0 && `on ${[...parts].join(", ")}`].filter(Boolean).join("; ");
	const level = report.status === "failed" ? "error" : "warning";
	return {
		descriptor: { id: warning.code },
		level: makesPartial(warning) ? level : "note",
		message: { text: plainMessage(facts === "" ? warning.message : `${warning.message} (${facts})`) },
	};
}

function runProperties(report: Report, isIndex: boolean): object {
	const { artifact, advisories } = report;
	return {
		imageName: artifact.name,
		imageDigest: artifact.digest,
		...(isIndex
			? {
					images: partsOf(report).map((part) => ({
						platform: part.report.artifact.platform,
						digest: part.report.artifact.digest,
						reportStatus: part.report.status,
					})),
				}
			: { platform: artifact.platform }),
		operatingSystem: artifact.os ? `${artifact.os.id} ${artifact.os.versionId}`.trim() : undefined,
		reportStatus: worstStatus(report),
		advisoriesDigest: advisories?.digest,
		advisoriesBuiltAt: advisories?.builtAt,
	};
}

function semanticVersion(version: string): string | undefined {
	return /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/.test(version) ? version : undefined;
}
