/**
 * `npm run fuzz`: throws changed inputs at every parser, each in a process of its own, and prints what came of it.
 *
 *     node test/fuzz/run.ts [--target NAME]… [--seconds N] [--seed N] [--jobs N] [--record [--resume]] [--list]
 *     node test/fuzz/run.ts --target NAME --input FILE
 *
 * NAME is a target or the beginning of some: `catalogers`, `catalogers/rpm`. Inputs that fail are made smaller and kept in
 * `.cache/fuzz`; the second form runs one again. `--record` brings the table in `test/fuzz/results.txt` up to date, row
 * by row, and `--resume` leaves out what it says was sound for as long, so that a long run may be stopped and gone on
 * with. Seconds are those that the target's process worked. The exit code is 1 when something failed.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { crc32 } from "node:zlib";
import type { Failure, Outcome } from "./outcome.ts";
import { targets } from "./registry.ts";
import { fuzzTarget, replay } from "./session.ts";
import { heading, line, type Row, rowOf, rowsIn } from "./table.ts";
import { watchedThread } from "./watched.ts";

const root = join(import.meta.dirname, "../..");
const cache = join(root, ".cache/fuzz");
const results = join(import.meta.dirname, "results.txt");

const { values } = parseArgs({
	options: {
		target: { type: "string", multiple: true },
		seconds: { type: "string", default: "20" },
		seed: { type: "string", default: "1" },
		jobs: { type: "string", default: "2" },
		input: { type: "string" },
		record: { type: "boolean", default: false },
		resume: { type: "boolean", default: false },
		list: { type: "boolean", default: false },
		child: { type: "boolean", default: false },
	},
});

interface Done {
	readonly row: Row;
	readonly reports: readonly string[];
}

/** From here on an input is worth a look, though it is no failure. */
const slowMs = 100;

const chosen = targets.map(({ name }) => name).filter((name) => isChosen(name, values.target));
if (chosen.length === 0)
	throw new Error(`There is no fuzz target ${values.target?.join(", ") ?? ""}; --list names them.`);
if (values.list) process.stdout.write(`${chosen.join("\n")}\n`);
else if (values.input !== undefined) await again(chosen[0] ?? "", values.input);
else if (values.child) process.stdout.write(JSON.stringify(await fuzzOne(chosen[0] ?? "")));
else await fuzzAll();

function isChosen(name: string, asked: readonly string[] | undefined): boolean {
	return (
		asked === undefined ||
		asked.some((one) => name === one || (!values.child && /^[/:]/.test(name.slice(one.length)) && name.startsWith(one)))
	);
}

async function fuzzAll(): Promise<void> {
	write(heading);
	const done = values.resume ? recorded().filter((row) => isDone(row)) : [];
	const queue = chosen.filter((name) => !done.some(({ target }) => target === name)).values();
	let failed = false;
	const work = async (): Promise<void> => {
		for (const target of queue) {
			const { row, reports } = await inProcess(target);
			write(line(row));
			for (const report of reports) write(report);
			failed ||= row.result !== "sound";
			if (values.record) record(row);
		}
	};
	await Promise.all(Array.from({ length: Number(values.jobs) }, work));
	if (failed) process.exitCode = 1;
}

/** A process dies alone, of memory or in native code, and its peak is its own. */
async function inProcess(target: string): Promise<Done> {
	const args = ["--child", "--target", target, "--seconds", values.seconds, "--seed", values.seed];
	const child = spawn(process.execPath, [import.meta.filename, ...args], { stdio: ["ignore", "pipe", "pipe"] });
	const out: Buffer[] = [];
	const complaints: Buffer[] = [];
	child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
	child.stderr.on("data", (chunk: Buffer) => complaints.push(chunk));
	// Seconds are of processor time, of which it may get a small part; making failing inputs smaller takes minutes at most.
	const timer = setTimeout(() => child.kill("SIGKILL"), (Number(values.seconds) * 10 + 600) * 1000);
	const ending = await new Promise<string>((resolve) => {
		child.on("close", (code, signal) => resolve(signal ?? `exit code ${code}`));
	});
	clearTimeout(timer);
	try {
		return JSON.parse(Buffer.concat(out).toString()) as Done;
	} catch {
		const why = `${target}: the process ended with ${ending}: ${Buffer.concat(complaints).toString().slice(-2000)}`;
		const nothing = { executions: 0, seconds: 0, slowest: { ms: 0, input: new Uint8Array() }, corpus: 0, peakMb: 0 };
		const failure: Failure = { kind: "crashed", message: why, input: new Uint8Array() };
		return { row: rowOf({ target, ...nothing, failures: [failure] }, today()), reports: [why] };
	}
}

async function fuzzOne(target: string): Promise<Done> {
	const thread = watchedThread();
	const options = { ms: Number(values.seconds) * 1000, seed: Number(values.seed), minimise: true };
	const outcome = await fuzzTarget(thread, target, options);
	await thread.close();
	const peakMb = process.resourceUsage().maxRSS / 1024;
	return { row: rowOf({ ...outcome, peakMb }, today()), reports: reportsOf(outcome) };
}

function reportsOf({ target, failures, slowest }: Outcome): readonly string[] {
	const reports = failures.map(({ kind, message, input }) => {
		const told = message.split("\n").join("\n      ");
		return `   ${kind}: ${told}\n   again: ${commandFor(target, input)}`;
	});
	if (slowest.ms > slowMs) reports.push(`   slow, ${slowest.ms.toFixed(0)} ms: ${commandFor(target, slowest.input)}`);
	return reports;
}

/** Keeps the input, and gives the command that runs it again. */
function commandFor(target: string, input: Uint8Array): string {
	mkdirSync(cache, { recursive: true });
	const file = join(cache, `${target.replaceAll(/[/:]/g, "-")}-${crc32(input).toString(16).padStart(8, "0")}`);
	writeFileSync(file, input);
	return `node test/fuzz/run.ts --target ${target} --input ${relative(root, file)}`;
}

async function again(target: string, file: string): Promise<void> {
	const thread = watchedThread();
	const started = performance.now();
	const failure = await replay(thread, target, readFileSync(file));
	await thread.close();
	write(
		failure ? `${failure.kind}: ${failure.message}` : `sound, ${(performance.now() - started).toFixed(0)} ms in all`,
	);
	if (failure) process.exitCode = 1;
}

function isDone({ seconds, result }: Row): boolean {
	return Number(seconds) >= Number(values.seconds) && result === "sound";
}

function recorded(): readonly Row[] {
	return existsSync(results) ? rowsIn(readFileSync(results, "utf8")) : [];
}

/** Writes the row in its place; rows of targets that are gone go. */
function record(row: Row): void {
	const before = recorded();
	const rows = targets.flatMap(({ name }) =>
		name === row.target ? row : (before.find((old) => old.target === name) ?? []),
	);
	writeFileSync(results, `${[heading, ...rows.map(line)].join("\n")}\n`);
}

function today(): string {
	return new Date().toISOString().slice(0, 10);
}

function write(text: string): void {
	process.stdout.write(`${text}\n`);
}
