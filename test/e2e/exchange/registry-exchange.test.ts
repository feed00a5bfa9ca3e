/** Databases into the Distribution project's registry and out of it, by the real command line; skopeo and openssl judge. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildStarterDatabase } from "#demo";
import { makeAuthority } from "../registry/certificates.ts";
import { startTokenServer, type TokenServer } from "../registry/token-server.ts";
import { missingProgram, type RunningRegistry, startRegistry } from "../support/docker-registry.ts";
import { type Ended, runPlimsoll } from "../support/plimsoll.ts";

const run = promisify(execFile);
const missing = missingProgram("docker-registry", "skopeo", "openssl");
const because = missing === null ? "" : ` (skipped: ${missing})`;

let home: string;

beforeAll(async () => {
	home = await mkdtemp(join(tmpdir(), "plimsoll-exchange-"));
	await buildStarterDatabase(join(home, "bucket"), join(home, "db"), "full");
}, 60_000);
afterAll(() => rm(home, { recursive: true, force: true }));

const plimsoll = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
	runPlimsoll(args.includes("status") ? args : [...args, "--quiet"], home, env);

async function succeed(...args: readonly string[]): Promise<string> {
	const { code, stdout, stderr } = await plimsoll(args);
	expect(stderr).toBe("");
	expect(code).toBe(0);
	return stdout;
}

async function skopeo(...args: readonly string[]): Promise<string> {
	return (await run("skopeo", ["--insecure-policy", ...args], { cwd: home, timeout: 60_000 })).stdout;
}

/** The digest in the first line of what `db export` and `db import` print. */
function digestIn(stdout: string): string {
	return /sha256:[0-9a-f]{64}/.exec(stdout)?.[0] ?? "";
}

const currentIn = async (db: string): Promise<string> =>
	(JSON.parse(await readFile(join(home, db, "current.json"), "utf8")) as { digest: string }).digest;

