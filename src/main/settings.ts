import { homedir } from "node:os";
import { join } from "node:path";
import { CliError, type CliSettings } from "#cli";
import { publicOsvBucket } from "#engine";
import { readConfigFile } from "./config-file.ts";

/** What the environment and `plimsoll.yaml` say; flags win over both, the environment wins over the file. */
export interface Settings extends CliSettings {
	/** Pull-through mirrors by registry host, tried in order before the registry itself. */
	readonly mirrors: Readonly<Record<string, readonly string[]>>;
	/** Registries whose certificates are not checked and that may speak plain HTTP. */
	readonly insecureRegistries: readonly string[];
	/** Files with credentials, Docker's form, first match wins. */
	readonly credentialFiles: readonly string[];
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads settings. The file is `PLIMSOLL_CONFIG`, else `$XDG_CONFIG_HOME/plimsoll/plimsoll.yaml`; the second need not be
 * there. Never one in the working folder: who may write that in a pipeline would choose the database and the trusted
 * certificates. An empty variable counts as none. Explained in docs/configuration.md.
 * @throws CliError usage
 */
export async function readSettings(env: Environment): Promise<Settings> {
	const named = env["PLIMSOLL_CONFIG"];
	const file = await readConfigFile(named || join(configHome(env), "plimsoll", "plimsoll.yaml"), Boolean(named));
	const cacheHome = env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
	return {
		dbDir: env["PLIMSOLL_DB"] || (file.db ?? join(cacheHome, "plimsoll", "db")),
		cacheDir: env["PLIMSOLL_CACHE"] || (file.cache ?? join(cacheHome, "plimsoll", "layers")),
		advisorySource: env["PLIMSOLL_ADVISORY_SOURCE"] || (file.advisorySource ?? publicOsvBucket),
		feeds: env["PLIMSOLL_FEEDS"] ? env["PLIMSOLL_FEEDS"].split(",").map((text) => text.trim()) : file.feeds,
		caFile: env["PLIMSOLL_CA_FILE"] || file.caFile,
		maxDatabaseAge: env["PLIMSOLL_MAX_DB_AGE"] ? days(env["PLIMSOLL_MAX_DB_AGE"]) : file.maxDatabaseAge,
		mirrors: file.mirrors,
		insecureRegistries: file.insecureRegistries,
		credentialFiles: credentialFiles(env),
	};
}

function days(text: string): number {
	const value = Number(text);
	if (value > 0) return value;
	const message = `PLIMSOLL_MAX_DB_AGE is "${text}", which is not a number of days.`;
	throw new CliError("usage", message, "Set it to a number such as 7, or unset it.");
}

/** Where docker, podman and skopeo keep their log-ins. */
function credentialFiles(env: Environment): readonly string[] {
	const runtime = env["XDG_RUNTIME_DIR"];
	return [
		...(env["REGISTRY_AUTH_FILE"] ? [env["REGISTRY_AUTH_FILE"]] : []),
		join(env["DOCKER_CONFIG"] || join(homedir(), ".docker"), "config.json"),
		...(runtime ? [join(runtime, "containers", "auth.json")] : []),
		join(configHome(env), "containers", "auth.json"),
	];
}

function configHome(env: Environment): string {
	return env["XDG_CONFIG_HOME"] || join(homedir(), ".config");
}
