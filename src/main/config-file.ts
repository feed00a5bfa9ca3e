import { readFileSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { CliError } from "#cli";

/** The fields of `plimsoll.yaml`, checked; docs/configuration.md explains them. A field that is not there is null or empty. */
export interface ConfigFile {
	readonly db: string | null;
	readonly cache: string | null;
	readonly advisorySource: string | null;
	readonly feeds: readonly string[] | null;
	readonly caFile: string | null;
	readonly maxDatabaseAge: number | null;
	readonly mirrors: Readonly<Record<string, readonly string[]>>;
	readonly insecureRegistries: readonly string[];
}

/** The names that the file may hold. */
export const configFields = [
	"db",
	"cache",
	"advisorySource",
	"feeds",
	"caFile",
	"maxDatabaseAge",
	"mirrors",
	"insecureRegistries",
] as const;

type Values = Readonly<Record<string, unknown>>;

/**
 * Reads a configuration file; when it is not there and need not be, all fields are empty. Relative paths in the file are
 * relative to its folder, so that it means the same wherever Plimsoll is started.
 * @throws CliError usage: the file cannot be read, is not YAML, or holds what is no setting
 */
export async function readConfigFile(path: string, mustBeThere: boolean): Promise<ConfigFile> {
	const text = textOf(path, mustBeThere);
	return text === null ? checked("", null) : checked(path, await parse(path, text));
}

function textOf(path: string, mustBeThere: boolean): string | null {
	try {
		return readFileSync(path, "utf8");
	} catch (cause) {
		const missing = cause instanceof Error && "code" in cause && (cause.code === "ENOENT" || cause.code === "ENOTDIR");
		if (missing && !mustBeThere) return null;
		const why = missing ? "is not there" : "cannot be read";
		throw unusable(`The configuration file ${path} ${why}.`, cause);
	}
}

/** Loads the YAML reader only when there is something to read. */
async function parse(path: string, text: string): Promise<unknown> {
	const { loadAll } = await import("js-yaml");
	const documents = readYaml(path, () => loadAll(text));
	if (documents.length > 1) throw unusable(`${path} holds ${documents.length} YAML documents; one is allowed.`);
	return documents[0];
}

function readYaml<T>(path: string, read: () => T): T {
	try {
		return read();
	} catch (cause) {
		const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
		throw unusable(`${path} is not YAML: ${reason}.`, cause);
	}
}

function checked(path: string, content: unknown): ConfigFile {
	const values = valuesIn(path, content);
	const unknown = Object.keys(values).find((name) => !configFields.some((field) => field === name));
	if (unknown !== undefined) {
		throw unusable(`${path} has the unknown setting "${unknown}"; known are: ${configFields.join(", ")}.`);
	}
	const source = textIn(path, values, "advisorySource");
	return {
		db: pathIn(path, textIn(path, values, "db")),
		cache: pathIn(path, textIn(path, values, "cache")),
		advisorySource: source === null || /^https?:\/\//i.test(source) ? source : pathIn(path, source),
		feeds:
			values["feeds"] === undefined ? null : textsIn(path, "feeds", values["feeds"]).map((text) => feedIn(path, text)),
		caFile: pathIn(path, textIn(path, values, "caFile")),
		maxDatabaseAge: daysIn(path, values, "maxDatabaseAge"),
		mirrors: mirrorsIn(path, values["mirrors"]),
		insecureRegistries: textsIn(path, "insecureRegistries", values["insecureRegistries"]).map((text) =>
			hostIn(path, "insecureRegistries", text),
		),
	};
}

/** `id` or `id=SOURCE`; a folder is relative to the file's. */
function feedIn(path: string, text: string): string {
	const [, id, source] = /^([^=]+)=(.+)$/.exec(text) ?? [];
	return id === undefined || source === undefined || /^https?:\/\//i.test(source)
		? text
		: `${id}=${pathIn(path, source)}`;
}

function valuesIn(path: string, content: unknown): Values {
	if (content === null || content === undefined) return {};
	if (isMapping(content)) return content;
	throw unusable(`${path} does not hold settings of the form name: value.`);
}

function isMapping(content: unknown): content is Values {
	return typeof content === "object" && content !== null && !Array.isArray(content);
}

function textIn(path: string, values: Values, name: string): string | null {
	const value = values[name] ?? null;
	if (value === null || (typeof value === "string" && value !== "")) return value;
	throw unusable(`${path}: ${name} is not a text.`);
}

function daysIn(path: string, values: Values, name: string): number | null {
	const value = values[name] ?? null;
	if (value === null || (typeof value === "number" && value > 0)) return value;
	throw unusable(`${path}: ${name} is not a number of days.`);
}

function pathIn(file: string, value: string | null): string | null {
	return value === null || isAbsolute(value) ? value : join(dirname(file), value);
}

/** A list of texts; one alone may stand without a list. */
function textsIn(path: string, name: string, value: unknown): readonly string[] {
	if (value === undefined || value === null) return [];
	const list: readonly unknown[] = Array.isArray(value) ? value : [value];
	return list.map((item) => {
		if (typeof item === "string" && item !== "") return item;
		throw unusable(`${path}: ${name} is not a list of texts.`);
	});
}

function mirrorsIn(path: string, value: unknown): ConfigFile["mirrors"] {
	if (value === undefined || value === null) return {};
	if (!isMapping(value)) throw unusable(`${path}: mirrors is not of the form registry: [mirror, …].`);
	return Object.fromEntries(
		Object.entries(value).map(([host, list]) => [
			hostIn(path, "mirrors", host),
			textsIn(path, `mirrors of ${host}`, list),
		]),
	);
}

/** `host` or `host:port`, as references name a registry. */
function hostIn(path: string, name: string, text: string): string {
	const host = text.toLowerCase();
	if (/^(?:\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)(?::\d{1,5})?$/.test(host)) return host;
	throw unusable(`${path}: ${name} names "${text}", which is no registry of the form host or host:port.`);
}

function unusable(message: string, cause?: unknown): CliError {
	return new CliError("usage", message, "Correct the file, or point PLIMSOLL_CONFIG to another one.", cause);
}
