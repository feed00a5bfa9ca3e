/** Artifacts of our own form, sound and wrong in every way, from a layout in a folder. */
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openAdvisories } from "../advisories/database/reader.ts";
import { currentSnapshot } from "../advisories/database/snapshots.ts";
import { EngineError } from "../errors.ts";
import { artifactType, type SnapshotFacts, snapshotLayer } from "./artifact.ts";
import { findDatabase, folderOf } from "./database-sources.ts";
import {
	type Blob,
	blob,
	importOf,
	type LayoutEntry,
	makeDatabase,
	manifestOf,
	snapshotManifest,
	writeLayout,
} from "./exchange-fixture.ts";
import { type ImportRequest, type ImportResult, importDatabase } from "./import-database.ts";
import { signatureAnnotation, signatureTag, simpleSigningLayer, simpleSigningPayload } from "./signature.ts";
import { readSigningKey } from "./signing-keys.ts";

const root = mkdtempSync(join(tmpdir(), "plimsoll-import-"));
afterAll(() => rmSync(root, { recursive: true }));
let folders = 0;
const fresh = (): string => {
	const path = join(root, String(folders++));
	mkdirSync(path);
	return path;
};

/** A sound snapshot, of 2026-11-20. */
let sound: Buffer;
beforeAll(async () => {
	sound = readFileSync((await makeDatabase(fresh())).path);
});

async function layoutOf(entries: readonly LayoutEntry[], blobs: readonly Blob[]): Promise<string> {
	const folder = fresh();
	await writeLayout(folder, entries, blobs);
	return `oci-layout:${folder}`;
}

async function importing(
	snapshot: Buffer,
	facts: Partial<SnapshotFacts> = {},
	over: Partial<ImportRequest> = {},
	dir = fresh(),
): Promise<ImportResult> {
	const { manifest, layer } = snapshotManifest(snapshot, facts);
	return importDatabase(importOf(await layoutOf([{ manifest }], [layer]), dir, over));
}

/** Refused with that code and those words, and the database of 2026-11-10 that was there before stays. */
async function expectRefused(work: (dir: string) => Promise<unknown>, code: string, words: RegExp): Promise<void> {
	const dir = fresh();
	const before = await makeDatabase(dir, { builtAt: "2026-11-10T00:00:00.000Z" });
	const error: unknown = await work(dir).catch((thrown: unknown) => thrown);
	expect(error).toBeInstanceOf(EngineError);
	expect(error).toMatchObject({ code, message: expect.stringMatching(words) });
	expect((error as EngineError).message).not.toContain("building-");
	expect(currentSnapshot(dir).digest).toBe(before.digest);
	expect(readdirSync(dir).filter((name) => name.startsWith("building-"))).toEqual([]);
}

describe("a snapshot", () => {
	it("becomes the current one, and says where it came from", async () => {
		const { manifest, layer } = snapshotManifest(sound);
		const dir = fresh();
		const from = await layoutOf([{ manifest, tag: "latest" }], [layer]);
		const result = await importDatabase(importOf(from, dir, { digest: manifest.descriptor.digest }));
		expect(result).toMatchObject({
			source: "own",
			from: manifest.descriptor.digest,
			builtAt: "2026-11-20T00:00:00.000Z",
			records: 3,
			size: sound.length,
			isSigned: false,
			unchanged: false,
		});
		const store = openAdvisories(dir);
		expect(store.snapshot.digest).toBe(result.digest);
		expect(store.lookup("npm", "package-1")).toHaveLength(1);
		store.close();
		expect(await importDatabase(importOf(from, dir))).toMatchObject({ unchanged: true, records: 3 });
	});

	it("is not fetched again when it is here already", async () => {
		const dir = fresh();
		await importing(sound, {}, {}, dir);
		const { manifest } = snapshotManifest(sound);
		expect(await importDatabase(importOf(await layoutOf([{ manifest }], []), dir))).toMatchObject({ unchanged: true });
	});

	it("that was made from a trivy-db goes where those go", async () => {
		const dir = fresh();
		const { path } = await makeDatabase(fresh(), { source: "trivy-db" });
		await importing(readFileSync(path), { source: "trivy-db" }, {}, dir);
		expect(findDatabase(dir, "auto")).toEqual({ source: "trivy-db", folder: join(dir, "trivy-db") });
	});

	it("may also come as the bare file", async () => {
		const dir = fresh();
		const file = join(fresh(), "advisories.sqlite");
		writeFileSync(file, sound);
		expect(await importDatabase(importOf(file, dir))).toMatchObject({ source: "own", records: 3 });
		writeFileSync(file, sound.subarray(0, sound.length - 4096));
		await expectRefused((at) => importDatabase(importOf(file, at)), "advisories_malformed", /damaged|cannot read/);
	});

	it("takes the place of one that is broken", async () => {
		const dir = fresh();
		await makeDatabase(dir, { builtAt: "2026-11-22T00:00:00.000Z" });
		writeFileSync(currentSnapshot(dir).path, "broken");
		expect(await importing(sound, {}, {}, dir)).toMatchObject({ unchanged: false });
	});
});

