export type {
	CliContext,
	CliEngine,
	CliSettings,
	NetworkOptions,
	Output,
	ServeRequest,
	ServeRole,
	UpdateRequest,
} from "./context.ts";
export { CliError } from "./errors.ts";
export { type ExitCode, exitCodes } from "./exit-codes.ts";
export { type OutputTraits, streamOutput } from "./output.ts";
export { run } from "./run.ts";
