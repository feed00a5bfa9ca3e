import { spawnSync } from "node:child_process";

/** A program that knows the right answer: for each line of its input it prints one line. */
export interface Oracle {
	readonly command: string;
	readonly args: readonly string[];
}

/** The first of several programs that can be run here (it must end well on no input); null when none can. */
export function firstPresent(oracles: readonly Oracle[]): Oracle | null {
	return oracles.find(({ command, args }) => spawnSync(command, args, { input: "" }).status === 0) ?? null;
}

/** Asks all questions in one run. Throws when the program fails or does not answer each line. */
function ask(oracle: Oracle, questions: readonly string[]): readonly string[] {
	const run = spawnSync(oracle.command, oracle.args, {
		input: questions.map((question) => `${question}\n`).join(""),
		encoding: "utf8",
		maxBuffer: 256 * 1024 * 1024,
	});
	if (run.status !== 0) throw new Error(`${oracle.command} failed: ${run.stderr}`);
	const answers = run.stdout.split("\n").slice(0, -1);
	if (answers.length !== questions.length) throw new Error(`${oracle.command} did not answer each question`);
	return answers;
}

/** CI must have the programs: there the tests run, and fail without them. */
export function mayAsk(oracle: Oracle | null): boolean {
	return oracle !== null || process.env["CI"] !== undefined;
}

/** The questions that are answered otherwise than expected, in words; empty when the program agrees throughout. */
export function disagreements(
	oracle: Oracle | null,
	claims: readonly { readonly question: string; readonly expected: string }[],
): readonly string[] {
	if (oracle === null) throw new Error("the native program is not installed");
	const answers = ask(
		oracle,
		claims.map(({ question }) => question),
	);
	return claims.flatMap(({ question, expected }, index) =>
		answers[index] === expected ? [] : [`${question}: expected ${expected}, the program says ${answers[index]}`],
	);
}
