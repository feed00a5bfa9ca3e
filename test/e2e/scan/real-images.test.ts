/**
 * Real images from a real registry: a Debian that mmdebstrap made, a real Go executable, an index of two platforms,
 * all pushed by skopeo into Debian's docker-registry and scanned by the real command line.
 */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildStarterDatabase } from "#demo";
import { buildImage, buildIndex, file, layoutFiles, sha256Of, writeFiles } from "#engine/testing";
import type { Report } from "#model";
import { missingProgram, type RunningRegistry, startRegistry } from "../support/docker-registry.ts";
import { runPlimsoll } from "../support/plimsoll.ts";

const run = promisify(execFile);
const missing = missingProgram("docker-registry", "skopeo", "mmdebstrap", "dpkg-query");
const because = missing === null ? "" : ` (skipped: ${missing})`;

/** Go programs that are here anyway: Debian's, built without modules, and the TypeScript compiler, built with them. */
const goPrograms: Readonly<Record<string, string>> = {
	"usr/local/bin/registry": "/usr/bin/docker-registry",
	"opt/typescript/tsc": typescriptCompiler(),
};

/** The machine's own Go, where it has one that is no wrapper script. */
const goCommand = (process.env["PATH"] ?? "")
	.split(delimiter)
	.map((folder) => join(folder, "go"))
	.find((path) => existsSync(path) && readFileSync(path).subarray(1, 4).toString() === "ELF");

describe.skipIf(missing !== null)(`real images from a real registry${because}`, () => {
	let home: string;
	let registry: RunningRegistry;

	beforeAll(async () => {
		home = await mkdtemp(join(tmpdir(), "plimsoll-real-"));
		await buildStarterDatabase(join(home, "bucket"), join(home, "db"), "full");
		registry = await startRegistry();
		await pushImages(home, registry.host);
	}, 300_000);

	afterAll(async () => {
		await registry?.stop();
		await rm(home, { recursive: true, force: true });
	});

	async function scan(reference: string, ...flags: readonly string[]): Promise<Report> {
		const args = [
			"scan",
			`${registry.host}/${reference}`,
			"--db",
			"db",
			"--format",
			"json",
			"--list-packages",
			"--quiet",
		];
		const { code, stdout, stderr } = await runPlimsoll([...args, ...flags], home);
		expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
		return JSON.parse(stdout) as Report;
	}

	it("finds the packages of a real Debian, as dpkg itself lists them", async () => {
		const report = await scan("debian:12", "--platform", "linux/amd64");
		await mkdir(join(home, "admin"));
		const member = "./var/lib/dpkg/status";
		await run("tar", ["-xf", join(home, "root.tar"), "-C", join(home, "admin"), "--strip-components=4", member]);
		const format = "${Package} ${Version} ${Architecture} ${source:Package} ${source:Version}\\n";
		const listed = await run("dpkg-query", [`--admindir=${join(home, "admin")}`, "--show", `--showformat=${format}`]);
		const debs = (report.packages ?? []).filter((pkg) => pkg.type === "deb");
		const ours = debs.map((pkg) => [pkg.name, pkg.version, pkg.arch, pkg.source?.name, pkg.source?.version].join(" "));
		expect(ours.length).toBeGreaterThan(60);
		expect(ours.sort()).toEqual(listed.stdout.trimEnd().split("\n").sort());
		expect(report.artifact.os).toMatchObject({ id: "debian" });
		const gaps = report.warnings
			.filter(({ code }) => code !== "advisories_old" && code !== "packages_os_owned")
			.map((warning) => warning.message);
		expect(gaps).toEqual([
			expect.stringMatching(/could not be judged: the advisory database has no records for Go\.$/),
		]);
	});

	it("reads the build information of real Go executables, and says which layer brought them", async () => {
		const report = await scan("debian:12", "--platform", "linux/amd64");
		const modules = (report.packages ?? []).filter((pkg) => pkg.type === "golang");
		const inFile = (path: string) =>
			modules.filter((pkg) => pkg.paths.includes(path)).map((pkg) => `${pkg.name} ${pkg.version}`);
		expect(inFile("usr/local/bin/registry")).toEqual([expect.stringMatching(/^stdlib v1\.\d+\.\d+$/)]);
		const compiler = inFile("opt/typescript/tsc");
		expect(compiler).toContainEqual(expect.stringMatching(/^stdlib v1\.\d+\.\d+$/));
		expect(compiler).toContainEqual(expect.stringMatching(/^golang\.org\/x\/text v\d/));
		expect(compiler).toContainEqual(expect.stringMatching(/^github\.com\/microsoft\/typescript-go /));
		if (goCommand) {
			const { stdout } = await run(goCommand, ["env", "GOVERSION"], { env: { ...process.env, GOTOOLCHAIN: "local" } });
			expect(inFile("usr/local/go/bin/go")).toContain(`stdlib ${stdout.trim().replace(/^go/, "v")}`);
		}
		expect(new Set(modules.map((pkg) => pkg.layer))).toEqual(new Set([1]));
		expect(report.artifact.layers[1]).toMatchObject({ createdBy: "COPY tools /" });
	});

	it("sums an index over its platforms, and counts what they share once beside it", async () => {
		const report = await scan("debian:12");
		expect(report.kind).toBe("index");
		const children = report.manifests ?? [];
		expect(children.map((child) => child.artifact.platform)).toEqual(["linux/amd64", "linux/arm64"]);
		const totals = children.map((child) => child.summary.total);
		expect(Math.min(...totals)).toBeGreaterThan(0);
		expect(report.summary.total).toBe(totals.reduce((sum, total) => sum + total, 0));
		expect(report.unionSummary?.total).toBeLessThan(report.summary.total);
		expect(report.unionSummary?.total).toBeGreaterThanOrEqual(Math.max(...totals));
	});

	it("gives the same report from the layer cache, without pulling a layer again", async () => {
		const cold = await scan("debian:12");
		const second = await scan("debian:12");
		expect({ ...second, createdAt: "", manifests: second.manifests?.map((m) => ({ ...m, createdAt: "" })) }).toEqual({
			...cold,
			createdAt: "",
			manifests: cold.manifests?.map((m) => ({ ...m, createdAt: "" })),
		});
	});

	it("finds the same in the docker-save archive, the OCI archive and the unpacked root filesystem", async () => {
		const reference = `docker://${registry.host}/debian:12`;
		const copy = [
			"--insecure-policy",
			"--override-arch",
			"amd64",
			"copy",
			"--quiet",
			"--src-tls-verify=false",
			reference,
		];
		await run("skopeo", [...copy, `docker-archive:${join(home, "saved.tar")}:debian:12`]);
		await run("skopeo", [...copy, `oci-archive:${join(home, "oci.tar")}:it`]);
		await run("gzip", ["-1", "-k", join(home, "saved.tar")]);
		const expected = namesOf(await scan("debian:12", "--platform", "linux/amd64"));
		for (const target of ["docker-archive:saved.tar", "saved.tar.gz", "oci-archive:oci.tar", "oci.tar"]) {
			const args = ["scan", target, "--db", "db", "--format", "json", "--list-packages", "--quiet"];
			const { stdout } = await runPlimsoll(args, home);
			expect(namesOf(JSON.parse(stdout) as Report), target).toEqual(expected);
		}
		await mkdir(join(home, "rootfs"));
		await run("tar", ["-xf", join(home, "root.tar"), "-C", join(home, "rootfs"), "--exclude=./dev/*"]);
		const args = ["scan", "dir:rootfs", "--db", "db", "--format", "json", "--list-packages", "--quiet"];
		const unpacked = JSON.parse((await runPlimsoll(args, home)).stdout) as Report;
		// What Debian brings: its packages, and its programs (bash, perl), which tell their own versions, too.
		expect(namesOf(unpacked)).toEqual(expected.filter((name) => /^(?:deb|generic) /.test(name)));
	}, 60_000);

	it("tells of a tag and a repository that are not there", async () => {
		for (const reference of ["debian:13", "nothing/here:1"]) {
			const { code, stderr } = await runPlimsoll(
				["scan", `${registry.host}/${reference}`, "--db", "db", "--quiet"],
				home,
			);
			expect(code).toBe(3);
			expect(stderr.trimEnd().split("\n")).toHaveLength(1);
			expect(stderr).toMatch(reference === "debian:13" ? /tag|13/ : /nothing\/here/);
		}
	});
});

