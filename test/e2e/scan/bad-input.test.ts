/**
 * Bad input through the real command line: one clear line, the right exit code, and never a word of "nothing found"
 * for what was not looked at. Exit codes: DESIGN §6, docs/errors.md.
 */

import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildStarterDatabase } from "#demo";
import {
	buildImage,
	buildTar,
	file,
	type ImageInput,
	layoutFiles,
	sha256Of,
	tarEntries,
	tarHeader,
	writeFiles,
} from "#engine/testing";
import { type Ended, runPlimsoll } from "../support/plimsoll.ts";
import { gzipBomb, tenMillionEntries, writeLayout } from "./hostile-layers.ts";

let home: string;

beforeAll(async () => {
	home = await mkdtemp(join(tmpdir(), "plimsoll-bad-"));
	await buildStarterDatabase(join(home, "bucket"), join(home, "db"), "full");
	const monthAgo = () => new Date(Date.now() - 30 * 86_400_000);
	await buildStarterDatabase(join(home, "bucket"), join(home, "old-db"), "full", monthAgo);
});

afterAll(() => rm(home, { recursive: true }));

const debian = [
	file("etc/os-release", 'ID=debian\nVERSION_ID="12"\n'),
	file(
		"var/lib/dpkg/status",
		"Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2.36-9+deb12u10\n",
	),
];
/** Makes a layer the largest blob of its image. */
const bulk = file("bulk", randomBytes(8192));
const package_ = file("srv/node_modules/left-pad/package.json", '{"name":"left-pad","version":"1.3.0"}');

function scan(target: string, ...flags: readonly string[]): Promise<Ended> {
	return runPlimsoll(["scan", target, "--db", "db", "--quiet", "--no-cache", ...flags], home);
}

/** Writes an image and scans it. */
async function scanImage(name: string, input: ImageInput, ...flags: readonly string[]): Promise<Ended> {
	await writeFiles(join(home, name), layoutFiles([{ image: buildImage(input) }]));
	return scan(`oci-layout:${name}`, ...flags);
}

/** The image's largest blob in the layout. */
function layerBlob(name: string): string {
	const blobs = join(home, name, "blobs", "sha256");
	const paths = readdirSync(blobs).map((file) => join(blobs, file));
	const [largest] = paths.sort((a, b) => statSync(b).size - statSync(a).size);
	if (largest === undefined) throw new Error("the layout has no blobs");
	return largest;
}

function expectOneLine({ code, stdout, stderr }: Ended, exit: number, words: RegExp): void {
	expect(stderr).toMatch(words);
	expect(stderr.trimEnd().split("\n")).toHaveLength(1);
	expect(stderr).toMatch(/^plimsoll: /);
	expect({ code, stderr }).toMatchObject({ code: exit });
	expectNoAllClear(stdout);
}

/** The report is there, says `partial` loudly, and why. */
function expectPartial({ code, stdout, stderr }: Ended, words: RegExp): void {
	expect({ code, stderr }).toMatchObject({ code: 0 });
	expect(stdout).toMatch(/^PARTIAL/m);
	expect(stdout.replaceAll(/\s+/g, " ")).toMatch(words);
	expect(stderr).toMatch(/^plimsoll: the scan is partial: /);
	expectNoAllClear(stdout);
}

function expectNoAllClear(stdout: string): void {
	expect(stdout).not.toMatch(/\b(?:0|no|no known) vulnerabilities|\b0 findings|^COMPLETE/im);
}

describe("what stops a scan", () => {
	it("a target that is no reference", async () => expectOneLine(await scan("Bad/Name:tag"), 2, /lower case/));
	it("a path that is not there", async () => expectOneLine(await scan("./nowhere.tar"), 3, /no file or folder/));
	it("a file that is no image", async () => {
		await writeFile(join(home, "text.tar"), "hello");
		expectOneLine(await scan("text.tar"), 2, /neither a docker-save archive nor an OCI image archive/);
	});
	it("no advisory database", async () => {
		const ended = await runPlimsoll(["scan", "oci-layout:absent", "--db", "nothing-here", "--quiet"], home);
		expect(ended.code).not.toBe(0);
		await writeFiles(join(home, "fine"), layoutFiles([{ image: buildImage({ layers: [{ tar: debian }] }) }]));
		const run = await runPlimsoll(["scan", "oci-layout:fine", "--db", "nothing-here", "--quiet"], home);
		expectOneLine(run, 4, /plimsoll db update/);
	});
	it("a platform that the image does not have", async () => {
		const input = { layers: [{ tar: debian }] };
		expectOneLine(await scanImage("amd", input, "--platform", "linux/s390x"), 3, /linux\/s390x.*linux\/amd64/);
	});
	it("a truncated blob", async () => {
		await scanImage("short", { layers: [{ tar: [...debian, bulk] }] });
		const blob = layerBlob("short");
		await truncate(blob, statSync(blob).size - 10);
		expectOneLine(await scan("oci-layout:short"), 3, /broke off after \d+ of \d+ bytes/);
	});
	it("a blob that is not what its digest says", async () => {
		await scanImage("swapped", { layers: [{ tar: [...debian, bulk] }] });
		const blob = layerBlob("swapped");
		const bytes = readFileSync(blob);
		bytes[bytes.length - 9] = (bytes[bytes.length - 9] ?? 0) ^ 1;
		await writeFile(blob, bytes);
		expectOneLine(await scan("oci-layout:swapped"), 3, /not what the manifest promises/);
	});
	it("corrupt gzip in the only layer: there is nothing to report on", async () => {
		const corrupt = Buffer.concat([gzipSync(buildTar(debian)).subarray(0, 12), Buffer.alloc(200, 0xff)]);
		await writeLayout(join(home, "corrupt"), [corrupt]);
		const ended = await scan("oci-layout:corrupt");
		expectOneLine(ended, 3, /the scan of .* failed/);
		expect(ended.stdout).toMatch(/^FAILED/m);
	});
});

