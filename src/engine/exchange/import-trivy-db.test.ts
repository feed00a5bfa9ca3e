/** Trivy's database in the forms that it comes in, sound and hostile. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { openAdvisories } from "../advisories/database/reader.ts";
import { currentSnapshot } from "../advisories/database/snapshots.ts";
import { boltFile } from "../advisories/trivy-db/bolt-fixture.ts";
import { EngineError } from "../errors.ts";
import { digestOf } from "../image-documents/digest-of.ts";
import { buildTar, file, folder, hardLink, longName, symlink, type TarInput } from "../testing/archives/index.ts";
import { trivyLayer } from "./artifact.ts";
import { folderOf } from "./database-sources.ts";
import { blob, importOf, manifestOf, writeLayout } from "./exchange-fixture.ts";
import { type ImportProgress, type ImportRequest, importDatabase } from "./import-database.ts";

const root = mkdtempSync(join(tmpdir(), "plimsoll-import-trivy-"));
afterAll(() => rmSync(root, { recursive: true }));
let folders = 0;
const fresh = (): string => {
	const path = join(root, String(folders++));
	mkdirSync(path);
	return path;
};

const bolt = boltFile({
	"alpine 3.19": { curl: { "CVE-2024-1": '{"FixedVersion":"8.5-r1"}' } },
	vulnerability: { "CVE-2024-1": '{"Title":"a flaw","Severity":"HIGH"}' },
});
const metadataOf = (updatedAt: string): string => JSON.stringify({ Version: 2, UpdatedAt: updatedAt });
const metadata = metadataOf("2026-11-22T06:00:00Z");
const files = [file("metadata.json", metadata), file("trivy.db", bolt)];

function written(name: string, bytes: Buffer | string): string {
	const path = join(fresh(), name);
	writeFileSync(path, bytes);
	return path;
}

async function artifact(archive: Buffer, mediaType = trivyLayer): Promise<string> {
	const layer = blob(mediaType, archive);
	const path = fresh();
	const config = blob("application/vnd.aquasec.trivy.config.v1+json", "{}");
	await writeLayout(path, [{ manifest: manifestOf({ config, layers: [layer] }), tag: "2" }], [config, layer]);
	return path;
}

async function expectImported(from: string, over: Partial<ImportRequest> = {}): Promise<void> {
	const dir = fresh();
	const events: ImportProgress[] = [];
	const result = await importDatabase(importOf(from, dir, { onProgress: (event) => events.push(event), ...over }));
	expect(result).toMatchObject({ source: "trivy-db", builtAt: "2026-11-22T06:00:00.000Z", records: 1, malformed: 0 });
	expect(events[0]).toEqual({ type: "started", source: "trivy-db" });
	expect(events).toContainEqual(expect.objectContaining({ type: "records" }));
	const store = openAdvisories(folderOf(dir, "trivy-db"));
	expect(store.lookup("Alpine:v3.19", "curl").map(({ advisory }) => advisory.id)).toEqual(["CVE-2024-1"]);
	store.close();
	expect(readdirSync(folderOf(dir, "trivy-db")).sort()).toEqual(["current.json", "snapshots", "update.lock"]);
}

describe("a trivy-db is taken in", () => {
	it("from its folder and its file", async () => {
		const path = fresh();
		writeFileSync(join(path, "trivy.db"), bolt);
		writeFileSync(join(path, "metadata.json"), metadata);
		await expectImported(path);
		await expectImported(join(path, "trivy.db"), { digest: digestOf(bolt) });
	});

	it.each<[string, Buffer]>([
		["db.tar.gz", gzipSync(buildTar(files))],
		["with folders and other files around", gzipSync(buildTar([folder("./"), file("./LICENSE", "x"), ...files]))],
		["whose names begin with ./", gzipSync(buildTar([file("./trivy.db", bolt), file("./metadata.json", metadata)]))],
		["not compressed", buildTar(files)],
		["compressed with zstd", zstdCompressSync(buildTar(files))],
		[
			"of several gzip members",
			Buffer.concat([gzipSync(buildTar(files).subarray(0, 512)), gzipSync(buildTar(files).subarray(512))]),
		],
	])("from its archive: %s", async (_, archive) => {
		await expectImported(written("db.tar.gz", archive), { digest: digestOf(archive) });
	});

	it("from its artifact, in a folder", async () => {
		const path = await artifact(gzipSync(buildTar(files)));
		await expectImported(`oci-layout:${path}`);
		await expectImported(`oci-layout:${path}:2`);
		await expectImported(path);
	});

	it("again, but not when it is older", async () => {
		const dir = fresh();
		const archive = gzipSync(buildTar(files));
		await importDatabase(importOf(written("db.tar.gz", archive), dir));
		await importDatabase(importOf(written("db.tar.gz", archive), dir));
		const older = gzipSync(
			buildTar([file("metadata.json", metadataOf("2026-11-21T06:00:00Z")), file("trivy.db", bolt)]),
		);
		const again = (allowOlder: boolean) => importDatabase(importOf(written("db.tar.gz", older), dir, { allowOlder }));
		await expect(again(false)).rejects.toMatchObject({ code: "advisories_downgrade" });
		expect(await again(true)).toMatchObject({ builtAt: "2026-11-21T06:00:00.000Z" });
	});
});

describe("a trivy-db is refused, and the one that is there stays,", () => {
	async function expectRefused(from: string, code: string, words: RegExp, over: Partial<ImportRequest> = {}) {
		const dir = fresh();
		await importDatabase(importOf(written("db.tar.gz", gzipSync(buildTar(files))), dir));
		const { digest } = currentSnapshot(folderOf(dir, "trivy-db"));
		const error: unknown = await importDatabase(importOf(from, dir, { allowOlder: true, ...over })).catch(
			(thrown: unknown) => thrown,
		);
		expect(error).toBeInstanceOf(EngineError);
		expect(error).toMatchObject({ code, message: expect.stringMatching(words) });
		expect(currentSnapshot(folderOf(dir, "trivy-db")).digest).toBe(digest);
		expect(readdirSync(folderOf(dir, "trivy-db")).sort()).toEqual(["current.json", "snapshots", "update.lock"]);
		expect(existsSync(join(root, "escaped"))).toBe(false);
	}
	const archiveOf = (entries: readonly TarInput[]) => written("db.tar.gz", gzipSync(buildTar(entries)));
	const [meta, db] = files as [TarInput, TarInput];

	it.each<[string, readonly TarInput[], RegExp]>([
		["without trivy.db", [meta], /holds no trivy.db/],
		["without metadata.json", [db], /metadata.json is missing/],
		["with two of them", [meta, db, db], /more than one trivy.db/],
		["with two metadata.json", [meta, file("./metadata.json", metadata), db], /more than one metadata.json/],
		["with a path that leads out", [meta, db, file("../../escaped", "x")], /leads out/],
		["with a symbolic link for trivy.db", [meta, symlink("trivy.db", "/etc/passwd")], /links/],
		["with a symbolic link beside it", [meta, db, symlink("x", "..")], /links/],
		["with a hard link", [meta, db, hardLink("x", "trivy.db")], /links/],
		["with a device", [meta, { path: "trivy.db", type: "3" }], /links/],
		["in a subfolder", [file("db/trivy.db", bolt), file("db/metadata.json", metadata)], /holds no trivy.db/],
		["with whiteouts", [meta, db, file(".wh.x", "")], /layer of an image/],
		["with a huge metadata.json", [file("metadata.json", Buffer.alloc(2 ** 21)), db], /metadata.json is too large/],
		[
			"with thousands of entries",
			[meta, ...Array.from({ length: 2000 }, (_, at) => file(`x${at}`, "")), db],
			/archive/,
		],
		["with an endless name", [meta, longName("x".repeat(20_000)), db], /archive is not sound/],
		["whose bolt file is none", [meta, file("trivy.db", "hello")], /no bbolt file/],
		["of another schema", [file("metadata.json", '{"Version":3}'), db], /version 3/],
		["of the future", [file("metadata.json", metadataOf("2036-01-01T00:00:00Z")), db], /still to come/],
	])("%s", async (_, entries, words) => {
		await expectRefused(archiveOf(entries), "advisories_source_unusable", words);
	});

	it("whose archive is cut short, or ends in rubbish", async () => {
		const archive = gzipSync(buildTar(files));
		const short = written("db.tar.gz", archive.subarray(0, archive.length - 100));
		await expectRefused(short, "advisories_source_unusable", /archive is not sound|metadata/);
		const rubbish = written("db.tar.gz", Buffer.concat([archive, Buffer.from("rubbish")]));
		await expectRefused(rubbish, "advisories_source_unusable", /archive is not sound|neither an advisory database/);
	});

	it("whose archive unpacks without end", async () => {
		const bomb = gzipSync(buildTar([meta, file("trivy.db", Buffer.alloc(400 * 2 ** 20))]));
		expect(bomb.length).toBeLessThan(500_000);
		await expectRefused(written("db.tar.gz", bomb), "advisories_source_unusable", /unpacks to more than 200 times/);
	});

	it("whose layer is not what the manifest says", async () => {
		const path = await artifact(gzipSync(buildTar(files)));
		const blobs = join(path, "blobs", "sha256");
		for (const name of readdirSync(blobs)) {
			const other = gzipSync(buildTar([meta, db, file("x", "")]));
			if (digestOf(gzipSync(buildTar(files))).endsWith(name)) writeFileSync(join(blobs, name), other);
		}
		await expectRefused(path, "digest_mismatch", /not what the manifest promises/);
	});

	it("with another digest than the one that is pinned", async () => {
		const archive = archiveOf(files);
		await expectRefused(archive, "digest_mismatch", /, not sha256:0000/, { digest: `sha256:${"0".repeat(64)}` });
	});

	it.each<[string, () => string | Promise<string>, string, RegExp]>([
		["an empty file", () => written("trivy.db", ""), "advisories_source_unusable", /neither an advisory database/],
		["a text", () => written("trivy.db", "hello"), "advisories_source_unusable", /neither an advisory database/],
		["an empty folder", () => fresh(), "advisories_source_unusable", /neither an OCI layout nor trivy.db/],
		["an archive of something else", () => archiveOf([file("x", "y")]), "advisories_source_unusable", /no trivy.db/],
		[
			"a compressed text",
			() => written("db.tar.gz", gzipSync("hello".repeat(500))),
			"advisories_source_unusable",
			/neither/,
		],
		["a file that is not there", () => join(root, "missing.db"), "target_not_found", /does not exist/],
		["a layout that is not there", () => `oci-layout:${join(root, "missing")}`, "target_not_found", /cannot be opened/],
		[
			"an archive that is not there",
			() => `oci-archive:${join(root, "missing")}`,
			"target_not_found",
			/cannot be opened/,
		],
		["no reference", () => "UPPER/case", "reference_malformed", /not a repository name/],
		[
			"a layout of an image",
			() => artifact(gzipSync("x"), "text/plain"),
			"advisories_source_unusable",
			/artifact of type/,
		],
	])("when it is %s", async (_, make, code, words) => {
		await expectRefused(await make(), code, words);
	});
});