/** TypeScript 7 is a Go program, brought by the lock file. */
function typescriptCompiler(): string {
	const manifest = `@typescript/typescript-${process.platform}-${process.arch}/package.json`;
	return join(dirname(createRequire(import.meta.url).resolve(manifest)), "lib", "tsc");
}

function namesOf(report: Report): string[] {
	return (report.packages ?? []).map((pkg) => `${pkg.type} ${pkg.name} ${pkg.version}`).sort();
}

async function pushImages(home: string, host: string): Promise<void> {
	const root = join(home, "root.tar");
	const sources = ["/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list"].find((path) => existsSync(path));
	await run("mmdebstrap", ["--variant=minbase", "--quiet", "bookworm", root, ...(sources ? [sources] : [])], {
		timeout: 240_000,
	});
	const programs = { ...goPrograms, ...(goCommand ? { "usr/local/go/bin/go": goCommand } : {}) };
	const tools = Object.entries(programs).map(([path, program]) => file(path, readFileSync(program), 0o755));
	const amd64 = buildImage({
		layers: [
			{ tar: readFileSync(root), createdBy: "ADD root.tar /" },
			{ tar: tools, createdBy: "COPY tools /" },
			{ tar: [module("minimist", "1.2.5"), module("lodash", "4.17.20")], createdBy: "COPY app /srv" },
		],
	});
	const arm64 = buildImage({
		platform: { os: "linux", architecture: "arm64" },
		layers: [
			{
				tar: [file("etc/os-release", 'ID=debian\nVERSION_ID="12"\n'), module("minimist", "1.2.5")],
				createdBy: "ADD root",
			},
		],
	});
	const index = buildIndex([amd64, arm64]);
	const files = layoutFiles([{ image: amd64 }, { image: arm64 }]);
	files.set(`blobs/sha256/${sha256Of(index.bytes).slice("sha256:".length)}`, index.bytes);
	const annotations = { "org.opencontainers.image.ref.name": "it" };
	const manifests = [{ ...index.descriptor, annotations }];
	files.set("index.json", Buffer.from(JSON.stringify({ schemaVersion: 2, manifests })));
	await writeFiles(join(home, "layout"), files);
	const copy = ["--insecure-policy", "copy", "--all", "--quiet", "--preserve-digests", "--dest-tls-verify=false"];
	await run("skopeo", [...copy, `oci:${join(home, "layout")}:it`, `docker://${host}/debian:12`]);
}

function module(name: string, version: string) {
	return file(`srv/node_modules/${name}/package.json`, JSON.stringify({ name, version }));
}
