/** Starts a real registry (Debian's docker-registry, the Distribution project's) on loopback, for one test file. */
import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

export interface RegistryOptions {
	/** PEM files; without them the registry speaks plain HTTP. */
	readonly tls?: { readonly certificate: string; readonly key: string };
	readonly auth?:
		| { readonly kind: "htpasswd"; readonly lines: readonly string[] }
		| {
				readonly kind: "token";
				readonly realm: string;
				readonly service: string;
				readonly issuer: string;
				readonly rootCertificates: string;
		  };
	/** Where it tells of pushes and pulls, and the bearer token that it sends along. */
	readonly notifications?: { readonly url: string; readonly token: string };
	/** Makes the registry a pull-through cache of this one: `http://127.0.0.1:5000`. */
	readonly proxyOf?: string;
}

export interface RunningRegistry {
	/** `127.0.0.1:PORT` */
	readonly host: string;
	stop(): Promise<void>;
}

/** The registry tells its port within a second; a loaded machine gets more. */
const startLimit = 20_000;

/** Starts a registry with empty storage in a temporary folder. Errors hold what the program said. */
export async function startRegistry(options: RegistryOptions = {}): Promise<RunningRegistry> {
	const folder = await mkdtemp(join(tmpdir(), "plimsoll-registry-"));
	const settings = join(folder, "config.yml");
	// JSON is YAML.
	await writeFile(settings, JSON.stringify(await configuration(options, folder)));
	const child = spawn("docker-registry", ["serve", settings], { stdio: ["ignore", "pipe", "pipe"] });
	const stop = async (): Promise<void> => {
		await stopped(child);
		await rm(folder, { recursive: true, force: true });
	};
	try {
		return { host: await address(child), stop };
	} catch (error) {
		await stop();
		throw error;
	}
}

/**
 * Why tests with these programs cannot run here: null when they can. Where CI is set a missing program is an error, so
 * that no test is passed over unseen.
 */
export function missingProgram(...programs: readonly string[]): string | null {
	const missing = programs.filter((program) => !isInstalled(program));
	if (missing.length === 0) return null;
	const reason = `not installed: ${missing.join(", ")}`;
	if (process.env["CI"]) throw new Error(`${reason}; CI must have them`);
	return reason;
}

function isInstalled(program: string): boolean {
	return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
		try {
			accessSync(join(folder, program), constants.X_OK);
			return true;
		} catch {
			return false;
		}
	});
}

async function configuration({ tls, auth, proxyOf, notifications }: RegistryOptions, folder: string): Promise<object> {
	return {
		version: "0.1",
		log: { level: "info", accesslog: { disabled: true } },
		storage: { filesystem: { rootdirectory: join(folder, "data") }, delete: { enabled: true } },
		// Port 0: the system chooses, the registry tells.
		http: { addr: "127.0.0.1:0", secret: "only for this test", ...(tls && { tls }) },
		...(auth && { auth: await authSettings(auth, folder) }),
		...(proxyOf !== undefined && { proxy: { remoteurl: proxyOf } }),
		...(notifications && { notifications: { endpoints: [endpointOf(notifications)] } }),
	};
}

function endpointOf({ url, token }: NonNullable<RegistryOptions["notifications"]>): object {
	const headers = { Authorization: [`Bearer ${token}`] };
	return { name: "plimsoll", url, headers, timeout: "5s", threshold: 3, backoff: "1s" };
}

async function authSettings(auth: NonNullable<RegistryOptions["auth"]>, folder: string): Promise<object> {
	if (auth.kind === "token") {
		const { realm, service, issuer, rootCertificates } = auth;
		return { token: { realm, service, issuer, rootcertbundle: rootCertificates } };
	}
	const path = join(folder, "htpasswd");
	await writeFile(path, `${auth.lines.join("\n")}\n`);
	return { htpasswd: { realm: "registry", path } };
}

function address(child: ChildProcess): Promise<string> {
	return new Promise((resolve, reject) => {
		let said = "";
		const fail = (why: string): void => reject(new Error(`docker-registry ${why}\n${said.slice(-4000)}`));
		const timer = setTimeout(() => fail("did not start in time"), startLimit);
		const listen = (text: Buffer): void => {
			said += text.toString();
			const [, host] = /listening on (127\.0\.0\.1:\d+)/.exec(said) ?? [];
			if (host === undefined) return;
			clearTimeout(timer);
			resolve(host);
		};
		child.stdout?.on("data", listen);
		child.stderr?.on("data", listen);
		child.on("error", (error) => {
			clearTimeout(timer);
			fail(`cannot be run: ${error.message}`);
		});
		child.on("exit", (code) => {
			clearTimeout(timer);
			fail(`ended with status ${code}`);
		});
	});
}

async function stopped(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
	await new Promise<void>((resolve) => {
		child.once("exit", () => resolve());
		child.kill("SIGKILL");
	});
}
