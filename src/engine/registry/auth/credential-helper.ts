/**
 * Docker's credential helper protocol: `docker-credential-NAME get`, the server on standard input, JSON on standard
 * output. https://github.com/docker/docker-credential-helpers
 */
import { spawn } from "node:child_process";
import type { EngineError } from "../../errors.ts";
import { unusable } from "./credentials.ts";

/** Asks the helper of this name for a server's credentials; null when it has none. Throws `credentials_unusable`. */
export type RunHelper = (name: string, server: string) => Promise<HelperAnswer | null>;

export interface HelperAnswer {
	/** `<token>` when the secret is an identity token. */
	readonly username: string;
	readonly secret: string;
}

/** Helpers may ask a key ring or a cloud; one that wants a person to type something gets no more than this. */
const timeLimit = 30_000;
/** An answer is two strings. */
const maxOutput = 1024 * 1024;

/** Runs the real program, found by PATH. */
export async function runCredentialHelper(
	name: string,
	server: string,
	limit = timeLimit,
): Promise<HelperAnswer | null> {
	const program = `docker-credential-${name}`;
	// The name becomes part of a program's name: no way to another folder.
	if (!/^[A-Za-z0-9_.-]+$/.test(name)) throw helperError(JSON.stringify(name), "is not the name of a helper");
	// The protocol is of lines: a server's name with a line break could ask for another one's secret.
	if (/[\0\r\n]/.test(server)) throw helperError(program, "cannot be asked for a name with a line break");
	const { code, output, errors } = await runProgram(program, server, limit);
	// Both texts are fixed by the protocol (credentials/error.go of the project above).
	if (code !== 0 && /credentials not found in native keychain|no credentials server URL/i.test(output + errors))
		return null;
	if (code !== 0) throw helperError(program, `failed (exit status ${code}) when asked for ${server}`);
	return readAnswer(program, output);
}

interface Ended {
	readonly code: number | null;
	readonly output: string;
	readonly errors: string;
}

function runProgram(program: string, input: string, limit: number): Promise<Ended> {
	return new Promise((resolve, reject) => {
		const child = spawn(program, ["get"], { stdio: ["pipe", "pipe", "pipe"], timeout: limit, killSignal: "SIGKILL" });
		let output = "";
		let errors = "";
		child.stdout.setEncoding("utf8").on("data", (text: string) => {
			output += text;
			if (output.length > maxOutput) child.kill("SIGKILL");
		});
		child.stderr.setEncoding("utf8").on("data", (text: string) => {
			errors = (errors + text).slice(0, 4096);
		});
		// A helper that does not read its input is judged by its exit status.
		child.stdin.on("error", () => {}).end(`${input}\n`);
		child.on("error", (cause) => reject(helperError(program, "cannot be run", cause)));
		child.on("close", (code, signal) => {
			if (signal) reject(helperError(program, `did not answer within ${limit / 1000} seconds or said too much`));
			else resolve({ code, output, errors });
		});
	});
}

function readAnswer(program: string, output: string): HelperAnswer | null {
	const wrong = () => helperError(program, "gave an answer that is not JSON with Username and Secret");
	let answer: { readonly Username?: unknown; readonly Secret?: unknown } | null;
	try {
		answer = JSON.parse(output);
	} catch {
		throw wrong();
	}
	const { Username: username, Secret: secret } = answer ?? {};
	if (typeof username !== "string" || typeof secret !== "string") throw wrong();
	return secret === "" ? null : { username, secret };
}

function helperError(program: string, problem: string, cause?: unknown): EngineError {
	return unusable(
		`The credential helper ${program} ${problem}.`,
		"Install or repair it, or remove it from credsStore and credHelpers in Docker's config.json.",
		cause,
	);
}
