import { Command, CommanderError } from "commander";
import type { AddCommand } from "./commands/command.ts";
import type { CliContext } from "./context.ts";
import { CliError, describeError, exitCodeOf } from "./errors.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";

type Work = () => Promise<ExitCode>;

/**
 * Runs one command line (`argv` without program names) and gives the exit code; never throws. What went wrong is one
 * line on stderr. Every effect goes through `context`.
 */
export async function run(argv: readonly string[], context: CliContext): Promise<ExitCode> {
	const debug = argv.includes("--debug");
	try {
		const work = await parse(argv, context);
		const code = await work();
		const { failure } = context.stdout;
		if (!failure) return code;
		await context.stderr.write(describeError(lost(failure), debug));
		return code === exitCodes.clean ? exitCodes.failed : code;
	} catch (error) {
		if (context.signal.aborted) {
			await context.stderr.write(debug ? describeError(error, true) : "plimsoll: stopped.\n");
			return exitCodes.stopped;
		}
		await context.stderr.write(describeError(error, debug));
		return exitCodeOf(error);
	}
}

/** A result that did not arrive whole must not pass for one. */
function lost(cause: Error): CliError {
	const message = `The result could not be written to the standard output: ${cause.message}`;
	return new CliError("output_unwritable", message, "Make room, or choose a file with --output.", cause);
}

/** Finds out what to do, and does nothing yet. */
async function parse(argv: readonly string[], context: CliContext): Promise<Work> {
	let help = "";
	const program = new Command("plimsoll")
		.description("Scans container images, says where every vulnerability comes from and what to do about it.")
		.version(`plimsoll ${context.version}`, "--version", "print the version")
		.exitOverride()
		.configureOutput({
			writeOut: (text) => {
				help += text;
			},
			writeErr: (text) => {
				help += text;
			},
			outputError: () => undefined,
			getOutHelpWidth: () => context.stdout.columns ?? 100,
			getErrHelpWidth: () => context.stderr.columns ?? 100,
			getOutHasColors: () => false,
			getErrHasColors: () => false,
		});
	const chosen: Work[] = [];
	const addAll = await commandsFor(argv[0]);
	for (const add of addAll) add(program, context, (work) => chosen.push(work));
	try {
		program.parse([...argv], { from: "user" });
	} catch (error) {
		if (!(error instanceof CommanderError)) throw error;
		return helpOrMistake(error, help, argv, context);
	}
	const [work] = chosen;
	if (work === undefined) throw new CliError("usage", "No command was given.", "See `plimsoll --help`.");
	return work;
}

/** Loads only the command that is called for, and all for the help. */
async function commandsFor(name: string | undefined): Promise<readonly AddCommand[]> {
	const scan = async () => [(await import("./commands/scan.ts")).addScan];
	const serve = async () => [(await import("./commands/serve.ts")).addServe];
	const version = async () => [(await import("./commands/version.ts")).addVersion];
	if (name === "scan") return scan();
	if (name === "version") return version();
	if (name === "db") return database();
	if (name === "serve") return serve();
	return [...(await scan()), ...(await database()), ...(await serve()), ...(await version())];
}

async function database(): Promise<readonly AddCommand[]> {
	const [{ addDbUpdate }, { addDbImport }, { addDbExport }, { addDbStatus }] = await Promise.all([
		import("./commands/db-update.ts"),
		import("./commands/db-import.ts"),
		import("./commands/db-export.ts"),
		import("./commands/db-status.ts"),
	]);
	return [
		(program, context, act) => {
			const db = program.command("db").description("the advisory database");
			addDbUpdate(db, context, act);
			addDbImport(db, context, act);
			addDbExport(db, context, act);
			addDbStatus(db, context, act);
		},
	];
}

/** Help that was asked for is a result; help in place of a command is a mistake. */
function helpOrMistake(error: CommanderError, help: string, argv: readonly string[], context: CliContext): Work {
	if (error.exitCode === 0) {
		return async () => {
			await context.stdout.write(help);
			return exitCodes.clean;
		};
	}
	if (error.code === "commander.help") {
		return async () => {
			await context.stderr.write(help);
			return exitCodes.usage;
		};
	}
	const where = ["scan", "db", "serve"].includes(argv[0] ?? "") ? ` ${argv[0]}` : "";
	const hint = `See \`plimsoll${where} --help\`.`;
	if (error.code === "commander.excessArguments" && argv[0] === "scan") {
		throw new CliError(
			"usage",
			"More than one target was given; a scan takes one.",
			"Call plimsoll once a target.",
			error,
		);
	}
	throw new CliError(
		"usage",
		error.message
			.replace(/^error: /, "")
			.split("\n")
			.join(" "),
		hint,
		error,
	);
}