describe("what makes a report partial", () => {
	it("corrupt gzip in one of two layers", async () => {
		const image = buildImage({ layers: [{ tar: debian }, { tar: [package_] }] });
		const broken = Buffer.concat([(image.layers[1]?.bytes ?? Buffer.alloc(0)).subarray(0, 15), Buffer.alloc(99, 0xff)]);
		const files = layoutFiles([{ image: replaceLayer(image, broken) }]);
		await writeFiles(join(home, "half"), files);
		expectPartial(await scan("oci-layout:half"), /layer_unreadable/);
	});
	it("a header that claims 2^40 bytes", async () => {
		const tar = Buffer.concat([tarEntries(debian), tarHeader({ path: "huge", size: 2 ** 40 }), Buffer.alloc(4096)]);
		expectPartial(await scanImage("huge", { layers: [{ tar }] }), /layer_truncated/);
	});
	it("a path that leaves the root", async () => {
		const escape = file("../../etc/passwd", "root::0:0::/:/bin/sh\n");
		expectPartial(await scanImage("escape", { layers: [{ tar: [...debian, escape] }] }), /path_outside_root/);
	});
	it("ten million entries", { timeout: 120_000 }, async () => {
		await writeLayout(join(home, "many"), tenMillionEntries());
		expectPartial(await scan("oci-layout:many"), /layer_limit/);
	});
	it("a gzip bomb", { timeout: 120_000 }, async () => {
		await writeLayout(join(home, "bomb"), gzipBomb());
		expectPartial(await scan("oci-layout:bomb"), /layer_limit/);
	});
	it("no known operating system and no package", async () => {
		const ended = await scanImage("bare", { layers: [{ tar: [file("bin/tool", "binary", 0o755)] }] });
		expectPartial(ended, /os_unknown/);
	});
	it("an operating system that is not supported", async () => {
		const arch = file("etc/os-release", 'ID=arch\nPRETTY_NAME="Arch Linux"\n');
		const bash = file("var/lib/pacman/local/bash-5.2.037-1/desc", "%NAME%\nbash\n");
		expectPartial(await scanImage("arch", { layers: [{ tar: [arch, bash] }] }), /Arch Linux is not supported yet/);
	});
	it("an operating system that is not supported, with packages that are read", async () => {
		const kali = file("etc/os-release", 'ID=kali\nVERSION_ID="2026.3"\nPRETTY_NAME="Kali GNU/Linux Rolling"\n');
		expectPartial(
			await scanImage("kali", { layers: [{ tar: [kali, debian[1] ?? kali] }] }),
			/os_unsupported.*was not judged/,
		);
	});
	it("a database without advisories for the release", async () => {
		const release = file("etc/os-release", 'ID=debian\nVERSION_ID="99"\n');
		expectPartial(
			await scanImage("future", { layers: [{ tar: [release, debian[1] ?? release] }] }),
			/advisories_missing/,
		);
	});
	it("a stale database", async () => {
		await writeFiles(join(home, "plain"), layoutFiles([{ image: buildImage({ layers: [{ tar: debian }] }) }]));
		const ended = await runPlimsoll(["scan", "oci-layout:plain", "--db", "old-db", "--quiet", "--no-cache"], home);
		expectPartial(ended, /30 days old/);
	});
	it("and then a gate does not pass", async () => {
		const ended = await scanImage(
			"gated",
			{ layers: [{ tar: [file("bin/tool", "", 0o755)] }] },
			"--fail-on",
			"critical",
		);
		expect(ended).toMatchObject({ code: 1 });
		expect(ended.stderr).toMatch(/partial/);
	});
});

function replaceLayer(image: ReturnType<typeof buildImage>, bytes: Buffer): ReturnType<typeof buildImage> {
	const last = image.layers.at(-1);
	if (!last) throw new Error("the image has no layer");
	const digest = sha256Of(bytes);
	const text = (image.blobs.get(image.manifest.digest) ?? Buffer.alloc(0)).toString();
	const manifest = Buffer.from(
		text.replace(last.descriptor.digest, digest).replace(`"size":${last.descriptor.size}`, `"size":${bytes.length}`),
	);
	const blobs = new Map([...image.blobs, [digest, bytes], [sha256Of(manifest), manifest]] as const);
	return { ...image, manifest: { ...image.manifest, digest: sha256Of(manifest), size: manifest.length }, blobs };
}
