import { generateKeyPairSync } from "node:crypto";
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	truncateSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { currentSnapshot } from "../advisories/database/snapshots.ts";
import { digestOf } from "../image-documents/digest-of.ts";
import { importOf, makeDatabase } from "./exchange-fixture.ts";
import { type ExportProgress, type ExportRequest, exportDatabase } from "./export-database.ts";
import { importDatabase } from "./import-database.ts";

const root = mkdtempSync(join(tmpdir(), "plimsoll-export-"));
afterAll(() => rmSync(root, { recursive: true }));
let folders = 0;
const fresh = (): string => {
	const path = join(root, String(folders++));
	mkdirSync(path);
	return path;
};

function exportOf(to: string, dir: string, over: Partial<ExportRequest> = {}): ExportRequest {
	return {
		to,
		dir,
		choice: "auto",
		signFile: null,
		registry: () => {
			throw new Error("no network in this test");
		},
		signal: new AbortController().signal,
		onProgress: () => undefined,
		...over,
	};
}

/** The files of an archive, by path, read by the header's own numbers. */
function filesIn(archive: Buffer): Map<string, Buffer> {
	const found = new Map<string, Buffer>();
	for (let at = 0; archive[at] !== 0; ) {
		const name = archive.toString("latin1", at, at + 100).replace(/\0.*/s, "");
		const size = Number.parseInt(archive.toString("latin1", at + 124, at + 135), 8);
		found.set(name, archive.subarray(at + 512, at + 512 + size));
		at += 512 + Math.ceil(size / 512) * 512;
	}
	return found;
}

const jsonOf = (bytes: Buffer | undefined) => JSON.parse(String(bytes));

describe("an export to a file", () => {
	it("is an OCI layout of one artifact, whose blob is the snapshot", async () => {
		const dir = fresh();
		const made = await makeDatabase(dir, { records: 2000 });
		const file = join(fresh(), "advisories.tar");
		const events: ExportProgress[] = [];
		const onProgress = (event: ExportProgress) => events.push(event);
		const result = await exportDatabase(exportOf(`oci-archive:${file}:2026-11`, dir, { onProgress }));
		expect(result).toMatchObject({ isSigned: false, snapshot: { digest: made.digest, source: "own" } });
		const files = filesIn(readFileSync(file));
		expect(jsonOf(files.get("oci-layout"))).toEqual({ imageLayoutVersion: "1.0.0" });
		const [listed, ...others] = jsonOf(files.get("index.json")).manifests;
		expect(others).toEqual([]);
		expect(listed).toMatchObject({
			digest: result.digest,
			annotations: { "org.opencontainers.image.ref.name": "2026-11" },
		});
		for (const [path, bytes] of files)
			if (path.startsWith("blobs/")) expect(`blobs/${digestOf(bytes).replace(":", "/")}`).toBe(path);
		const manifest = jsonOf(files.get(`blobs/${result.digest.replace(":", "/")}`));
		expect(manifest).toMatchObject({
			artifactType: "application/vnd.plimsoll.advisories.v1",
			config: { mediaType: "application/vnd.oci.empty.v1+json" },
			annotations: {
				"org.opencontainers.image.created": "2026-11-20T00:00:00.000Z",
				"vnd.plimsoll.advisories.snapshot": made.digest,
			},
		});
		const layer = files.get(`blobs/${manifest.layers[0].digest.replace(":", "/")}`) ?? Buffer.alloc(0);
		expect(digestOf(zstdDecompressSync(layer))).toBe(made.digest);
		expect(events.filter(({ type }) => type === "packing").at(-1)).toMatchObject({ done: made.size, total: made.size });
		expect(events.at(-1)).toEqual({ type: "writing", done: result.size, total: result.size });
	});

	it("has the same bytes each time, and takes the place of what was there", async () => {
		const dir = fresh();
		await makeDatabase(dir, { records: 2000 });
		const [one, two] = [join(fresh(), "one.tar"), join(fresh(), "two.tar")];
		writeFileSync(two, "x".repeat(1_000_000));
		await exportDatabase(exportOf(`oci-archive:${one}`, dir));
		await exportDatabase(exportOf(`oci-archive:${two}`, dir));
		expect(readFileSync(one).equals(readFileSync(two))).toBe(true);
	});

	it.each([["own"], ["trivy-db"]] as const)("of %s comes back as it was", async (source) => {
		const dir = fresh();
		await makeDatabase(dir, { source: "own", records: 7 });
		await makeDatabase(dir, { source: "trivy-db", records: 9 });
		const file = join(fresh(), "advisories.tar");
		const exported = await exportDatabase(exportOf(`oci-archive:${file}`, dir, { choice: source }));
		const there = fresh();
		for (const from of [file, `oci-archive:${file}`, `oci-archive:${file}:latest`, `${file}@${exported.digest}`]) {
			const imported = await importDatabase(importOf(from, there, { digest: exported.digest }));
			expect(imported).toMatchObject({ source, digest: exported.snapshot.digest, from: exported.digest });
		}
	});

	it("can be signed, which an import then asks for", async () => {
		const dir = fresh();
		await makeDatabase(dir);
		const { publicKey, privateKey } = generateKeyPairSync("ed25519");
		const [keyFile, signFile] = [join(fresh(), "key.pub"), join(fresh(), "key.pem")];
		writeFileSync(keyFile, publicKey.export({ type: "spki", format: "pem" }));
		writeFileSync(signFile, privateKey.export({ type: "pkcs8", format: "pem" }));
		const file = join(fresh(), "advisories.tar");
		expect(await exportDatabase(exportOf(`oci-archive:${file}`, dir, { signFile }))).toMatchObject({ isSigned: true });
		expect(await importDatabase(importOf(file, fresh(), { keyFile }))).toMatchObject({ isSigned: true });
		const other = join(fresh(), "other.pub");
		writeFileSync(other, generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }));
		await expect(importDatabase(importOf(file, fresh(), { keyFile: other }))).rejects.toMatchObject({
			code: "advisories_unsigned",
		});
	});

	it("whose archive lost its end is refused by an import", async () => {
		const dir = fresh();
		await makeDatabase(dir, { records: 2000 });
		const file = join(fresh(), "advisories.tar");
		await exportDatabase(exportOf(`oci-archive:${file}`, dir));
		truncateSync(file, 20_000);
		await expect(importDatabase(importOf(`oci-archive:${file}`, fresh()))).rejects.toMatchObject({
			code: "image_malformed",
		});
	});
});

