import type { CliContext, DatabaseStatus } from "../context.ts";
import { oneLine } from "../errors.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { sizeText } from "../progress/size-text.ts";
import type { AddCommand } from "./command.ts";

interface StatusFlags {
	readonly db?: string;
}

export const addDbStatus: AddCommand = (program, context, act) => {
	program
		.command("status")
		.description("tell which advisory database is in use, how old it is and what it holds")
		.option("--db <dir>", "folder of the advisory database")
		.option("--debug", "print stacks of errors")
		.action((flags: StatusFlags) => act(() => statusCommand(flags, context)));
};

async function statusCommand(flags: StatusFlags, context: CliContext): Promise<ExitCode> {
	const engine = await context.loadEngine();
	const status = await engine.advisoriesStatus(flags.db ?? context.settings.dbDir, context.clock);
	await context.stdout.write(renderStatus(status));
	return exitCodes.clean;
}

function renderStatus(status: DatabaseStatus): string {
	const width = Math.max(9, ...status.ecosystems.map(({ ecosystem }) => ecosystem.length));
	const facts = [
		["digest", status.digest],
		[
			"kind",
			status.kind === "starter" ? "starter: a small made set for trying things out, it stands for nothing" : "full",
		],
		["built", `${status.builtAt} (${ageText(status.ageMs)} old)`],
		["source", status.source],
		["file", `${status.path}, ${sizeText(status.size)}`],
	] as const;
	const rows = status.ecosystems.map(
		({ ecosystem, records, newest }) =>
			`  ${oneLine(ecosystem).padEnd(width)}  ${String(records).padStart(8)}  ${oneLine(newest)}`,
	);
	return `${[
		...facts.map(([label, text]) => `${label.padEnd(7)} ${oneLine(text)}`),
		"",
		`  ${"ecosystem".padEnd(width)}   records  newest record`,
		...rows,
	].join("\n")}\n`;
}

function ageText(ms: number): string {
	const hours = Math.floor(ms / 3_600_000);
	if (hours === 0) return "less than an hour";
	if (hours < 48) return hours === 1 ? "1 hour" : `${hours} hours`;
	return `${Math.floor(hours / 24)} days`;
}
