import type { DatabaseChoice, DocumentFormat, ScanOptions, Suppressions } from "#engine";
import type { Report } from "#model";
import type { CliContext, CliEngine, CliSettings } from "../context.ts";
import { oneLine } from "../errors.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { firstReason, judge } from "../gate.ts";
import { filterReport } from "../list-filter.ts";
import { scanProgress } from "../progress/scan-progress.ts";
import { createView } from "../progress/view.ts";
import { requireWritable, writeAtomically } from "../write-file.ts";
import type { AddCommand } from "./command.ts";
import { databaseSources, readChoice, readDays, readPlatform, readSeverities, readSeverity } from "./options.ts";

type Format = "table" | DocumentFormat;

/** Each with whether it is a list of packages before anything else, and therefore needs all of them. */
const formats: Readonly<Record<Format, { readonly lists: boolean }>> = {
	table: { lists: false },
	json: { lists: false },
	sarif: { lists: false },
	cyclonedx: { lists: true },
	spdx: { lists: true },
	csv: { lists: false },
	html: { lists: false },
	"trivy-json": { lists: true },
};
const formatNames = Object.keys(formats) as readonly Format[];

interface ScanFlags {
	readonly platform: string;
	readonly format: string;
	readonly output?: string;
	readonly severity?: string;
	readonly ignoreUnfixed?: boolean;
	readonly failOn?: string;
	readonly passUnknown?: boolean;
	readonly vex: readonly string[];
	readonly ignoreFile: readonly string[];
	readonly listPackages?: boolean;
	readonly keepOsOwned?: boolean;
	readonly db?: string;
	readonly dbSource: string;
	readonly maxDbAge?: string;
	readonly cache: boolean;
	readonly insecure?: boolean;
	readonly caFile?: string;
	readonly quiet?: boolean;
}

export const addScan: AddCommand = (program, context, act) => {
	program
		.command("scan")
		.description("scan a container image and say what is vulnerable in it")
		.argument(
			"<target>",
			"registry/repo[:tag|@digest], oci-layout:DIR[:tag], oci-archive:FILE, docker-archive:FILE, dir:PATH, sbom:FILE",
		)
		.option("--platform <platform>", "which image of a multi-platform image: os/architecture[/variant], or all", "all")
		.option("--format <format>", `how to print the result: ${formatNames.join(", ")}`, "table")
		.option("--output <file>", "write the result to a file instead of the standard output")
		.option(
			"--severity <list>",
			"list only findings of these severities (comma-separated); says how many are not listed",
		)
		.option("--ignore-unfixed", "neither list nor judge findings without a fixed version; says how many there are")
		.option(
			"--fail-on <severity>",
			"exit with 1 on findings of this severity or worse, on findings of unknown severity, or when the scan is partial",
		)
		.option("--pass-unknown", "findings of unknown severity do not count for --fail-on")
		.option(
			"--vex <file>",
			"suppress findings as an OpenVEX, CSAF or CycloneDX document says; may be repeated",
			another,
			[],
		)
		.option(
			"--ignore-file <file>",
			"suppress the findings that a .plimsollignore.yaml or .trivyignore lists; may be repeated",
			another,
			[],
		)
		.option("--list-packages", "list the packages that were found, too")
		.option("--keep-os-owned", "judge language packages that came with OS packages, too")
		.option("--offline", "download nothing but the image")
		.option("--db <dir>", "folder of the advisory database")
		.option("--db-source <source>", `which of the databases in it: ${databaseSources.join(", ")}`, "auto")
		.option("--max-db-age <days>", "exit with 4 when the advisory database is older")
		.option("--no-cache", "read every layer anew")
		.option("--insecure", "accept plain HTTP and unverified certificates of the image's registry")
		.option("--ca-file <file>", "PEM file with further certificate authorities")
		.option("--quiet", "show no progress")
		.option("--debug", "print stacks of errors")
		.addHelpText("after", exitCodeHelp)
		.action((target: string, flags: ScanFlags) => act(() => scanCommand(target, flags, context)));
};

const exitCodeHelp = `
Exit codes: 0 clean of what was asked, 1 --fail-on violated or not decidable, 2 wrong usage, 3 the scan failed,
4 no usable advisory database, 130 stopped.`;