describe.skipIf(missing !== null)(`an open registry${because}`, () => {
	let registry: RunningRegistry;
	beforeAll(async () => {
		registry = await startRegistry();
	});
	afterAll(() => registry?.stop());
	const at = (rest: string): string => `${registry.host}/${rest}`;

	test("takes a database, and gives it back by tag and by digest", async () => {
		const target = at("plimsoll/advisories:latest");
		const digest = digestIn(await succeed("db", "export", target, "--db", "db"));
		const manifest = await skopeo("inspect", "--raw", "--tls-verify=false", `docker://${target}`);
		expect(`sha256:${createHash("sha256").update(manifest).digest("hex")}`).toBe(digest);
		expect(JSON.parse(manifest)).toMatchObject({ artifactType: "application/vnd.plimsoll.advisories.v1" });

		await succeed("db", "import", target, "--db", "by-tag", "--digest", digest);
		await succeed("db", "import", `${at("plimsoll/advisories")}@${digest}`, "--db", "by-digest");
		expect(await currentIn("by-tag")).toBe(await currentIn("db"));
		expect(await currentIn("by-digest")).toBe(await currentIn("db"));
		expect(await succeed("db", "status", "--db", "by-tag", "--verify")).toContain("sound");
		expect(await succeed("db", "import", target, "--db", "by-tag")).toContain("is this one already");

		const other = await plimsoll(["db", "import", target, "--db", "none", "--digest", `sha256:${"0".repeat(64)}`]);
		expect(other).toMatchObject({
			code: 3,
			stdout: "",
			stderr: expect.stringContaining(`is ${digest}, not sha256:0000`),
		});
	});

	test("is filled and emptied by skopeo, on the way over a gap", async () => {
		const digest = digestIn(await succeed("db", "export", "oci-archive:out.tar:2026-11", "--db", "db"));
		await skopeo(
			"copy",
			"--dest-tls-verify=false",
			"oci-archive:out.tar:2026-11",
			`docker://${at("gap/advisories:1")}`,
		);
		expect(await succeed("db", "import", at("gap/advisories:1"), "--db", "over-gap")).toContain(digest);
		await skopeo("copy", "--src-tls-verify=false", `docker://${at("gap/advisories:1")}`, "oci-archive:back.tar:1");
		await skopeo("copy", "--src-tls-verify=false", `docker://${at("gap/advisories:1")}`, "oci:layout:1");
		for (const source of ["back.tar", "./layout:1"]) {
			const db = `from-${source.replace(/\W/g, "-")}`;
			expect(await succeed("db", "import", source, "--db", db, "--digest", digest)).toContain(source);
			expect(await currentIn(db)).toBe(await currentIn("db"));
		}
	});

	test("keeps a signature beside a database, which is what an import with a key wants", async () => {
		await makeKeys("maker");
		await makeKeys("stranger");
		const target = at("signed/advisories:latest");
		const digest = digestIn(await succeed("db", "export", target, "--db", "db", "--sign", "maker.pem"));
		const tag = `${digest.replace(":", "-")}.sig`;
		await expectOpensslVerifies(at("signed/advisories"), tag, "maker.pub");

		const stdout = await succeed("db", "import", target, "--db", "signed", "--key", "maker.pub");
		expect(stdout).toContain("signed by maker.pub");
		const refused = await plimsoll(["db", "import", target, "--db", "unsigned", "--key", "stranger.pub"]);
		expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining("it was made by another key") });

		// A second one signs the same; the first one's signature stays. Signing again changes nothing.
		await succeed("db", "export", target, "--db", "db", "--sign", "stranger.pem");
		const both = await skopeo("inspect", "--raw", "--tls-verify=false", `docker://${at("signed/advisories")}:${tag}`);
		await succeed("db", "export", target, "--db", "db", "--sign", "stranger.pem");
		expect(await skopeo("inspect", "--raw", "--tls-verify=false", `docker://${at("signed/advisories")}:${tag}`)).toBe(
			both,
		);
		for (const key of ["maker.pub", "stranger.pub"])
			await succeed("db", "import", target, "--db", `signed-${key}`, "--key", key);

		// The signature goes over the gap like any other tag.
		await skopeo("copy", "--src-tls-verify=false", `docker://${target}`, "oci:signed-layout:latest");
		await skopeo(
			"copy",
			"--src-tls-verify=false",
			`docker://${at("signed/advisories")}:${tag}`,
			`oci:signed-layout:${tag}`,
		);
		await succeed("db", "import", "oci-layout:signed-layout", "--db", "signed-gap", "--key", "maker.pub");
	});

	test("and a proxy before it that refuses large requests", async () => {
		await makeLargeDatabase("db", "large");
		const proxy = await startLimitingProxy(registry.host, 17 * 2 ** 20);
		try {
			const target = `${proxy.host}/large/advisories:latest`;
			const digest = digestIn(await succeed("db", "export", target, "--db", "large"));
			expect(proxy.refused()).toBeGreaterThan(0);
			expect(proxy.patched()).toBeGreaterThan(1);
			await succeed("db", "import", at("large/advisories:latest"), "--db", "large-copy", "--digest", digest);
			expect(await currentIn("large-copy")).toBe(await currentIn("large"));
		} finally {
			proxy.stop();
		}
	}, 60_000);

	test("says what is not there, and what is no database", async () => {
		expect(await plimsoll(["db", "import", at("nobody/advisories:1"), "--db", "none"])).toMatchObject({
			code: 3,
			stderr: expect.stringMatching(/has no tag 1|has no repository/),
		});
		await writeFile(join(home, "text"), "hello");
		expect(await plimsoll(["db", "import", "text", "--db", "none"])).toMatchObject({
			code: 4,
			stderr: expect.stringContaining("neither an advisory database nor an archive of one"),
		});
	});
});

