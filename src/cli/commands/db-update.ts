import type { Feed, UpdateResult } from "#engine";
import type { CliContext, CliEngine, CliSettings } from "../context.ts";
import { oneLine } from "../errors.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { sizeText } from "../progress/size-text.ts";
import { updateProgress } from "../progress/update-progress.ts";
import { createView } from "../progress/view.ts";
import type { AddCommand } from "./command.ts";
import { readList } from "./options.ts";

interface UpdateFlags {
	readonly source?: string;
	readonly ecosystem?: string;
	readonly feeds?: string;
	readonly db?: string;
	readonly caFile?: string;
	readonly quiet?: boolean;
}

export const addDbUpdate: AddCommand = (program, context, act) => {
	program
		.command("update")
		.description("build a new advisory database and put it in the place of the old one")
		.option("--source <source>", "folder or URL that is laid out like the OSV bucket")
		.option("--ecosystem <list>", "only these ecosystems, as OSV calls them (comma-separated): Debian,npm")
		.option(
			"--feeds <list>",
			"feeds besides OSV (comma-separated), each with its own source after an equals sign: kev,nvd=/srv/nvd; or none",
		)
		.option("--db <dir>", "folder of the advisory database")
		.option("--ca-file <file>", "PEM file with further certificate authorities")
		.option("--quiet", "show no progress")
		.option("--debug", "print stacks of errors")
		.action((flags: UpdateFlags) => act(() => updateCommand(flags, context)));
};

async function updateCommand(flags: UpdateFlags, context: CliContext): Promise<ExitCode> {
	const { stdout, stderr } = context;
	const ecosystems = flags.ecosystem === undefined ? null : readList("--ecosystem", flags.ecosystem);
	const feeds = flags.feeds === undefined ? null : readList("--feeds", flags.feeds);
	const settings = await context.readSettings();
	const engine = await context.loadEngine();
	const dir = flags.db ?? settings.dbDir;
	const outcome = await update(
		engine,
		{ ...flags, dir, ecosystems, feeds: feeds ?? settings.feeds },
		settings,
		context,
	);
	for (const { part, name, problem } of outcome.malformedRecords) {
		await stderr.write(`plimsoll: ${oneLine(`${part}: the record ${name} cannot be read: ${problem}`)}\n`);
	}
	const failed = outcome.feeds.filter(({ failure }) => failure !== undefined);
	for (const feed of failed) await stderr.write(`plimsoll: ${oneLine(failureText(feed))}\n`);
	const lines = [
		`The advisory database in ${dir} ${verdict(outcome.feeds.length, failed.length)}: ${outcome.digest}`,
		`  ${outcome.records} records of ${outcome.feeds.length} ${outcome.feeds.length === 1 ? "feed" : "feeds"}, ${sizeText(outcome.size)}, in ${(outcome.durationMs / 1000).toFixed(1)} s`,
		`  ${outcome.withdrawn} withdrawn, ${outcome.malformed} malformed`,
	];
	await stdout.write(`${lines.map(keepIndent).join("\n")}\n`);
	return failed.some(({ records }) => records === 0) ? exitCodes.failed : exitCodes.clean;
}

function verdict(feeds: number, failed: number): string {
	if (failed === 0) return "is up to date";
	return `was built; ${failed} of ${feeds} ${feeds === 1 ? "feed" : "feeds"} could not be updated`;
}

/** A feed that failed, and what stands in for it. */
function failureText({ feed, part, records, fetchedAt, failure }: Feed): string {
	const name = part === feed ? feed : `${feed} ${part}`;
	const kept =
		records > 0
			? `The ${records} records of ${fetchedAt.slice(0, 10)} are kept.`
			: "The database has no records of it: what only this feed knows is missing from every scan.";
	return `${name} could not be updated: ${failure ?? ""} ${kept}`;
}

interface Update extends Omit<UpdateFlags, "feeds"> {
	readonly dir: string;
	readonly feeds: readonly string[] | null;
	readonly ecosystems: readonly string[] | null;
}

async function update(
	engine: CliEngine,
	flags: Update,
	settings: CliSettings,
	context: CliContext,
): Promise<UpdateResult> {
	const { stderr, signal, clock } = context;
	const view = await createView(stderr, { quiet: flags.quiet ?? false, clock });
	try {
		return await engine.updateAdvisories({
			source: flags.source ?? settings.advisorySource,
			dir: flags.dir,
			ecosystems: flags.ecosystems,
			feeds: flags.feeds,
			caFile: flags.caFile ?? settings.caFile,
			signal,
			onProgress: updateProgress(view),
		});
	} finally {
		await view.stop();
	}
}

function keepIndent(line: string): string {
	return (line.startsWith(" ") ? "  " : "") + oneLine(line);
}
