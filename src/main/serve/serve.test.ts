import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDataFolder } from "./data-folder.ts";
import { makeAdministrator, makeSamples } from "./first-start.ts";
import { checkAddress, isLoopback } from "./listening.ts";
import { makeLog, shortLine } from "./log.ts";
import { readSecretKeys } from "./secret-keys.ts";
import { readServeSettings } from "./settings.ts";

let root = "";
beforeAll(() => {
	root = mkdtempSync(join(tmpdir(), "plimsoll-serve-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const request = { roles: ["all"], listen: null, data: null } as const;

describe("settings", () => {
	it("have defaults, and flags win over the environment", () => {
		const found = readServeSettings(request, {});
		expect(found).toMatchObject({
			listen: { host: "127.0.0.1", port: 8080 },
			databaseUrl: null,
			allowAddresses: [],
			offline: false,
			secretKey: null,
			logLevel: "info",
		});
		expect([...found.roles]).toEqual(["api", "worker", "scheduler"]);
		const env = { PLIMSOLL_LISTEN: "0.0.0.0:80", PLIMSOLL_DATA: "/srv/a", PLIMSOLL_ALLOW_ADDRESSES: "10.0.0.0/8, ::1" };
		expect(readServeSettings(request, env)).toMatchObject({
			listen: { host: "0.0.0.0", port: 80 },
			data: "/srv/a",
			allowAddresses: ["10.0.0.0/8", "::1"],
		});
		const flags = { roles: ["worker"], listen: "[::1]:9", data: "/srv/b" } as const;
		expect(readServeSettings(flags, env)).toMatchObject({ listen: { host: "::1", port: 9 }, data: "/srv/b" });
	});

	it.each([
		{ PLIMSOLL_LISTEN: "8080" },
		{ PLIMSOLL_LISTEN: "host:99999" },
		{ PLIMSOLL_LISTEN: ":80" },
		{ DATABASE_URL: "mysql://root:hunter2@db/x" },
		{ PLIMSOLL_OFFLINE: "maybe" },
		{ PLIMSOLL_LOG_LEVEL: "loud" },
		{ PLIMSOLL_SECRET_KEY: "a", PLIMSOLL_SECRET_KEY_FILE: "b" },
	])("%j is refused in words that tell no secret", (env) => {
		const refused = () => readServeSettings(request, env);
		expect(refused).toThrow(expect.objectContaining({ code: "usage" }));
		expect(refused).not.toThrow(/hunter2/);
	});
});

describe("the secret key", () => {
	it("is made once, for its owner alone", () => {
		const settings = { data: root, secretKey: null };
		const made = readSecretKeys(settings);
		expect(made.current.bytes).toHaveLength(32);
		expect(readSecretKeys(settings)).toEqual(made);
		expect(statSync(join(root, "secret.key")).mode & 0o777).toBe(0o600);
	});

	it("may be several, the first in use", () => {
		const keys = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
		const text = keys.map((key) => key.toString("base64")).join("\n");
		writeFileSync(join(root, "keys"), `${text}\n`);
		for (const secretKey of [{ file: join(root, "keys") }, { text: text.replace("\n", ",") }]) {
			const { current, older } = readSecretKeys({ data: root, secretKey });
			expect([current, ...older].map(({ bytes }) => bytes)).toEqual(keys);
		}
	});

	it.each([{ text: "c2hvcnQ=" }, { text: " " }, { file: "/nowhere/key" }])("%j is refused", (secretKey) => {
		expect(() => readSecretKeys({ data: root, secretKey })).toThrow(expect.objectContaining({ code: "key_missing" }));
	});
});

describe("the data folder", () => {
	it("is made so that PostgreSQL's user comes through and nobody lists it, whatever the umask", () => {
		const before = process.umask(0o077);
		try {
			expect(statSync(openDataFolder(join(root, "new")).root).mode & 0o777).toBe(0o711);
		} finally {
			process.umask(before);
		}
	});

	it("that cannot be one is refused", () => {
		const refusal = expect.objectContaining({ code: "data_folder_unusable" });
		expect(() => openDataFolder(join(root, "secret.key", "x"))).toThrow(refusal);
	});
});

it("a port in use is told before anything is begun", async () => {
	const other = createServer();
	await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
	const { port } = other.address() as { port: number };
	await expect(checkAddress({ host: "127.0.0.1", port })).rejects.toMatchObject({
		code: "cannot_listen",
		message: expect.stringContaining(`127.0.0.1:${port}`),
	});
	await new Promise((resolve) => other.close(resolve));
	await checkAddress({ host: "127.0.0.1", port });
	expect(["127.0.0.1", "localhost", "::1", "0.0.0.0", "::", "127.0.0.1.example"].map(isLoopback)).toEqual([
		true,
		true,
		true,
		false,
		false,
		false,
	]);
});

describe("the log", () => {
	it("is JSON for programs, without secrets", () => {
		const lines: string[] = [];
		const log = makeLog((text) => void lines.push(text), false, "info");
		log.info({ password: "hunter2", request: { token: "hunter2" } }, "hello");
		log.debug("unheard");
		expect(lines).toHaveLength(1);
		expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: 30, msg: "hello" });
		expect(lines[0]).not.toContain("hunter2");
	});

	it("is short lines on a terminal, which it cannot steer", () => {
		const line = JSON.stringify({ level: 40, time: 0, msg: "a\u001b[31m\nb", registry: "x", ms: 3 });
		expect(shortLine(`${line}\n`)).toBe("00:00:00 warn  a [31m b registry=x ms=3\n");
		const failed = JSON.stringify({ level: 50, time: 0, msg: "m", err: { stack: "Error: x\n    at y" } });
		expect(shortLine(failed)).toBe("00:00:00 error m\nError: x\n    at y\n");
		expect(shortLine("no json\n")).toBe("no json\n");
	});
});

describe("the first start", () => {
	function accessWith(users: string[]) {
		return {
			users: async () => ({ items: users.slice(0, 1) as never[], next: null }),
			ensureAdministrator: async (_name: string, password: string) => {
				if (users.length > 0) return false;
				users.push(password);
				return true;
			},
		};
	}

	it("tells the administrator's password once, and never a default", async () => {
		const users: string[] = [];
		let said = "";
		expect(await makeAdministrator(accessWith(users), (text) => (said += text))).toBe(true);
		const [, told] = /password: {2}(\S+)\n/.exec(said) ?? [];
		expect(told).toHaveLength(20);
		expect(users).toEqual([told]);
		expect(await makeAdministrator(accessWith(users), () => expect.unreachable())).toBe(false);
		const others: string[] = [];
		await makeAdministrator(accessWith(others), () => {});
		expect(others).not.toEqual(users);
	});

	it("of two processes at once, tells which password holds", async () => {
		let said = "";
		const access = { ...accessWith([]), ensureAdministrator: async () => false };
		expect(await makeAdministrator(access, (text) => (said += text))).toBe(false);
		expect(said).toContain("not this one");
	});

	it("gives something to scan and to judge by, once", async () => {
		const folder = openDataFolder(join(root, "samples-here"));
		expect(await makeSamples(folder)).toBe(true);
		expect(await makeSamples(folder)).toBe(false);
		const index = JSON.parse(readFileSync(join(folder.samples, "shop/index.json"), "utf8")) as { manifests: unknown[] };
		expect(index.manifests).toHaveLength(1);
		chmodSync(root, 0o755);
		const cli = join(import.meta.dirname, "../cli.ts");
		const args = [
			cli,
			"scan",
			`oci-layout:${join(folder.samples, "shop")}`,
			"--db",
			folder.advisories,
			"--format",
			"json",
		];
		const report = execFileSync(process.execPath, [...args, "--no-cache", "--quiet"], { encoding: "utf8" });
		expect(JSON.parse(report)).toMatchObject({ kind: "index" });
	}, 30_000);
});