describe("a snapshot's age", () => {
	const older = { builtAt: "2026-11-20T00:00:00.000Z" };

	it("must not be greater than that of the one in use, unless this is wanted", async () => {
		const dir = fresh();
		const newer = await makeDatabase(dir, { builtAt: "2026-11-21T00:00:00.000Z" });
		await expect(importing(sound, older, {}, dir)).rejects.toMatchObject({
			code: "advisories_downgrade",
			message: expect.stringMatching(/built 2026-11-20.*in use 2026-11-21/),
		});
		expect(currentSnapshot(dir).digest).toBe(newer.digest);
		await importing(sound, older, { allowOlder: true }, dir);
		expect(currentSnapshot(dir).digest).not.toBe(newer.digest);
	});

	it("is not believed when it is in the future", async () => {
		const { path } = await makeDatabase(fresh(), { builtAt: "2036-01-01T00:00:00.000Z" });
		const facts = { builtAt: "2036-01-01T00:00:00.000Z" };
		await expectRefused(
			(dir) => importing(readFileSync(path), facts, { allowOlder: true }, dir),
			"advisories_source_unusable",
			/2036-01-01, which is still to come/,
		);
	});

	it("does not count beside the starter set, which does not take the place of a full one", async () => {
		const dir = fresh();
		await makeDatabase(dir, { builtAt: "2026-11-23T00:00:00.000Z", kind: "starter" });
		expect(await importing(sound, {}, {}, dir)).toMatchObject({ kind: "full" });
		const { path } = await makeDatabase(fresh(), { builtAt: "2026-11-23T00:00:00.000Z", kind: "starter" });
		const facts = { builtAt: "2026-11-23T00:00:00.000Z", kind: "starter" } as const;
		await expectRefused((at) => importing(readFileSync(path), facts, {}, at), "advisories_downgrade", /made set/);
	});
});

