import { inspect } from "node:util";
import type { EngineErrorCode } from "#engine";
import { type ExitCode, exitCodes } from "./exit-codes.ts";

export type CliErrorCode = "usage" | "output_unwritable" | "cannot_listen" | "data_folder_unusable";

/** An error of the command line itself. `message` says what and why, `hint` what to do. */
export class CliError extends Error {
	readonly code: CliErrorCode;
	readonly hint: string;

	constructor(code: CliErrorCode, message: string, hint: string, cause?: unknown) {
		super(message, cause === undefined ? undefined : { cause });
		this.name = "CliError";
		this.code = code;
		this.hint = hint;
	}
}

/** Errors of other layers that people read as they are. */
const toldErrors: readonly string[] = ["EngineError", "StoreError", "ServerError"];

interface ToldError extends Error {
	readonly code: string;
	readonly hint: string;
}

const engineExitCodes: Partial<Record<EngineErrorCode, ExitCode>> = {
	reference_malformed: exitCodes.usage,
	target_unrecognised: exitCodes.usage,
	suppression_malformed: exitCodes.usage,
	advisories_missing: exitCodes.noAdvisories,
	advisories_malformed: exitCodes.noAdvisories,
	advisories_source_unusable: exitCodes.noAdvisories,
	advisories_download_failed: exitCodes.noAdvisories,
	advisories_busy: exitCodes.noAdvisories,
	advisories_unwritable: exitCodes.noAdvisories,
	advisories_too_old: exitCodes.noAdvisories,
	advisories_downgrade: exitCodes.noAdvisories,
	advisories_unsigned: exitCodes.noAdvisories,
	key_unusable: exitCodes.usage,
	aborted: exitCodes.stopped,
};

export function exitCodeOf(error: unknown): ExitCode {
	if (error instanceof CliError) return error.code === "usage" ? exitCodes.usage : exitCodes.failed;
	if (isToldError(error)) return engineExitCodes[error.code as EngineErrorCode] ?? exitCodes.failed;
	return exitCodes.failed;
}

/** One line for people: `plimsoll: what happened: why. What to do.` With `debug`, the stack and its causes follow. */
export function describeError(error: unknown, debug: boolean): string {
	const line = `plimsoll: ${oneLine(textOf(error))}\n`;
	return debug ? `${line}${stackOf(error)}\n` : line;
}

function textOf(error: unknown): string {
	if (error instanceof CliError || isToldError(error)) return `${sentence(error.message)} ${sentence(error.hint)}`;
	const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
	return `internal error: ${sentence(what)} This is a mistake in Plimsoll: please report it with what --debug prints.`;
}

/**
 * By shape, not by class: engine, store and server are loaded only where they are needed, and an error must be told
 * without them.
 */
function isToldError(error: unknown): error is ToldError {
	return error instanceof Error && toldErrors.includes(error.name) && "code" in error && "hint" in error;
}

/** Text from a registry or an image on one harmless line. */
export function oneLine(text: string): string {
	return text
		.toWellFormed()
		.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Z}]+/gu, " ")
		.trim();
}

function sentence(text: string): string {
	return /[.!?]$/.test(text) ? text : `${text}.`;
}

function stackOf(error: unknown): string {
	return inspect(error, { depth: 6 }).split("\n").map(harmlessLine).join("\n");
}

function harmlessLine(line: string): string {
	return line.toWellFormed().replace(/[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu, "?");
}
