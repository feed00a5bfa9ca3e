import { exitCodes } from "../exit-codes.ts";
import type { AddCommand } from "./command.ts";

export const addVersion: AddCommand = (program, context, act) => {
	program
		.command("version")
		.description("print the version")
		.action(() =>
			act(async () => {
				await context.stdout.write(`plimsoll ${context.version}\n`);
				return exitCodes.clean;
			}),
		);
};
