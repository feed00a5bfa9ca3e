import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { endWriters, keptRows, kill, startWriter } from "../testing/embedded-kills.ts";
import { isAlive } from "./processes.ts";
import { attachEmbeddedPostgres, startEmbeddedPostgres } from "./server.ts";

const isRoot = process.getuid?.() === 0;
let root = "";

beforeAll(() => {
	root = mkdtempSync(join(tmpdir(), "plimsoll-embedded-"));
	chmodSync(root, 0o755);
});
afterEach(() => endWriters(root));
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));

describe("the data folder", () => {
	it("is one Plimsoll's; a worker may use the server that runs", async () => {
		const folder = join(root, "two");
		await expect(attachEmbeddedPostgres(folder)).rejects.toMatchObject({ code: "database_unavailable" });
		const { child } = await startWriter(folder, "hold");
		const refusal = { code: "folder_in_use", message: expect.stringContaining(`process ${child.pid}`) };
		await expect(startEmbeddedPostgres(folder)).rejects.toMatchObject(refusal);
		const { url } = await attachEmbeddedPostgres(folder);
		const client = new pg.Client({ connectionString: url });
		await client.connect();
		await client.end();
		await kill(child);
		const next = await startEmbeddedPostgres(folder);
		await next.stop();
		await expect(attachEmbeddedPostgres(folder)).rejects.toMatchObject({ code: "database_unavailable" });
	}, 30_000);

	it("of two that start at once, has one", async () => {
		const folder = join(root, "at-once");
		const both = await Promise.allSettled([startEmbeddedPostgres(folder), startEmbeddedPostgres(folder)]);
		expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
		for (const each of both) {
			if (each.status === "fulfilled") await each.value.stop();
			else expect(each.reason).toMatchObject({ code: "folder_in_use" });
		}
	}, 30_000);

	it("may have a process id in it that is another program's by now", async () => {
		const folder = join(root, "reused-id");
		const { child, server, kept } = await startWriter(folder);
		await kill(child);
		process.kill(server, "SIGKILL");
		while (isAlive(server)) await pause(10);
		const path = join(folder, "data/postmaster.pid");
		const [, ...rest] = readFileSync(path, "utf8").split("\n");
		writeFileSync(path, [process.ppid, ...rest].join("\n"));
		const next = await startEmbeddedPostgres(folder);
		expect((await keptRows(next.url)).count).toBeGreaterThanOrEqual(kept());
		await next.stop();
	}, 30_000);

	it("may have a path that is too long for a socket", async () => {
		const folder = join(root, "long-".repeat(20));
		const server = await startEmbeddedPostgres(folder);
		await expect(attachEmbeddedPostgres(folder)).resolves.toEqual({ url: server.url });
		await server.stop();
	}, 30_000);

	it.runIf(isRoot)("that the server's user cannot reach is refused with what to do", async () => {
		const shut = join(root, "shut");
		mkdirSync(shut, { mode: 0o700 });
		await expect(startEmbeddedPostgres(join(shut, "data"))).rejects.toMatchObject({
			code: "database_unavailable",
			message: expect.stringContaining(shut),
			hint: expect.stringContaining(`chmod o+x ${shut}`),
		});
	});

	it("that is a file, or below one, is refused", async () => {
		const path = join(root, "file");
		writeFileSync(path, "");
		for (const folder of [path, join(path, "data")])
			await expect(startEmbeddedPostgres(folder)).rejects.toMatchObject({
				code: "database_unavailable",
				hint: expect.stringContaining("--data"),
			});
	});

	it("on a full disk says so, and works once there is room", async (context) => {
		const disk = join(root, "disk");
		mkdirSync(disk);
		try {
			execFileSync("mount", ["-t", "tmpfs", "-o", "size=200m,mode=755", "tmpfs", disk], { stdio: "ignore" });
		} catch {
			context.skip("no file system can be mounted here");
		}
		try {
			const folder = join(disk, "data");
			for (const free of [1, 90, 110]) {
				writeFileSync(join(disk, "filler"), Buffer.alloc((200 - free) * 1024 * 1024 - 100_000));
				const outcome = await startEmbeddedPostgres(folder).catch((error: unknown) => error);
				rmSync(join(disk, "filler"));
				if (outcome instanceof Error) {
					expect(outcome).toMatchObject({
						code: "database_unavailable",
						message: expect.stringContaining("The disk is full"),
					});
				} else await (outcome as Awaited<ReturnType<typeof startEmbeddedPostgres>>).stop();
			}
			const server = await startEmbeddedPostgres(folder);
			await server.stop();
		} finally {
			execFileSync("umount", [disk]);
		}
	}, 60_000);
});
