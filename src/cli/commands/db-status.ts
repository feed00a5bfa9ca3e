import type { AdvisoriesStatus, SnapshotVerdict } from "#engine";
import type { CliContext } from "../context.ts";
import { oneLine } from "../errors.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { sizeText } from "../progress/size-text.ts";
import type { AddCommand } from "./command.ts";
import { databaseSources, readChoice } from "./options.ts";

interface StatusFlags {
	readonly db?: string;
	readonly dbSource: string;
	readonly verify?: boolean;
}

export const addDbStatus: AddCommand = (program, context, act) => {
	program
		.command("status")
		.description("tell which advisory database is in use, how old it is and what it holds")
		.option("--db <dir>", "folder of the advisory database")
		.option("--db-source <source>", `which of the databases in it: ${databaseSources.join(", ")}`, "auto")
		.option("--verify", "read all of it and check that it is what its digest says; exit with 4 when it is not")
		.option("--debug", "print stacks of errors")
		.action((flags: StatusFlags) => act(() => statusCommand(flags, context)));
};

async function statusCommand(flags: StatusFlags, context: CliContext): Promise<ExitCode> {
	const choice = readChoice("--db-source", flags.dbSource, databaseSources);
	const settings = await context.readSettings();
	const engine = await context.loadEngine();
	const dir = flags.db ?? settings.dbDir;
	const { folder } = engine.findDatabase(dir, choice);
	const status = engine.advisoriesStatus(folder, context.clock);
	const verdict = flags.verify ? await engine.verifySnapshot(folder) : null;
	await context.stdout.write(renderStatus(status, verdict));
	if (verdict === null || verdict.problems.length === 0) return exitCodes.clean;
	const text = `The advisory database in ${dir} is damaged: ${verdict.problems.join(" ")} Run \`plimsoll db update\`.`;
	await context.stderr.write(`plimsoll: ${oneLine(text)}\n`);
	return exitCodes.noAdvisories;
}

function renderStatus(status: AdvisoriesStatus, verdict: SnapshotVerdict | null): string {
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
		...(verdict === null ? [] : [["check", verdictText(verdict)] as const]),
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
		"",
		...feedLines(status),
	].join("\n")}\n`;
}

/** Each feed with when it was read, how many records it has, and why the last update could not read it. */
function feedLines({ feeds }: AdvisoriesStatus): string[] {
	const named = [...Map.groupBy(feeds, ({ feed }) => feed)].flatMap(([feed, parts]) => {
		const failed = parts.filter(({ failure }) => failure !== undefined);
		const sound = parts.filter(({ failure }) => failure === undefined);
		const read = sound.map(({ fetchedAt }) => fetchedAt).sort();
		const records = parts.reduce((sum, part) => sum + part.records, 0);
		const lines = [{ name: feed, records, when: read.at(0) ?? "", failure: "" }];
		return [
			...(sound.length > 0 ? lines : []),
			...failed.map((part) => ({
				name: part.part === feed ? feed : `${feed} ${part.part}`,
				records: part.records,
				when: part.fetchedAt,
				failure: part.failure ?? "",
			})),
		];
	});
	const width = Math.max(4, ...named.map(({ name }) => name.length));
	return [
		`  ${"feed".padEnd(width)}   records  read`,
		...named.map(({ name, records, when, failure }) => {
			const what = failure === "" ? when : `${when || "never"}; the last update FAILED: ${failure}`;
			return `  ${oneLine(name).padEnd(width)}  ${String(records).padStart(8)}  ${oneLine(what)}`;
		}),
	];
}

function verdictText({ problems }: SnapshotVerdict): string {
	return problems.length === 0 ? "sound: the content is what its digest says" : "DAMAGED: do not rely on it";
}

function ageText(ms: number): string {
	const hours = Math.floor(ms / 3_600_000);
	if (hours === 0) return "less than an hour";
	if (hours < 48) return hours === 1 ? "1 hour" : `${hours} hours`;
	return `${Math.floor(hours / 24)} days`;
}