describe("an export that fails leaves nothing behind", () => {
	it("when the snapshot is damaged", async () => {
		const dir = fresh();
		await makeDatabase(dir);
		const { path } = currentSnapshot(dir);
		const bytes = readFileSync(path);
		bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
		writeFileSync(path, bytes);
		const to = fresh();
		await expect(exportDatabase(exportOf(`oci-archive:${to}/x.tar`, dir))).rejects.toMatchObject({
			code: "advisories_malformed",
			message: expect.stringContaining("is not what its name says"),
		});
		expect(readdirSync(to)).toEqual([]);
	});

	it("when it cannot be written, or is stopped", async () => {
		const dir = fresh();
		await makeDatabase(dir);
		const to = fresh();
		const missing = join(to, "missing", "x.tar");
		await expect(exportDatabase(exportOf(`oci-archive:${missing}`, dir))).rejects.toMatchObject({
			code: "target_unwritable",
		});
		mkdirSync(join(to, "folder.tar"));
		await expect(exportDatabase(exportOf(`oci-archive:${to}/folder.tar`, dir))).rejects.toMatchObject({
			code: "target_unwritable",
		});
		const stop = new AbortController();
		const onProgress = ({ type }: ExportProgress) => {
			if (type === "writing") stop.abort();
		};
		const stopped = exportOf(`oci-archive:${to}/x.tar`, dir, { signal: stop.signal, onProgress });
		await expect(exportDatabase(stopped)).rejects.toMatchObject({ code: "aborted" });
		expect(readdirSync(to)).toEqual(["folder.tar"]);
	});

	it.each([
		["advisories.tar", /written as oci-archive:FILE/],
		["/srv/advisories", /written as oci-archive:FILE/],
		["oci-layout:folder", /written as oci-archive:FILE/],
		["oci-archive:/x.tar:no tag", /is no tag/],
		[`registry.example/x@sha256:${"0".repeat(64)}`, /digest comes from the content/],
		["UPPER/case", /not a repository name/],
	])("when the target is %s", async (to, words) => {
		const dir = fresh();
		await makeDatabase(dir);
		await expect(exportDatabase(exportOf(to, dir))).rejects.toMatchObject({
			code: "reference_malformed",
			message: expect.stringMatching(words),
		});
	});

	it("when there is nothing to export", async () => {
		const to = join(fresh(), "x.tar");
		await expect(exportDatabase(exportOf(`oci-archive:${to}`, fresh()))).rejects.toMatchObject({
			code: "advisories_missing",
		});
		expect(existsSync(to)).toBe(false);
	});
});
