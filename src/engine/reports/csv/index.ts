import { type Finding, makesPartial, type Report, type Warning } from "#model";
import { instructionOf } from "../instruction.ts";
import { type Part, partsOf } from "../parts.ts";
import { printable } from "../printable.ts";

/**
 * A report as CSV (RFC 4180: CRLF, quotes doubled, UTF-8 without a byte order mark): a header, then one row a finding,
 * suppressed ones included; of an index one row for each platform that has it. A scan that is not complete has a row of
 * `record` "warning" for each thing that was not looked at, before the findings: a table without rows must not read as
 * clean. Columns are stable: new ones come at the end. No cell is a formula to a spreadsheet.
 */
export function renderCsv(report: Report): string {
	const parts = partsOf(report);
	const own = parts[0]?.report === report ? [] : [{ label: "", report }];
	const rows = [
		...[...own, ...parts].flatMap((part) =>
			part.report.warnings.filter(makesPartial).map((warning) => warningRow(warning, part, report)),
		),
		...parts.flatMap((part) => part.report.findings.map((finding) => findingRow(finding, part, report))),
	];
	return [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ""))].map(lineOf).join("");
}

const columns = [
	"record",
	"image",
	"digest",
	"platform",
	"report_status",
	"id",
	"severity",
	"severity_source",
	"cvss_score",
	"cvss_vector",
	"kev",
	"kev_due",
	"epss",
	"epss_percentile",
	"package",
	"version",
	"fixed_version",
	"state",
	"package_type",
	"source_package",
	"source_version",
	"purl",
	"layer",
	"layer_digest",
	"layer_instruction",
	"origin",
	"paths",
	"parents",
	"title",
	"aliases",
	"cwes",
	"published",
	"references",
	"suppressed",
	"suppressed_by",
	"suppressed_reason",
	"suppressed_until",
	"message",
] as const;

type Row = Partial<Readonly<Record<(typeof columns)[number], string>>>;

function imageCells(part: Part, asked: Report): Row {
	const { digest, platform } = part.report.artifact;
	return { image: asked.artifact.name, digest, platform, report_status: part.report.status };
}

function warningRow({ code, message, layer, path }: Warning, part: Part, asked: Report): Row {
	return {
		record: "warning",
		...imageCells(part, asked),
		id: code,
		layer: layer === undefined ? "" : String(layer),
		paths: path ?? "",
		message,
	};
}

function findingRow(finding: Finding, part: Part, asked: Report): Row {
	const { severity, severitySource, cvss, kev, epss, package: pkg, origin, suppressed } = finding;
	const score = cvss.find(({ source }) => source === severitySource) ?? cvss[0];
	return {
		record: "finding",
		...imageCells(part, asked),
		id: finding.id,
		severity,
		severity_source: severitySource ?? "",
		cvss_score: score ? score.score.toFixed(1) : "",
		cvss_vector: score?.vector ?? "",
		kev: kev ? kev.added : "",
		kev_due: kev?.due ?? "",
		epss: epss ? String(epss.score) : "",
		epss_percentile: epss ? String(epss.percentile) : "",
		package: pkg.name,
		version: pkg.version,
		fixed_version: finding.fixedVersion ?? "",
		state: finding.state,
		package_type: pkg.type,
		source_package: pkg.source?.name ?? "",
		source_version: pkg.source?.version ?? "",
		purl: pkg.purl,
		layer: String(origin.layer.index),
		layer_digest: origin.layer.digest,
		layer_instruction: instructionOf(origin.layer.createdBy),
		origin: origin.kind,
		paths: listed(origin.paths),
		parents: listed(origin.parents),
		title: finding.title ?? "",
		aliases: listed(finding.aliases),
		cwes: listed(finding.cwes ?? []),
		published: finding.published ?? "",
		references: listed(finding.references),
		suppressed: suppressed?.status ?? "",
		suppressed_by: suppressed?.by ?? "",
		suppressed_reason: suppressed?.reason ?? "",
		suppressed_until: suppressed?.expires ?? "",
	};
}

function listed(values: readonly string[]): string {
	return values.join("; ");
}

function lineOf(cells: readonly string[]): string {
	return `${cells.map(cellOf).join(",")}\r\n`;
}

function cellOf(text: string): string {
	const safe = withoutFormula(printable(text));
	return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * Spreadsheets run a cell that begins like a formula, some of them after quotes or spaces too; an apostrophe before it
 * makes it text (OWASP, CSV injection). Signs of full width count, because East Asian editions take them; and so does
 * what follows a semicolon, because where the comma is the decimal sign the semicolon parts the cells.
 */
function withoutFormula(text: string): string {
	const parted = text.replace(formulaBehindSemicolon, "$1'");
	return formula.test(parted) ? `'${parted}` : parted;
}

const formula = /^["'\s]*[=+\-@|%\uff1d\uff0b\uff0d\uff20\t\r]/;
const formulaBehindSemicolon = /(;["'\s]*)(?=[=+\-@|%\uff1d\uff0b\uff0d\uff20])/g;
