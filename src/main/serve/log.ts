/** The service's log: JSON lines for programs, short lines on a terminal. */
import { type Logger, pino } from "pino";

const levels: Readonly<Record<number, string>> = {
	10: "trace",
	20: "debug",
	30: "info",
	40: "warn",
	50: "error",
	60: "fatal",
};

/** Fields that say nothing to a person in front of the terminal. */
const unspoken = new Set(["level", "time", "msg", "pid", "hostname", "reqId", "err"]);

export function makeLog(write: (text: string) => void, isTerminal: boolean, level: string): Logger {
	const redact = ["password", "token", "secret", "authorization", "cookie", "*.password", "*.token", "*.authorization"];
	const options = { level, redact, base: null };
	if (!isTerminal) return pino(options, { write });
	return pino(options, { write: (line: string) => write(shortLine(line)) });
}

/** `12:03:04 warn  message name=value`; a stack follows an error. What is no JSON passes as it is. */
export function shortLine(line: string): string {
	const entry = parsed(line);
	if (entry === null) return line;
	const { time, level, msg, err } = entry;
	const clock = new Date(typeof time === "number" ? time : 0).toISOString().slice(11, 19);
	const fields = Object.entries(entry)
		.filter(([name]) => !unspoken.has(name))
		.map(([name, value]) => ` ${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
	const word = (levels[Number(level)] ?? String(level)).padEnd(5);
	const stack =
		isRecord(err) && Number(level) >= 50 ? `\n${harmless(String(err["stack"] ?? err["message"]), "\n")}` : "";
	return `${clock} ${word} ${harmless(`${typeof msg === "string" ? msg : ""}${fields.join("")}`)}${stack}\n`;
}

/** What a registry or an image says must not steer the terminal. */
function harmless(text: string, but = ""): string {
	return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, (char) => (char === but ? char : " "));
}

function parsed(line: string): Readonly<Record<string, unknown>> | null {
	try {
		const value: unknown = JSON.parse(line);
		return isRecord(value) ? value : null;
	} catch {
		return null;
	}
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null;
}
