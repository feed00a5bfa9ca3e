/** What `plimsoll serve` is told by flags and environment. Explained in docs/configuration.md. */
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { CliError, type ServeRequest } from "#cli";
import type { Environment } from "../settings.ts";

export type Role = "api" | "worker" | "scheduler";

const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

export interface ServeSettings {
	readonly roles: ReadonlySet<Role>;
	readonly listen: { readonly host: string; readonly port: number };
	/** Absolute. */
	readonly data: string;
	/** Null: the embedded PostgreSQL. */
	readonly databaseUrl: string | null;
	/** Address ranges that registries may be at although they are not public. */
	readonly allowAddresses: readonly string[];
	/** Requests a minute from one address, half of it of one user; null: the usual. */
	readonly requestsPerMinute: number | null;
	/** Nothing is fetched but what registries hold. */
	readonly offline: boolean;
	readonly logLevel: LogLevel;
	/** The key itself, or the file that it is in; null: `secret.key` in the data folder. */
	readonly secretKey: { readonly text: string } | { readonly file: string } | null;
}

const defaultListen = "127.0.0.1:8080";

/** @throws CliError usage */
export function readServeSettings(request: ServeRequest, env: Environment): ServeSettings {
	const roles = request.roles.flatMap((role): readonly Role[] =>
		role === "all" ? ["api", "worker", "scheduler"] : [role],
	);
	return {
		roles: new Set(roles),
		listen: readListen(request.listen ?? (env["PLIMSOLL_LISTEN"] || defaultListen)),
		data: resolve(request.data ?? (env["PLIMSOLL_DATA"] || defaultData(env))),
		databaseUrl: readDatabaseUrl(env["DATABASE_URL"]),
		allowAddresses: (env["PLIMSOLL_ALLOW_ADDRESSES"] ?? "")
			.split(",")
			.map((range) => range.trim())
			.filter((range) => range !== ""),
		requestsPerMinute: readRate(env["PLIMSOLL_RATE_LIMIT"]),
		offline: readSwitch("PLIMSOLL_OFFLINE", env["PLIMSOLL_OFFLINE"]),
		logLevel: readLogLevel(env["PLIMSOLL_LOG_LEVEL"]),
		secretKey: readSecretKey(env),
	};
}

/** root has no home that others may enter, and PostgreSQL does not run as root. */
function defaultData(env: Environment): string {
	if (process.getuid?.() === 0) return "/var/lib/plimsoll";
	return join(env["XDG_DATA_HOME"] || join(homedir(), ".local", "share"), "plimsoll");
}

function readListen(text: string): ServeSettings["listen"] {
	const [, bracketed, plain, digits = ""] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/i.exec(text) ?? [];
	const host = bracketed ?? plain;
	const port = Number(digits);
	if (host !== undefined && port <= 65_535) return { host, port };
	throw new CliError(
		"usage",
		`"${text}" is no address to listen at.`,
		"Give host:port, such as 127.0.0.1:8080, 0.0.0.0:8080 or [::1]:8080.",
	);
}

/** Never in a message: it may hold a password. */
function readDatabaseUrl(text: string | undefined): string | null {
	if (!text) return null;
	if (/^postgres(?:ql)?:\/\//.test(text)) return text;
	throw new CliError(
		"usage",
		"DATABASE_URL is no address of a PostgreSQL.",
		"Write it as postgresql://user:password@host:5432/database.",
	);
}

function readRate(text: string | undefined): number | null {
	if (!text) return null;
	const rate = Number(text);
	if (Number.isSafeInteger(rate) && rate >= 10) return rate;
	throw new CliError(
		"usage",
		`PLIMSOLL_RATE_LIMIT is "${text}", which is no number of requests a minute.`,
		"Set it to 10 or more, or unset it.",
	);
}

function readSwitch(name: string, text: string | undefined): boolean {
	if (!text || ["0", "false", "no"].includes(text.toLowerCase())) return false;
	if (["1", "true", "yes"].includes(text.toLowerCase())) return true;
	throw new CliError("usage", `${name} is "${text}", which is neither yes nor no.`, "Set it to 1, or unset it.");
}

function readLogLevel(text: string | undefined): LogLevel {
	const found = logLevels.find((level) => level === (text || "info").toLowerCase());
	if (found) return found;
	throw new CliError("usage", `PLIMSOLL_LOG_LEVEL is "${text}".`, `Set it to one of: ${logLevels.join(", ")}.`);
}

function readSecretKey(env: Environment): ServeSettings["secretKey"] {
	const text = env["PLIMSOLL_SECRET_KEY"];
	const file = env["PLIMSOLL_SECRET_KEY_FILE"];
	if (text && file)
		throw new CliError(
			"usage",
			"PLIMSOLL_SECRET_KEY and PLIMSOLL_SECRET_KEY_FILE are both set.",
			"Set one of them; a file does not show in the list of processes.",
		);
	return text ? { text } : file ? { file } : null;
}
