import type { DatabaseChoice } from "#engine";
import { type Platform, parsePlatform, type Severity, severities } from "#model";
import { CliError } from "../errors.ts";

/** The values of --db-source. Said here again, since the engine is loaded only when there is something to do. */
export const databaseSources = ["auto", "own", "trivy-db"] as const satisfies readonly DatabaseChoice[];

/** Readers of flag values. A value that cannot be read is wrong usage, and the message names what can. */
export function readSeverity(flag: string, text: string): Severity {
	const word = text.trim().toLowerCase();
	const found = severities.find((severity) => severity === word);
	if (found) return found;
	throw new CliError("usage", `${flag} does not know the severity "${text}".`, `Severities: ${severities.join(", ")}.`);
}

/** A comma-separated list, worst first, each once. */
export function readSeverities(flag: string, text: string): readonly Severity[] {
	const asked = new Set(readList(flag, text).map((word) => readSeverity(flag, word)));
	return severities.filter((severity) => asked.has(severity));
}

export function readList(flag: string, text: string): readonly string[] {
	const items = text
		.split(",")
		.map((item) => item.trim())
		.filter((item) => item !== "");
	if (items.length > 0) return items;
	throw new CliError("usage", `${flag} is empty.`, "Give it a comma-separated list.");
}

export function readPlatform(text: string): "all" | Platform {
	if (text === "all") return "all";
	const platform = parsePlatform(text);
	if (platform) return platform;
	const hint = "Write os/architecture, such as linux/amd64 or linux/arm64/v8, or all.";
	throw new CliError("usage", `--platform does not understand "${text}".`, hint);
}

/** A number of days, parts of them included. */
export function readDays(flag: string, text: string): number {
	const days = Number(text);
	if (/^\d+(?:\.\d+)?$/.test(text) && days > 0) return days;
	throw new CliError("usage", `${flag} does not understand "${text}".`, "Give a number of days, such as 7.");
}

export function readChoice<T extends string>(flag: string, text: string, choices: readonly T[]): T {
	const found = choices.find((choice) => choice === text);
	if (found !== undefined) return found;
	throw new CliError("usage", `${flag} does not know "${text}".`, `Available: ${choices.join(", ")}.`);
}
