import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { endWriters, keptRows, kill, launchWriter, serverIn, startWriter } from "../testing/embedded-kills.ts";
import { isAlive, processesIn } from "./processes.ts";
import { startEmbeddedPostgres } from "./server.ts";

let root = "";

beforeAll(() => {
	root = mkdtempSync(join(tmpdir(), "plimsoll-embedded-"));
	chmodSync(root, 0o755);
});
afterEach(() => endWriters(root));
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));

/** No gap: each row up to the last is there. */
async function rowsIn(url: string): Promise<number> {
	const { count, last } = await keptRows(url);
	expect(count).toBe(last);
	return last;
}

describe("a killed one", () => {
	it.each(["node", "postgres and node", "node, then postgres"])(
		"(%s) loses nothing and does not stop the next",
		async (what) => {
			const folder = join(root, what.replaceAll(/\W+/g, "-"));
			for (let round = 0; round < 2; round++) {
				const { child, server, kept } = await startWriter(folder);
				await pause(Math.random() * 300);
				if (what === "postgres and node") process.kill(server, "SIGKILL");
				await kill(child);
				if (what === "node, then postgres") process.kill(server, "SIGKILL");
				const acknowledged = kept();
				const next = await startEmbeddedPostgres(folder);
				expect(await rowsIn(next.url)).toBeGreaterThanOrEqual(acknowledged);
				expect(next.pid === server).toBe(what === "node");
				await next.stop();
				expect(isAlive(next.pid)).toBe(false);
				expect(existsSync(join(folder, "data/postmaster.pid"))).toBe(false);
				expect(processesIn((path) => path.startsWith(folder))).toEqual([]);
			}
		},
		60_000,
	);

	it("PostgreSQL is started again while Plimsoll runs", async () => {
		const folder = join(root, "postgres-alone");
		const { child, server, kept } = await startWriter(folder);
		for (let round = 0, last = server; round < 2; round++) {
			process.kill(last, "SIGKILL");
			const killed = last;
			while (last === killed) {
				await pause(20);
				last = serverIn(folder) ?? killed;
			}
			const before = kept();
			while (kept() <= before + 1) await pause(20);
		}
		const ended = once(child, "exit");
		const acknowledged = kept();
		child.kill("SIGTERM");
		await ended;
		const next = await startEmbeddedPostgres(folder);
		expect(await rowsIn(next.url)).toBeGreaterThanOrEqual(acknowledged);
		await next.stop();
	}, 60_000);

	it("in its first start leaves nothing that stops the next", async () => {
		const folder = join(root, "first-start");
		for (const milliseconds of [150, 300, 450, 600, 800, 1000]) {
			const { child } = launchWriter(folder, "write");
			await pause(milliseconds);
			await kill(child);
		}
		const server = await startEmbeddedPostgres(folder);
		const left = readdirSync(folder).filter((name) => /unfinished|password\./.test(name));
		expect(left).toEqual([]);
		await server.stop();
	}, 60_000);

	it("initdb is told, and does not stop the next", async () => {
		const folder = join(root, "initdb");
		const first = startEmbeddedPostgres(folder).then(
			() => null,
			(error: unknown) => error,
		);
		const initdb = () => processesIn((path) => path.startsWith(join(folder, "data.unfinished")));
		while (initdb().length === 0) await pause(1);
		for (const pid of initdb()) process.kill(pid, "SIGKILL");
		expect(await first).toMatchObject({ code: "database_unavailable" });
		const server = await startEmbeddedPostgres(folder);
		await server.stop();
	}, 30_000);
});
