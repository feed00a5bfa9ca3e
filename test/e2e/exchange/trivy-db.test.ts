/** Trivy's database as it is published: the pack's db.tar.gz, as a file and as an artifact in a real registry. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Report } from "#model";
import { targetOf, testdata } from "../../quality/testdata.ts";
import { missingProgram, type RunningRegistry, startRegistry } from "../support/docker-registry.ts";
import { runPlimsoll } from "../support/plimsoll.ts";

const run = promisify(execFile);
const archive = join(testdata, "trivy-db", "db.tar.gz");
const missing =
	missingProgram("docker-registry", "skopeo") ??
	(existsSync(archive) ? null : "no test data at PLIMSOLL_TESTDATA or ../shared/testdata");
const because = missing === null ? "" : ` (skipped: ${missing})`;

describe.skipIf(missing !== null)(`trivy-db${because}`, () => {
	let home: string;
	let registry: RunningRegistry;
	/** Of the artifact's manifest. */
	let digest: string;

	beforeAll(async () => {
		home = await mkdtemp(join(tmpdir(), "plimsoll-trivy-db-"));
		registry = await startRegistry();
		digest = await writeArtifact(join(home, "layout"), archive);
		const target = `docker://${registry.host}/aquasecurity/trivy-db:2`;
		await run("skopeo", ["--insecure-policy", "copy", "--dest-tls-verify=false", "oci:layout:2", target], {
			cwd: home,
		});
	});
	afterAll(async () => {
		await registry?.stop();
		await rm(home, { recursive: true, force: true });
	});

	async function succeed(...args: readonly string[]): Promise<string> {
		const { code, stdout, stderr } = await runPlimsoll([...args, "--quiet"], home);
		expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining("internal error") });
		return stdout;
	}

	test("comes from a registry, by tag and pinned to its digest, and answers a scan", async () => {
		const reference = `${registry.host}/aquasecurity/trivy-db:2`;
		const stdout = await succeed("db", "import", reference, "--db", "db", "--digest", digest);
		expect(stdout).toContain("(trivy-db) was imported");
		expect(stdout).toMatch(/ 27469 records, /);
		const scan = ["scan", targetOf("alpine-3.7-dbonly"), "--db", "db", "--format", "json", "--no-cache"];
		for (const source of ["auto", "trivy-db"]) {
			const report = JSON.parse(await succeed(...scan, "--db-source", source)) as Report;
			expect(report.findings.map(({ id }) => id)).toContain("CVE-2019-14697");
		}
		const own = await runPlimsoll([...scan, "--db-source", "own", "--quiet"], home);
		expect(own).toMatchObject({ code: 4, stderr: expect.stringMatching(/db update.*db import/) });
		const old = await runPlimsoll([...scan, "--max-db-age", "0.001", "--quiet"], home);
		expect(old).toMatchObject({ code: 4, stderr: expect.stringContaining("older than the 0.001 days") });
	}, 60_000);

	test("comes from a file as it does from a registry, and goes on as an artifact of our own", async () => {
		const file = `sha256:${createHash("sha256")
			.update(await readFile(archive))
			.digest("hex")}`;
		await succeed("db", "import", archive, "--db", "from-file", "--digest", file);
		await succeed("db", "export", "oci-archive:own.tar", "--db", "from-file");
		await succeed("db", "import", "own.tar", "--db", "again");
		const status = async (db: string) => (await runPlimsoll(["db", "status", "--db", db, "--verify"], home)).stdout;
		const facts = (text: string) => text.split("\n").filter((line) => /^(?:digest|built|check) /.test(line));
		expect(facts(await status("again"))).toEqual(facts(await status("from-file")));
	}, 60_000);
});

/** Lays the archive out as trivy-db's artifact; gives the manifest's digest. */
async function writeArtifact(folder: string, layer: string): Promise<string> {
	const blobs = join(folder, "blobs", "sha256");
	await mkdir(blobs, { recursive: true });
	const hashOf = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");
	const bytes = await readFile(layer);
	await copyFile(layer, join(blobs, hashOf(bytes)));
	await writeFile(join(blobs, hashOf("{}")), "{}");
	const type = "application/vnd.oci.image.manifest.v1+json";
	const descriptor = (mediaType: string, content: Uint8Array | string) => ({
		mediaType,
		digest: `sha256:${hashOf(content)}`,
		size: content.length,
	});
	const title = { "org.opencontainers.image.title": "db.tar.gz" };
	const manifest = JSON.stringify({
		schemaVersion: 2,
		mediaType: type,
		config: descriptor("application/vnd.aquasec.trivy.config.v1+json", "{}"),
		layers: [{ ...descriptor("application/vnd.aquasec.trivy.db.layer.v1.tar+gzip", bytes), annotations: title }],
	});
	await writeFile(join(blobs, hashOf(manifest)), manifest);
	const annotations = { "org.opencontainers.image.ref.name": "2" };
	const index = { schemaVersion: 2, manifests: [{ ...descriptor(type, manifest), annotations }] };
	await writeFile(join(folder, "index.json"), JSON.stringify(index));
	await writeFile(join(folder, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
	return `sha256:${hashOf(manifest)}`;
}
