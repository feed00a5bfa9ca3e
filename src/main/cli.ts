/** The composition root of the command line: reads the environment, wires the engine to the network, and starts. */
import { type CliContext, type CliEngine, CliError, exitCodes, type OutputTraits, run, streamOutput } from "#cli";
import { readSettings, type Settings } from "./settings.ts";
import { readVersion } from "./version.ts";

process.exitCode = await main();

async function main(): Promise<number> {
	const stderr = streamOutput(process.stderr, traitsOf(process.stderr));
	let settings: Settings;
	try {
		settings = await readSettings(process.env, process.cwd());
	} catch (error) {
		if (!(error instanceof CliError)) throw error;
		await stderr.write(`plimsoll: ${error.message} ${error.hint}\n`);
		return exitCodes.usage;
	}
	const stop = new AbortController();
	for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
	const context: CliContext = {
		stdout: streamOutput(process.stdout, traitsOf(process.stdout)),
		stderr,
		settings,
		loadEngine: async () => engineFor(settings, stop.signal),
		version: readVersion(),
		clock: () => new Date(),
		signal: stop.signal,
	};
	return run(process.argv.slice(2), context);
}

async function engineFor(settings: Settings, signal: AbortSignal): Promise<CliEngine> {
	const { bindEngine } = await import("./engine.ts");
	return bindEngine(settings, process.env, signal);
}

function traitsOf(stream: NodeJS.WriteStream): OutputTraits {
	const { env } = process;
	const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "";
	return {
		isTTY: stream.isTTY ?? false,
		columns: () => stream.columns ?? null,
		colour: (stream.isTTY ?? false) && !env["NO_COLOR"] && env["TERM"] !== "dumb",
		unicode: /utf-?8/i.test(locale) || !stream.isTTY,
	};
}
