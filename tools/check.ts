/**
 * `npm run check`: everything about the code that is not a test. All steps run, so that one run shows all that is
 * wrong; the exit code is 1 if any failed. The tools are found on the PATH that npm sets (node_modules/.bin).
 */
import { spawn } from "node:child_process";

interface Step {
	readonly name: string;
	readonly command: readonly [program: string, ...args: string[]];
}

const steps: readonly Step[] = [
	{ name: "types", command: ["tsc", "-b", ".", "tools"] },
	{ name: "lint", command: ["oxlint"] },
	{ name: "format", command: ["biome", "check", "--colors=off"] },
	{ name: "dead code", command: ["knip", "--no-progress"] },
	{ name: "docs", command: ["node", "tools/check-docs.ts"] },
];

interface Outcome {
	readonly passed: boolean;
	/** What the program printed, on both streams. */
	readonly output: string;
	readonly seconds: number;
}

function run({ command: [program, ...args] }: Step): Promise<Outcome> {
	const start = performance.now();
	const { promise, resolve } = Promise.withResolvers<Outcome>();
	const chunks: Buffer[] = [];
	const finish = (passed: boolean): void =>
		resolve({ passed, output: Buffer.concat(chunks).toString(), seconds: (performance.now() - start) / 1000 });
	const child = spawn(program, args, { cwd: `${import.meta.dirname}/..`, stdio: ["ignore", "pipe", "pipe"] });
	child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
	child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
	child.on("error", (error) => {
		chunks.push(Buffer.from(`${error.message}\nRun it as \`npm run check\`, after \`npm ci\`.\n`));
		finish(false);
	});
	child.on("close", (code) => finish(code === 0));
	return promise;
}

const failed: string[] = [];
for (const step of steps) {
	const { passed, output, seconds } = await run(step);
	console.log(`${passed ? "ok    " : "FAILED"}  ${step.name} (${seconds.toFixed(1)} s)`);
	if (passed) continue;
	failed.push(step.name);
	console.log(`\n$ ${step.command.join(" ")}\n${output.trimEnd()}\n`);
}
if (failed.length > 0) {
	console.log(`check failed: ${failed.join(", ")}`);
	process.exitCode = 1;
}