describe.skipIf(missing !== null)(`registries that want a log-in${because}`, () => {
	/** bcrypt of "throw-away"; the password opens nothing but this test's registry. */
	const line = "tester:$2b$05$bS8qKzTRmcDSK.oWFLvvtuu5w3b/vjrfMSTi7tLB3GJ9cvTjfBC/i";
	const user = { username: "tester", password: "throw-away", refreshToken: "refresh-this" };
	let tokens: TokenServer;
	let registries: Readonly<Record<"password" | "token", RunningRegistry>>;
	beforeAll(async () => {
		const authority = await makeAuthority(home);
		const [certificate, key] = await Promise.all([
			readFile(authority.certificate, "utf8"),
			readFile(authority.key, "utf8"),
		]);
		const names = { issuer: "the test", service: "registry of the test" };
		tokens = await startTokenServer({ certificate, key, ...names, ...user });
		const { realm } = tokens;
		registries = {
			password: await startRegistry({ auth: { kind: "htpasswd", lines: [line] } }),
			token: await startRegistry({ auth: { kind: "token", realm, ...names, rootCertificates: authority.certificate } }),
		};
	});
	afterAll(async () => {
		await registries?.password.stop();
		await registries?.token.stop();
		await tokens?.stop();
	});

	test.each([["password"], ["token"]] as const)("take a database from who has the %s", async (kind) => {
		const { host } = registries[kind];
		const target = `${host}/plimsoll/advisories:latest`;
		const auth = Buffer.from(`${user.username}:${user.password}`).toString("base64");
		await mkdir(join(home, kind), { recursive: true });
		await writeFile(join(home, kind, "config.json"), JSON.stringify({ auths: { [host]: { auth } } }));
		const env = { DOCKER_CONFIG: join(home, kind) };
		const exported = await plimsoll(["db", "export", target, "--db", "db"], env);
		expect(exported).toMatchObject({ code: 0, stderr: "" });
		expect(await plimsoll(["db", "import", target, "--db", `with-${kind}`], env)).toMatchObject({
			code: 0,
			stderr: "",
		});
		expect(await currentIn(`with-${kind}`)).toBe(await currentIn("db"));
		if (kind === "token") expect(tokens.asked).toContain("tester repository:plimsoll/advisories:pull,push");

		const stranger = await plimsoll(["db", "export", target, "--db", "db"]);
		expect(stranger).toMatchObject({ code: 3, stderr: expect.stringMatching(/logged in|refuses/) });
	});
});

async function makeKeys(name: string): Promise<void> {
	const options = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", `${name}.pem`];
	await run("openssl", ["genpkey", ...options], { cwd: home });
	await run("openssl", ["pkey", "-in", `${name}.pem`, "-pubout", "-out", `${name}.pub`], { cwd: home });
}

/** Another program than ours checks the signature, with what skopeo brought. */
async function expectOpensslVerifies(repository: string, tag: string, key: string): Promise<void> {
	await skopeo("copy", "--src-tls-verify=false", `docker://${repository}:${tag}`, "dir:signature");
	const manifest = JSON.parse(await readFile(join(home, "signature", "manifest.json"), "utf8")) as {
		layers: { digest: string; annotations: Record<string, string> }[];
	};
	const [layer] = manifest.layers;
	const signature = Buffer.from(layer?.annotations["dev.cosignproject.cosign/signature"] ?? "", "base64");
	await writeFile(join(home, "signature.bin"), signature);
	const payload = join("signature", (layer?.digest ?? "").replace("sha256:", ""));
	const checking = ["dgst", "-sha256", "-verify", key, "-signature", "signature.bin", payload];
	expect((await run("openssl", checking, { cwd: home })).stdout).toContain("Verified OK");
}

/** A copy of a database with 40 MB more in it, which compress to half. */
async function makeLargeDatabase(from: string, to: string): Promise<void> {
	const name = (await currentIn(from)).replace("sha256:", "");
	const building = join(home, to, "building.sqlite");
	await mkdir(join(home, to, "snapshots"), { recursive: true });
	await writeFile(building, await readFile(join(home, from, "snapshots", `${name}.sqlite`)));
	const database = new DatabaseSync(building);
	database.exec("PRAGMA synchronous = OFF");
	for (let at = 0; at < 40; at++) database.exec(`INSERT INTO meta VALUES ('padding-${at}', hex(randomblob(500000)))`);
	database.close();
	const digest = createHash("sha256")
		.update(await readFile(building))
		.digest("hex");
	await rename(building, join(home, to, "snapshots", `${digest}.sqlite`));
	await writeFile(join(home, to, "current.json"), JSON.stringify({ digest: `sha256:${digest}` }));
}

/** Passes everything on but requests with larger bodies, as nginx with client_max_body_size does. */
async function startLimitingProxy(upstream: string, most: number) {
	let refused = 0;
	let patched = 0;
	const [hostname, port] = upstream.split(":");
	const server: Server = createServer((request, response) => {
		if (Number(request.headers["content-length"] ?? 0) > most) {
			refused += 1;
			response.writeHead(413, { connection: "close" }).end("<html>413 Request Entity Too Large</html>");
			return;
		}
		if (request.method === "PATCH") patched += 1;
		const { method, url, headers } = request;
		const passed = httpRequest({ hostname, port, method, path: url, headers }, (answer) => {
			response.writeHead(answer.statusCode ?? 502, answer.headers);
			answer.pipe(response);
		});
		passed.on("error", () => response.destroy());
		request.pipe(passed);
	});
	await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
	return {
		host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
		refused: () => refused,
		patched: () => patched,
		stop: () => {
			server.closeAllConnections();
			server.close();
		},
	};
}
