import { makesPartial, type Report } from "#model";
import { imageNameOf } from "../image-name.ts";
import { partsOf } from "../parts.ts";
import { safeJson } from "../safe-json.ts";
import { familyOf } from "./kinds.ts";
import { resultsOf } from "./results.ts";

/**
 * A report in the shape of Trivy's JSON, schema version 2, for tools that read that
 * (https://trivy.dev/latest/docs/configuration/reporting/#json). The schema knows one image a document: of an index the
 * results of all images are side by side, their targets name the platform. It has no place for what was not looked at:
 * that is a result of class `custom`. Suppressed findings are where Trivy puts those. Ends with a newline.
 */
export function renderTrivyJson(report: Report): string {
	const parts = partsOf(report);
	const isIndex = parts[0]?.report !== report;
	return safeJson({
		SchemaVersion: 2,
		CreatedAt: report.createdAt,
		ArtifactName: report.artifact.name,
		ArtifactType: report.artifact.mediaType === "" ? "filesystem" : "container_image",
		Metadata: isIndex ? indexMetadata(report) : imageMetadata(report, report.artifact.name),
		Results: [
			...parts.flatMap((part) => resultsOf(part.report, report.artifact.name, isIndex ? part.label : "")),
			...warningResults(report),
		],
	});
}

function imageMetadata(report: Report, asked: string): object {
	const { os, layers, platform } = report.artifact;
	const [system, architecture] = platform.split("/");
	const diffIds = layers.map((layer) => layer.diffId);
	return {
		...(os ? { OS: osOf(report) } : {}),
		...(diffIds.length > 0 ? { DiffIDs: diffIds } : {}),
		...repositories(report, asked),
		ImageConfig: { architecture: architecture ?? "", os: system ?? "", rootfs: { type: "layers", diff_ids: diffIds } },
		// Trivy's sizes are of unpacked layers, ours are not: there are none.
		...(layers.length > 0 ? { Layers: layers.map(({ digest, diffId }) => ({ Digest: digest, DiffID: diffId })) } : {}),
	};
}

/** Only what holds for every image: the operating system where all have the same. */
function indexMetadata(report: Report): object {
	const systems = (report.manifests ?? []).map((child) => osOf(child));
	const [first] = systems;
	const isCommon = first !== undefined && systems.every((os) => JSON.stringify(os) === JSON.stringify(first));
	return {
		...(isCommon ? { OS: first } : {}),
		...repositories(report, report.artifact.name),
		ImageConfig: { architecture: "", os: "", rootfs: { type: "layers", diff_ids: [] } },
	};
}

function osOf(report: Report): object | undefined {
	const { os } = report.artifact;
	if (os === null) return undefined;
	const isOver = os.eol !== undefined && os.eol <= report.createdAt.slice(0, 10);
	return { Family: familyOf(os.id), Name: os.versionId, ...(isOver ? { EOSL: true } : {}) };
}

function repositories({ artifact }: Report, asked: string): object {
	const name = imageNameOf(asked);
	if (name === null) return {};
	const repository = `${name.registry}/${name.repository}`;
	return {
		...(name.tag === "" ? {} : { RepoTags: [`${repository}:${name.tag}`] }),
		...(artifact.digest === "" ? {} : { RepoDigests: [`${repository}@${artifact.digest}`] }),
		Reference: asked,
	};
}

function warningResults(report: Report): readonly object[] {
	const all = [report, ...(report.manifests ?? [])];
	const resources = all.flatMap((each) =>
		each.warnings.filter(makesPartial).map(({ code, message, path, layer }) => {
			const from = each.artifact.layers[layer ?? -1];
			return {
				Type: code,
				FilePath: path ?? "",
				Layer: from ? { Digest: from.digest, DiffID: from.diffId } : {},
				Data: each === report ? message : `${each.artifact.platform}: ${message}`,
			};
		}),
	);
	if (resources.length === 0) return [];
	return [{ Target: "Not looked at", Class: "custom", Type: "plimsoll", CustomResources: resources }];
}
