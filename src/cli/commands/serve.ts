import type { CliContext, ServeRole } from "../context.ts";
import { CliError } from "../errors.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { AddCommand } from "./command.ts";
import { readChoice } from "./options.ts";

const roles = ["all", "api", "worker", "scheduler"] as const satisfies readonly ServeRole[];

interface ServeFlags {
	readonly role: readonly string[];
	readonly listen?: string;
	readonly data?: string;
}

export const addServe: AddCommand = (program, context, act) => {
	program
		.command("serve")
		.description("run the service: registries, their images, scans and schedules, behind an HTTP API")
		.option("--role <role>", `what this process does: ${roles.join(", ")}; may be given more than once`, collect, [])
		.option("--listen <address>", "host:port of the API (default: 127.0.0.1:8080)")
		.option("--data <dir>", "folder that everything is kept in (default: ~/.local/share/plimsoll)")
		.option("--debug", "print stacks of errors")
		.action((flags: ServeFlags) => act(() => serveCommand(flags, context)));
};

function collect(value: string, before: readonly string[]): readonly string[] {
	return [...before, value];
}

async function serveCommand(flags: ServeFlags, context: CliContext): Promise<ExitCode> {
	const chosen = flags.role.map((role) => readChoice("--role", role, roles));
	if (chosen.length > 1 && chosen.includes("all"))
		throw new CliError("usage", "--role all is everything already.", "Leave the other roles out, or `all`.");
	await context.serve({
		roles: chosen.length === 0 ? ["all"] : chosen,
		listen: flags.listen ?? null,
		data: flags.data ?? null,
	});
	return exitCodes.clean;
}