/** One value more of a flag that may be repeated. */
function another(value: string, before: readonly string[]): readonly string[] {
	return [...before, value];
}

/** Reads and checks all flags and their files before anything is done: wrong usage costs no scan. */
async function scanCommand(target: string, flags: ScanFlags, context: CliContext): Promise<ExitCode> {
	const format = readChoice("--format", flags.format, formatNames);
	const failOn = flags.failOn === undefined ? null : readSeverity("--fail-on", flags.failOn);
	const asked = {
		severities: flags.severity === undefined ? null : readSeverities("--severity", flags.severity),
		fixableOnly: flags.ignoreUnfixed ?? false,
	};
	const options: ScanOptions = {
		platform: readPlatform(flags.platform),
		osOwned: flags.keepOsOwned ? "keep" : "drop",
		listPackages: (flags.listPackages ?? false) || formats[format].lists,
	};
	const database = {
		choice: readChoice("--db-source", flags.dbSource, databaseSources),
		mostDays: flags.maxDbAge === undefined ? null : readDays("--max-db-age", flags.maxDbAge),
	};
	if (flags.output !== undefined) await requireWritable(flags.output);
	const settings = await context.readSettings();
	const engine = await context.loadEngine();
	const suppressions = await engine.readSuppressions({ vex: flags.vex, ignore: flags.ignoreFile }, context.clock());
	const report = await runScan(engine, target, { options, flags, database, settings, suppressions }, context);
	const text = render(engine, format, filterReport(report, asked), flags.output !== undefined, context);
	await deliver(text, flags.output, context);
	if (report.status === "failed") {
		await say(context, `the scan of ${report.artifact.name} failed: ${firstReason(report)}`);
		return exitCodes.failed;
	}
	if (failOn === null) {
		if (report.status === "partial") await say(context, `the scan is partial: ${firstReason(report)}`);
		return exitCodes.clean;
	}
	const gate = judge(report, { failOn, passUnknown: flags.passUnknown ?? false }, asked);
	for (const remark of gate.remarks) await say(context, remark);
	return gate.passed ? exitCodes.clean : exitCodes.violated;
}

interface ScanCall {
	readonly options: ScanOptions;
	readonly flags: ScanFlags;
	readonly database: { readonly choice: DatabaseChoice; readonly mostDays: number | null };
	readonly settings: CliSettings;
	readonly suppressions: Suppressions;
}

async function runScan(engine: CliEngine, text: string, call: ScanCall, context: CliContext): Promise<Report> {
	const { options, flags, database, settings, suppressions } = call;
	const { clock, signal, version } = context;
	const network = { insecure: flags.insecure ?? false, caFile: flags.caFile ?? settings.caFile };
	await using cleanUp = new AsyncDisposableStack();
	const target = await engine.openTarget(text, network);
	// A target is only read: what goes wrong when it is closed changes no result.
	cleanUp.defer(() => target.close().catch(() => undefined));
	const advisories = await engine.openAdvisories(
		engine.findDatabase(flags.db ?? settings.dbDir, database.choice).folder,
	);
	cleanUp.defer(() => advisories.close());
	engine.requireRecent(advisories, database.mostDays ?? settings.maxDatabaseAge, clock());
	const cache = flags.cache ? await engine.openCache(settings.cacheDir) : null;
	const view = await createView(context.stderr, { quiet: flags.quiet ?? false, clock });
	cleanUp.defer(() => view.stop());
	const deps = { advisories, cache, clock, signal, onEvent: scanProgress(view), version };
	return engine.applySuppressions(await engine.scan(target, options, deps), suppressions, clock());
}

function render(engine: CliEngine, format: Format, report: Report, toFile: boolean, { stdout }: CliContext): string {
	if (format !== "table") return engine.renderDocument(format, report);
	if (toFile) return engine.renderTable(report, { colour: false, unicode: true });
	const { colour, unicode, columns } = stdout;
	return engine.renderTable(report, { colour, unicode, columns: columns ?? undefined });
}

async function deliver(text: string, file: string | undefined, { stdout }: CliContext): Promise<void> {
	if (file === undefined) await stdout.write(text);
	else await writeAtomically(file, text);
}

async function say({ stderr }: CliContext, text: string): Promise<void> {
	await stderr.write(`plimsoll: ${oneLine(text)}\n`);
}