describe("an artifact is refused", () => {
	const from = async (manifest: Blob, ...blobs: Blob[]) => layoutOf([{ manifest }], blobs);
	const expectNone = (make: () => Promise<string>, code: string, words: RegExp, over: Partial<ImportRequest> = {}) =>
		expectRefused(async (dir) => importDatabase(importOf(await make(), dir, over)), code, words);
	const soundLayer = (): Blob => blob(snapshotLayer, zstdCompressSync(sound));

	it("with another digest than the one that is pinned", async () => {
		const { manifest, layer } = snapshotManifest(sound);
		const digest = `sha256:${"0".repeat(64)}` as const;
		await expectNone(() => from(manifest, layer), "digest_mismatch", /is sha256:.*, not sha256:0000/, { digest });
	});

	it("whose manifest was changed", async () => {
		const { manifest, layer } = snapshotManifest(sound);
		const changed = { ...manifest, bytes: Buffer.from(`${manifest.bytes.toString()} `) };
		await expectNone(() => from(changed, layer), "digest_mismatch", /not what its reference promises/);
	});

	it.each<[string, () => Blob, RegExp]>([
		[
			"of another type",
			() => manifestOf({ artifactType: "application/x", layers: [soundLayer()] }),
			/type application\/x/,
		],
		[
			"with another layer",
			() => manifestOf({ artifactType, layers: [blob("text/plain", "x")] }),
			/of type text\/plain/,
		],
		["with two layers", () => manifestOf({ artifactType, layers: [soundLayer(), soundLayer()] }), /2 layers/],
		["without a layer", () => manifestOf({ artifactType, layers: [] }), /0 layers/],
		["without annotations", () => manifestOf({ artifactType, layers: [soundLayer()] }), /annotation .*snapshot/],
		[
			"of a newer form",
			() => manifestOf({ artifactType: "application/vnd.plimsoll.advisories.v2", layers: [soundLayer()] }),
			/another version of Plimsoll/,
		],
		["of other tables", () => snapshotManifest(sound, { schema: 99 }).manifest, /version 99, .*reads version/],
		[
			"that is an index",
			() => blob("application/vnd.oci.image.index.v1+json", { schemaVersion: 2, manifests: [] }),
			/index/,
		],
		["that is no JSON", () => blob("application/vnd.oci.image.manifest.v1+json", "{"), /malformed/],
		[
			"that is an image",
			() => manifestOf({ layers: [blob("application/vnd.oci.image.layer.v1.tar", "x")] }),
			/artifact of type/,
		],
		[
			"that is Trivy's index of Java packages",
			() => manifestOf({ layers: [blob("application/vnd.aquasec.trivy.javadb.layer.v1.tar+gzip", "x")] }),
			/Java/,
		],
	])("%s", async (_, make, words) => {
		await expectNone(() => from(make(), soundLayer()), "advisories_source_unusable", words);
	});

	it("whose layer is cut short", async () => {
		const { manifest, layer } = snapshotManifest(sound);
		const short = { ...layer, bytes: layer.bytes.subarray(0, -10) };
		await expectNone(() => from(manifest, short), "blob_truncated", /cut short/);
	});

	it("whose layer was changed", async () => {
		const { manifest, layer } = snapshotManifest(sound);
		const changed = Buffer.from(layer.bytes);
		changed[changed.length - 20] = (changed[changed.length - 20] ?? 0) ^ 1;
		await expectNone(
			() => from(manifest, { ...layer, bytes: changed }),
			"digest_mismatch",
			/is damaged or was changed/,
		);
		const longer = Buffer.concat([layer.bytes, Buffer.alloc(10)]);
		await expectNone(() => from(manifest, { ...layer, bytes: longer }), "digest_mismatch", /is damaged or was changed/);
	});

	it("whose layer is no zstd", async () => {
		const { manifest, layer } = snapshotManifest(sound, {}, blob(snapshotLayer, "no zstd at all"));
		await expectNone(() => from(manifest, layer), "advisories_source_unusable", /no sound zstd stream/);
	});

	it("whose snapshot is another one than it says", async () => {
		const { manifest, layer } = snapshotManifest(sound, { digest: `sha256:${"1".repeat(64)}` });
		await expectNone(() => from(manifest, layer), "digest_mismatch", /the snapshot in it is not sha256:1111/);
	});

	it("that unpacks to more than it says: a decompression bomb", async () => {
		const bomb = zstdCompressSync(Buffer.alloc(300 * 2 ** 20));
		expect(bomb.length).toBeLessThan(100_000);
		const { manifest, layer } = snapshotManifest(sound, {}, blob(snapshotLayer, bomb));
		await expectNone(() => from(manifest, layer), "advisories_source_unusable", /larger than the \d+ bytes/);
	});

	it.each<[string, Partial<SnapshotFacts>]>([
		["date", { builtAt: "2026-11-19T00:00:00.000Z" }],
		["kind", { kind: "starter" }],
		["source", { source: "trivy-db" }],
	])("whose annotations tell another %s than the snapshot", async (_, facts) => {
		await expectRefused(
			(dir) => importing(sound, facts, { allowOlder: true }, dir),
			"advisories_source_unusable",
			/annotations say other things/,
		);
	});

	it.each<[string, string, RegExp]>([
		["is of another program", "PRAGMA application_id = 1", /it is not a Plimsoll advisory database/],
		["is of another version", "PRAGMA user_version = 99", /schema is version 99/],
		[
			"has a view in place of a table",
			"DROP TABLE products; CREATE VIEW products AS SELECT 1 AS cpe",
			/tables .* are not/,
		],
		["has a trigger", "CREATE TRIGGER t AFTER INSERT ON meta BEGIN DELETE FROM meta; END", /tables .* are not/],
		["has no facts", "DELETE FROM meta", /table of facts is incomplete/],
	])("whose snapshot %s", async (_, sql, words) => {
		const file = join(fresh(), "changed.sqlite");
		writeFileSync(file, sound);
		const database = new DatabaseSync(file);
		database.exec(sql);
		database.close();
		await expectRefused((dir) => importing(readFileSync(file), {}, {}, dir), "advisories_malformed", words);
	});

	it.each<[string, (bytes: Buffer) => Buffer]>([
		["is no SQLite file", () => Buffer.from("hello ".repeat(1000))],
		["is empty", () => Buffer.alloc(1)],
		["is cut short", (bytes) => bytes.subarray(0, bytes.length - 8192)],
		[
			"has damaged pages",
			(bytes) => Buffer.concat([bytes.subarray(0, 8192), Buffer.alloc(8192, 0xff), bytes.subarray(16_384)]),
		],
	])("whose snapshot %s", async (_, change) => {
		await expectRefused((dir) => importing(change(Buffer.from(sound)), {}, {}, dir), "advisories_malformed", /./);
	});
});

