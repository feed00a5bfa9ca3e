import { Type } from "typebox";
import { Id, Problem } from "#contract";
import { type DocumentFormat, renderDocument, renderTable } from "#engine";
import type { Report } from "#model";
import type { App } from "../app.ts";
import { notFound, ServerError } from "../errors.ts";
import type { ReportSource } from "../ports/reports.ts";

export interface ReportRoutesDeps {
	readonly reports: ReportSource;
}

type Format = DocumentFormat | "table";

interface Written {
	readonly mediaType: string;
	readonly extension: string;
	/** It is a list of packages before anything else. */
	readonly lists: boolean;
}

const formats: Readonly<Record<Format, Written>> = {
	json: { mediaType: "application/json", extension: "json", lists: false },
	sarif: { mediaType: "application/sarif+json", extension: "sarif", lists: false },
	cyclonedx: { mediaType: "application/vnd.cyclonedx+json", extension: "cdx.json", lists: true },
	spdx: { mediaType: "application/spdx+json", extension: "spdx.json", lists: true },
	csv: { mediaType: "text/csv; charset=utf-8", extension: "csv", lists: false },
	html: { mediaType: "text/html; charset=utf-8", extension: "html", lists: false },
	"trivy-json": { mediaType: "application/json", extension: "trivy.json", lists: true },
	table: { mediaType: "text/plain; charset=utf-8", extension: "txt", lists: false },
};

/** What a report says comes from images: whatever it holds, it runs nothing in the console's name. */
const policy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:";

export function reportRoutes(app: App, { reports }: ReportRoutesDeps): void {
	app.get(
		"/api/v1/artifacts/:id/report",
		{
			config: { needs: { by: "user", scope: "read" } },
			schema: {
				tags: ["artifacts"],
				summary: "The report on an image or index, by today's advisories",
				operationId: "getReport",
				params: Type.Object({ id: Id }),
				querystring: Type.Object({
					format: Type.Optional(Type.Enum(Object.keys(formats) as Format[], { default: "json" })),
				}),
				response: {
					200: Type.String({ description: "In the format that was asked for; its Content-Type tells" }),
					404: Problem,
					409: Problem,
				},
			},
		},
		async (request, reply) => {
			const format = request.query.format ?? "json";
			const { mediaType, extension, lists } = formats[format];
			const report = await reports.report(request.params.id, request.sight, { listPackages: lists });
			if (report === null) throw notFound("artifact");
			if (report === "no_result")
				throw new ServerError(
					"conflict",
					"The artifact has no result yet.",
					"Scan it, and ask again when that is complete.",
				);
			return reply
				.type(mediaType)
				.header("content-security-policy", policy)
				.header("content-disposition", `attachment; filename="${fileName(report)}.${extension}"`)
				.serializer((text: unknown) => String(text))
				.send(textOf(format, report));
		},
	);
}

function textOf(format: Format, report: Report): string {
	return format === "table" ? renderTable(report, { colour: false, unicode: true }) : renderDocument(format, report);
}

/** Of plain characters only. */
function fileName({ artifact }: Report): string {
	const name = artifact.name.replace(/@.*$/, "").split("/").at(-1) ?? "";
	return `${name.replaceAll(/[^A-Za-z0-9._-]/g, "_") || "image"}-${artifact.digest.slice(7, 19)}`;
}
