import type { ExportResult } from "#engine";
import type { CliContext } from "../context.ts";
import { oneLine } from "../errors.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { exportProgress } from "../progress/exchange-progress.ts";
import { sizeText } from "../progress/size-text.ts";
import { createView } from "../progress/view.ts";
import type { AddCommand } from "./command.ts";
import { databaseSources, readChoice } from "./options.ts";

interface ExportFlags {
	readonly db?: string;
	readonly dbSource: string;
	readonly sign?: string;
	readonly insecure?: boolean;
	readonly caFile?: string;
	readonly quiet?: boolean;
}

export const addDbExport: AddCommand = (program, context, act) => {
	program
		.command("export")
		.description("write the advisory database as an OCI artifact, for db import elsewhere")
		.argument("<target>", "oci-archive:FILE[:tag] or registry/repo[:tag]")
		.option("--db <dir>", "folder of the advisory database")
		.option("--db-source <source>", `which of the databases in it: ${databaseSources.join(", ")}`, "auto")
		.option("--sign <file>", "sign it with this private key (PEM, not encrypted), as cosign does")
		.option("--insecure", "accept plain HTTP and unverified certificates of the target's registry")
		.option("--ca-file <file>", "PEM file with further certificate authorities")
		.option("--quiet", "show no progress")
		.option("--debug", "print stacks of errors")
		.action((target: string, flags: ExportFlags) => act(() => exportCommand(target, flags, context)));
};

async function exportCommand(to: string, flags: ExportFlags, context: CliContext): Promise<ExitCode> {
	const { stdout, stderr, clock } = context;
	const choice = readChoice("--db-source", flags.dbSource, databaseSources);
	const settings = await context.readSettings();
	const engine = await context.loadEngine();
	const view = await createView(stderr, { quiet: flags.quiet ?? false, clock });
	let result: ExportResult;
	try {
		result = await engine.exportDatabase({
			to,
			dir: flags.db ?? settings.dbDir,
			choice,
			signFile: flags.sign ?? null,
			network: { insecure: flags.insecure ?? false, caFile: flags.caFile ?? settings.caFile },
			onProgress: exportProgress(view),
		});
	} finally {
		await view.stop();
	}
	const { snapshot, size, isSigned } = result;
	const lines = [
		`The advisory database (${snapshot.source}) was exported to ${to}: ${result.digest}`,
		`built ${snapshot.builtAt}, ${sizeText(snapshot.size)}, ${sizeText(size)} compressed${isSigned ? ", signed" : ""}`,
	];
	await stdout.write(`${lines.map(oneLine).join("\n  ")}\n`);
	return exitCodes.clean;
}