describe("which of a layout's manifests is meant", () => {
	it("is asked when there are several, and told by tag or digest", async () => {
		const one = snapshotManifest(sound);
		const { path } = await makeDatabase(fresh(), { builtAt: "2026-11-22T00:00:00.000Z", records: 5 });
		const two = snapshotManifest(readFileSync(path), { builtAt: "2026-11-22T00:00:00.000Z" });
		const entries = [
			{ manifest: one.manifest, tag: "one" },
			{ manifest: two.manifest, tag: "two" },
		];
		const from = await layoutOf(entries, [one.layer, two.layer]);
		await expect(importDatabase(importOf(from, fresh()))).rejects.toThrow(/holds 2 images; which one is meant/);
		expect(await importDatabase(importOf(`${from}:two`, fresh()))).toMatchObject({ records: 5 });
		const byDigest = `${from}@${one.manifest.descriptor.digest}`;
		expect(await importDatabase(importOf(byDigest, fresh()))).toMatchObject({ records: 3 });
	});
});

describe("a signature that is asked for", () => {
	const pem = (key: KeyObject): string => key.export({ type: key.type === "public" ? "spki" : "pkcs8", format: "pem" });
	async function keys() {
		const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
		const [keyFile, signFile] = [join(fresh(), "key.pub"), join(fresh(), "key.pem")];
		writeFileSync(keyFile, pem(publicKey));
		writeFileSync(signFile, pem(privateKey));
		return { keyFile, key: await readSigningKey(signFile) };
	}
	const signatureOf = (payload: Buffer, signature: Buffer): { manifest: Blob; payload: Blob } => {
		const made = blob(simpleSigningLayer, payload);
		const annotations = { [signatureAnnotation]: signature.toString("base64") };
		const layer = { ...made, descriptor: { ...made.descriptor, annotations } };
		return { manifest: manifestOf({ layers: [layer] }), payload: made };
	};
	async function signedLayout(make: (manifest: Blob) => { manifest: Blob; payload: Blob } | null, changed = false) {
		const { manifest, layer } = snapshotManifest(sound);
		const signature = make(manifest);
		const tag = signatureTag(manifest.descriptor.digest);
		const entries = signature ? [{ manifest: signature.manifest, tag }] : [];
		const payload = signature?.payload ?? blob("", "");
		const stored = changed ? { ...payload, bytes: Buffer.from(`${payload.bytes.toString()}\n`) } : payload;
		return layoutOf([{ manifest, tag: "latest" }, ...entries], [layer, stored]);
	}

	it("lets the import pass, whatever white space is in its payload", async () => {
		const { keyFile, key } = await keys();
		const from = await signedLayout(({ descriptor }) => {
			const json: unknown = JSON.parse(simpleSigningPayload("x/y", descriptor.digest).toString());
			const payload = Buffer.from(`${JSON.stringify(json, null, 8)}\n`);
			return signatureOf(payload, key.sign(payload));
		});
		expect(await importDatabase(importOf(from, fresh(), { keyFile }))).toMatchObject({ isSigned: true });
	});

	it("that is not there, or is not by this key, or not of this manifest, refuses it", async () => {
		const { keyFile, key } = await keys();
		const stranger = await keys();
		const expectNone = async (from: string, words: RegExp) =>
			expectRefused((dir) => importDatabase(importOf(from, dir, { keyFile })), "advisories_unsigned", words);
		await expectNone(await signedLayout(() => null), /carries no signature of sha256:[0-9a-f]{64}\.$/);
		await expectNone(
			await signedLayout(({ descriptor }) => {
				const payload = simpleSigningPayload("", descriptor.digest);
				return signatureOf(payload, stranger.key.sign(payload));
			}),
			/made by another key/,
		);
		await expectNone(
			await signedLayout(() => {
				const payload = simpleSigningPayload("", `sha256:${"0".repeat(64)}`);
				return signatureOf(payload, key.sign(payload));
			}),
			/of another manifest/,
		);
		await expectNone(
			await signedLayout(({ descriptor }) => {
				const payload = simpleSigningPayload("", descriptor.digest);
				return signatureOf(payload, key.sign(payload));
			}, true),
			/it is damaged/,
		);
	});

	it("cannot be on a plain file", async () => {
		const { keyFile } = await keys();
		const file = join(fresh(), "advisories.sqlite");
		writeFileSync(file, sound);
		await expectRefused((dir) => importDatabase(importOf(file, dir, { keyFile })), "advisories_unsigned", /plain file/);
	});
});

