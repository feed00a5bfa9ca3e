import { execFile } from "node:child_process";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningService, startService } from "../support/service.ts";

const program = fileURLToPath(new URL("../../../src/main/cli.ts", import.meta.url));

interface Ended {
	readonly code: number | null;
	readonly stderr: string;
}

/** For what ends by itself. */
function plimsoll(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
	return new Promise((resolve) => {
		const child = execFile(
			process.execPath,
			[program, "serve", ...args],
			{ env: { PATH: process.env["PATH"], PLIMSOLL_OFFLINE: "1", ...env }, timeout: 60_000 },
			(_error, _stdout, stderr) => resolve({ code: child.exitCode, stderr }),
		);
	});
}

describe("plimsoll serve", () => {
	let first: RunningService;
	const running: RunningService[] = [];
	beforeAll(async () => {
		first = await startService();
		running.push(first);
	}, 90_000);
	afterAll(async () => {
		for (const service of running.toReversed()) await service.remove();
	});

	it("tells a one-time password, is ready without being given anything, and serves its description", async () => {
		expect(first.password).toHaveLength(20);
		while ((await fetch(`${first.url}/readyz`)).status !== 200) await new Promise((resolve) => setTimeout(resolve, 50));
		expect(await (await fetch(`${first.url}/healthz`)).json()).toEqual({ alive: true });
		expect(await (await fetch(`${first.url}/api/v1/openapi.json`)).json()).toMatchObject({ openapi: "3.1.0" });
		expect((await fetch(`${first.url}/metrics`)).status).toBe(200);
		expect((await fetch(`${first.url}/api/v1/artifacts`)).status).toBe(401);
	}, 30_000);

	it("refuses a second one on its folder in one line, and takes a worker beside it", async () => {
		const second = await plimsoll(["--data", first.data, "--listen", "127.0.0.1:0"]);
		expect(second).toMatchObject({ code: 3, stderr: expect.stringMatching(/^plimsoll: Another Plimsoll .*\n$/) });
		const worker = execFile(process.execPath, [program, "serve", "--role", "worker", "--data", first.data], {
			env: { PATH: process.env["PATH"], PLIMSOLL_OFFLINE: "1" },
		});
		let said = "";
		worker.stderr?.on("data", (chunk) => (said += String(chunk)));
		const ended = new Promise<number | null>((resolve) => worker.once("exit", resolve));
		while (!said.includes("is up") && worker.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 50));
		worker.kill("SIGTERM");
		expect(await ended, said).toBe(0);
	}, 60_000);

	it("starts again after any kill, and tells no password again", async () => {
		for (const database of [false, true]) {
			await first.kill(database);
			const again = await startService({ data: first.data });
			running.push(again);
			expect(again.password).toBeNull();
			expect((await fetch(`${again.url}/healthz`)).status).toBe(200);
			first = again;
		}
		expect(await first.stop()).toBe(0);
	}, 90_000);
});

describe("what keeps it from starting is one line", () => {
	it("a port in use", async () => {
		const other = createServer();
		await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
		const { port } = other.address() as { port: number };
		const { code, stderr } = await plimsoll(["--listen", `127.0.0.1:${port}`, "--data", "/tmp/never-made"]);
		expect([code, stderr]).toEqual([3, expect.stringMatching(/^plimsoll: Plimsoll cannot listen at .*another.*\n$/)]);
		await new Promise((resolve) => other.close(resolve));
	}, 30_000);

	it("a folder that is none, a database that is not there, a worker alone", async () => {
		const listen = ["--listen", "127.0.0.1:0"];
		const file = await plimsoll([...listen, "--data", `${program}/x`]);
		expect([file.code, file.stderr]).toEqual([3, expect.stringMatching(/^plimsoll: The data folder .*\n$/)]);
		const data = ["--data", fileURLToPath(new URL("../../../.cache/no-service", import.meta.url))];
		const url = "postgresql://u:hunter2@127.0.0.1:1/x";
		const database = await plimsoll([...listen, ...data], { DATABASE_URL: url });
		expect([database.code, database.stderr]).toEqual([3, expect.stringMatching(/^plimsoll: The database .*\n$/)]);
		expect(database.stderr).not.toContain("hunter2");
		const worker = await plimsoll(["--role", "worker", ...data]);
		expect([worker.code, worker.stderr]).toEqual([3, expect.stringMatching(/^plimsoll: No Plimsoll runs .*\n$/)]);
	}, 30_000);
});
