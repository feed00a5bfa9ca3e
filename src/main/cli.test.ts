import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

/** The command line as a process of its own. */
let work: string;

beforeAll(() => {
	work = mkdtempSync(join(tmpdir(), "plimsoll-cli-"));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
	const child = spawn(process.execPath, [join(import.meta.dirname, "cli.ts"), ...args], {
		cwd: work,
		env: { PATH: process.env["PATH"], XDG_CACHE_HOME: work, XDG_CONFIG_HOME: work, ...env },
		stdio: ["ignore", "pipe", "pipe"],
	});
	const texts = { stdout: "", stderr: "" };
	for (const name of ["stdout", "stderr"] as const) {
		child[name].on("data", (chunk: Buffer) => {
			texts[name] += chunk.toString();
		});
	}
	const ended = once(child, "close").then(([code, signal]) => ({ code, signal, ...texts }));
	return { child, ended };
}

test.each([["SIGINT"], ["SIGTERM"], ["SIGINT", "SIGINT"]] as const)(
	"%s %s stops an update, which cleans up",
	async (...signals) => {
		const server = createServer(() => undefined);
		await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
		const { port } = server.address() as AddressInfo;
		const db = join(work, signals.join());
		const { child, ended } = start(["db", "update", "--source", `http://127.0.0.1:${port}`, "--db", db, "--quiet"]);
		await once(server, "request");
		for (const signal of signals) child.kill(signal);
		const result = await ended;
		server.closeAllConnections();
		server.close();
		expect(result).toMatchObject({ code: 130, signal: null, stdout: "" });
		// A second signal may come before or after the word, and is then answered there.
		expect(result.stderr).toMatch(/^plimsoll: stopped\.$/m);
		expect(readdirSync(db)).not.toContainEqual(expect.stringContaining("building-"));
	},
);

test("a configuration file that cannot be used is told in one line; version and help work without it", async () => {
	const config = join(work, "broken.yaml");
	writeFileSync(config, "db: [\n");
	const env = { PLIMSOLL_CONFIG: config };
	const result = await start(["db", "status"], env).ended;
	expect(result).toMatchObject({ code: 2, stdout: "" });
	expect(result.stderr).toMatch(/^plimsoll: .*broken\.yaml is not YAML: .*\. Correct the file, .*\.\n$/);
	expect(await start(["version"], env).ended).toMatchObject({ code: 0, stderr: "" });
	expect(await start(["--help"], env).ended).toMatchObject({ code: 0, stderr: "" });
});
