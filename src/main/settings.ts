import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { CliError } from "#cli";

/** What the environment and `plimsoll.yaml` say; flags win over both, the environment wins over the file. */
export interface Settings {
	readonly dbDir: string;
	readonly cacheDir: string;
	readonly advisorySource: string;
	readonly caFile: string | null;
	/** Pull-through mirrors by registry host, tried in order before the registry itself. */
	readonly mirrors: Readonly<Record<string, readonly string[]>>;
	/** Registries whose certificates are not checked and that may speak plain HTTP. */
	readonly insecureRegistries: readonly string[];
	/** Files with credentials, Docker's form, first match wins. */
	readonly credentialFiles: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const hint = "Correct the file, or point PLIMSOLL_CONFIG to another one.";

/** A configuration file that cannot be used; the message names the file and the field. */
function unusable(message: string, cause?: unknown): CliError {
	return new CliError("usage", message, hint, cause);
}

/**
 * Reads settings. The file is `PLIMSOLL_CONFIG`, else `plimsoll.yaml` in the working folder, else
 * `$XDG_CONFIG_HOME/plimsoll/plimsoll.yaml`; none of them need be there, but a named one must.
 */
export async function readSettings(env: Environment, workingDir: string): Promise<Settings> {
	const file = await readConfigFile(env, workingDir);
	const cacheHome = env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
	return {
		dbDir: env["PLIMSOLL_DB"] || file.text("db") || join(cacheHome, "plimsoll", "db"),
		cacheDir: env["PLIMSOLL_CACHE"] || file.text("cache") || join(cacheHome, "plimsoll", "layers"),
		advisorySource: env["PLIMSOLL_ADVISORY_SOURCE"] || file.text("advisorySource") || publicOsvBucket,
		caFile: env["PLIMSOLL_CA_FILE"] || file.text("caFile") || null,
		mirrors: file.mirrors(),
		insecureRegistries: file.list("insecureRegistries"),
		credentialFiles: credentialFiles(env),
	};
}

/** Where docker, podman and skopeo keep their log-ins. */
function credentialFiles(env: Environment): readonly string[] {
	const runtime = env["XDG_RUNTIME_DIR"];
	return [
		...(env["REGISTRY_AUTH_FILE"] ? [env["REGISTRY_AUTH_FILE"]] : []),
		join(env["DOCKER_CONFIG"] || join(homedir(), ".docker"), "config.json"),
		...(runtime ? [join(runtime, "containers", "auth.json")] : []),
		join(env["XDG_CONFIG_HOME"] || join(homedir(), ".config"), "containers", "auth.json"),
	];
}

/** OSV's own bucket (google/osv.dev, "Data dumps"). */
const publicOsvBucket = "https://osv-vulnerabilities.storage.googleapis.com";

const fields = ["db", "cache", "advisorySource", "caFile", "mirrors", "insecureRegistries"];

class ConfigFile {
	readonly #path: string;
	readonly #values: Readonly<Record<string, unknown>>;

	constructor(path: string, content: unknown) {
		this.#path = path;
		if (content !== undefined && content !== null && (typeof content !== "object" || Array.isArray(content))) {
			throw unusable(`${path} does not hold settings of the form name: value.`);
		}
		this.#values = (content ?? {}) as Readonly<Record<string, unknown>>;
		const unknown = Object.keys(this.#values).find((name) => !fields.includes(name));
		if (unknown !== undefined) {
			throw unusable(`${path} has the unknown setting "${unknown}"; known are: ${fields.join(", ")}.`);
		}
	}

	text(name: string): string | null {
		const value = this.#values[name];
		if (value === undefined || value === null) return null;
		if (typeof value === "string" && value !== "") return value;
		throw unusable(`${this.#path}: ${name} is not a text.`);
	}

	list(name: string): readonly string[] {
		return this.#texts(name, this.#values[name]);
	}

	mirrors(): Readonly<Record<string, readonly string[]>> {
		const value = this.#values["mirrors"] ?? {};
		if (typeof value !== "object" || Array.isArray(value)) {
			throw unusable(`${this.#path}: mirrors is not of the form registry: [mirror, …].`);
		}
		return Object.fromEntries(
			Object.entries(value).map(([host, list]) => [host, this.#texts(`mirrors.${host}`, list)]),
		);
	}

	#texts(name: string, value: unknown): readonly string[] {
		if (value === undefined || value === null) return [];
		const list: readonly unknown[] = Array.isArray(value) ? value : [value];
		return list.map((item) => {
			if (typeof item === "string" && item !== "") return item;
			throw unusable(`${this.#path}: ${name} is not a list of texts.`);
		});
	}
}

async function readConfigFile(env: Environment, workingDir: string): Promise<ConfigFile> {
	const named = env["PLIMSOLL_CONFIG"];
	const configHome = env["XDG_CONFIG_HOME"] || join(homedir(), ".config");
	const paths = named ? [named] : [join(workingDir, "plimsoll.yaml"), join(configHome, "plimsoll", "plimsoll.yaml")];
	for (const path of paths) {
		const text = readIfThere(path, named !== undefined);
		if (text !== null) return new ConfigFile(path, await parse(path, text));
	}
	return new ConfigFile("", {});
}

function readIfThere(path: string, mustBeThere: boolean): string | null {
	try {
		return readFileSync(path, "utf8");
	} catch (cause) {
		const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
		if (missing && !mustBeThere) return null;
		throw unusable(`The configuration file ${path} cannot be read.`, cause);
	}
}

/** Loads the YAML reader only when there is something to read. */
async function parse(path: string, text: string): Promise<unknown> {
	const { load } = await import("js-yaml");
	try {
		return load(text);
	} catch (cause) {
		const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
		throw unusable(`${path} is not YAML: ${reason}.`, cause);
	}
}
