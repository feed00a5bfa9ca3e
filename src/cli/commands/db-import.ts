import type { ImportResult } from "#engine";
import { isDigest } from "#model";
import type { CliContext } from "../context.ts";
import { CliError, oneLine } from "../errors.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { importProgress } from "../progress/exchange-progress.ts";
import { sizeText } from "../progress/size-text.ts";
import { createView } from "../progress/view.ts";
import type { AddCommand } from "./command.ts";

interface ImportFlags {
	readonly db?: string;
	readonly digest?: string;
	readonly key?: string;
	readonly allowOlder?: boolean;
	readonly insecure?: boolean;
	readonly caFile?: string;
	readonly quiet?: boolean;
}

export const addDbImport: AddCommand = (program, context, act) => {
	program
		.command("import")
		.description("take an advisory database in that was made elsewhere: by db export, or by Trivy")
		.argument(
			"<source>",
			"registry/repo[:tag|@digest], oci-archive:FILE[:tag], oci-layout:DIR[:tag], db.tar.gz, trivy.db or its folder",
		)
		.option("--db <dir>", "folder of the advisory database")
		.option("--digest <digest>", "refuse everything but the artifact, or file, of this digest: sha256:…")
		.option("--key <file>", "refuse what this public key (PEM, as cosign's) has not signed")
		.option("--allow-older", "let an older database take the place of a newer one")
		.option("--insecure", "accept plain HTTP and unverified certificates of the source's registry")
		.option("--ca-file <file>", "PEM file with further certificate authorities")
		.option("--quiet", "show no progress")
		.option("--debug", "print stacks of errors")
		.action((source: string, flags: ImportFlags) => act(() => importCommand(source, flags, context)));
};

async function importCommand(from: string, flags: ImportFlags, context: CliContext): Promise<ExitCode> {
	const { stdout, stderr, clock } = context;
	const digest = flags.digest ?? null;
	if (digest !== null && !isDigest(digest))
		throw new CliError(
			"usage",
			`--digest does not understand "${digest}".`,
			"Write sha256: and 64 hexadecimal digits.",
		);
	const settings = await context.readSettings();
	const engine = await context.loadEngine();
	const dir = flags.db ?? settings.dbDir;
	const view = await createView(stderr, { quiet: flags.quiet ?? false, clock });
	let result: ImportResult;
	try {
		result = await engine.importDatabase({
			from,
			dir,
			digest,
			keyFile: flags.key ?? null,
			allowOlder: flags.allowOlder ?? false,
			network: { insecure: flags.insecure ?? false, caFile: flags.caFile ?? settings.caFile },
			clock,
			onProgress: importProgress(view),
		});
	} finally {
		await view.stop();
	}
	for (const text of remarks(result, settings.maxDatabaseAge, clock()))
		await stderr.write(`plimsoll: ${oneLine(text)}\n`);
	const { source, builtAt, records, size, isSigned } = result;
	const lines = [
		`The advisory database in ${dir} (${source}) ${result.unchanged ? "is this one already" : "was imported"}: ${result.digest}`,
		`from ${from}, ${result.from}${isSigned ? `, signed by ${flags.key ?? ""}` : ""}`,
		`built ${builtAt}, ${records} records, ${sizeText(size)}`,
	];
	await stdout.write(`${lines.map(oneLine).join("\n  ")}\n`);
	return exitCodes.clean;
}

const day = 86_400_000;
/** As scans have it. */
const staleDays = 7;

/** What is taken in, and yet has to be known. */
function remarks(result: ImportResult, mostDays: number | null, now: Date): readonly string[] {
	const { builtAt, kind, malformed, unknown } = result;
	const days = (now.getTime() - Date.parse(builtAt)) / day;
	const tooOld = mostDays !== null && days > mostDays;
	const age = `the database is ${Math.floor(days)} days old`;
	return [
		...(tooOld ? [`${age}: scans will refuse it, since ${mostDays} are allowed.`] : []),
		...(!tooOld && days >= staleDays ? [`${age}: vulnerabilities published since are missing.`] : []),
		...(kind === "starter" ? ["the database is the made set for trying things out: it stands for nothing."] : []),
		...(malformed > 0 ? [`entries that could not be read and were left out: ${malformed}.`] : []),
		...(unknown.length > 0
			? [`these parts of it are not known to Plimsoll and were left out: ${unknown.join(", ")}.`]
			: []),
	];
}