describe("an import that is stopped, or finds another at work", () => {
	it("leaves the database as it was", async () => {
		const stop = new AbortController();
		const onProgress = () => stop.abort();
		await expectRefused((dir) => importing(sound, {}, { signal: stop.signal, onProgress }, dir), "aborted", /stopped/);
	});

	it("says what is in its way", async () => {
		const dir = fresh();
		const { lockForUpdate } = await import("../advisories/database/lock.ts");
		const lock = await lockForUpdate(dir);
		await expect(importing(sound, {}, {}, dir)).rejects.toMatchObject({ code: "advisories_busy" });
		lock.release();
		const file = join(fresh(), "file");
		writeFileSync(file, "");
		await expect(importing(sound, {}, {}, file)).rejects.toMatchObject({ code: "advisories_unwritable" });
	});
});

describe("the database that a choice means", () => {
	it("is our own, else trivy-db's, else there is none", async () => {
		const dir = fresh();
		for (const choice of ["auto", "own", "trivy-db"] as const)
			expect(() => findDatabase(dir, choice)).toThrow(/There is no advisory database/);
		await makeDatabase(dir, { source: "trivy-db" });
		expect(findDatabase(dir, "auto").source).toBe("trivy-db");
		expect(() => findDatabase(dir, "own")).toThrow(/made from the feeds/);
		await makeDatabase(dir);
		expect(findDatabase(dir, "auto").source).toBe("own");
		expect(findDatabase(dir, "trivy-db").folder).toBe(folderOf(dir, "trivy-db"));
	});

	it("that is damaged is not passed over", async () => {
		const dir = fresh();
		await makeDatabase(dir, { source: "trivy-db" });
		writeFileSync(join(dir, "current.json"), "{");
		expect(findDatabase(dir, "auto").source).toBe("own");
	});

	it("that is missing can be had in two ways", () => {
		const error = (() => {
			try {
				return findDatabase(fresh(), "auto");
			} catch (thrown) {
				return thrown;
			}
		})();
		expect(error).toMatchObject({ code: "advisories_missing", hint: expect.stringMatching(/db update.*db import/) });
	});
});
