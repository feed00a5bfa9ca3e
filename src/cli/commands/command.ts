import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import type { ExitCode } from "../exit-codes.ts";

/** Adds a command to the program. When it is called, it hands its work to `act`, which runs it once parsing is over. */
export type AddCommand = (program: Command, context: CliContext, act: (work: () => Promise<ExitCode>) => void) => void;
