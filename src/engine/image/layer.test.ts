import { createHash } from "node:crypto";
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Descriptor, Digest } from "#model";
import { EngineError } from "../errors.ts";
import {
	buildTar,
	describeBlob,
	file,
	folder,
	hardLink,
	pax,
	sha256Of,
	symlink,
	type TarInput,
	tarEntries,
	tarHeader,
} from "../testing/archives/index.ts";
import { type LayerOptions, type LayerRead, readLayer } from "./layer.ts";
import { defaultLimits, type Limits } from "./limits.ts";

interface Reading extends LayerRead {
	/** Wanted files whose sinks were ended, by path. */
	readonly files: Readonly<Record<string, string>>;
	/** Chunks of the blob that were pulled. */
	readonly pulled: number;
}

interface ReadOptions {
	readonly limits?: Partial<Limits>;
	readonly descriptor?: Descriptor;
	readonly step?: number;
	readonly wantsLink?: LayerOptions["wantsLink"];
	readonly signal?: AbortSignal;
}

async function read(bytes: Buffer, options: ReadOptions = {}): Promise<Reading> {
	const files: Record<string, string> = {};
	let pulled = 0;
	async function* body() {
		const step = options.step ?? 64 * 1024;
		for (let at = 0; at < bytes.length; at += step) {
			pulled++;
			yield new Uint8Array(bytes.subarray(at, at + step));
		}
	}
	const result = await readLayer(
		options.descriptor ?? describeBlob("application/vnd.oci.image.layer.v1.tar+gzip", bytes),
		body(),
		({ path }) => {
			const gathered: Buffer[] = [];
			return {
				write: (chunk) => gathered.push(Buffer.from(chunk)),
				end: () => {
					files[path] = Buffer.concat(gathered).toString("latin1");
				},
			};
		},
		{
			limits: { ...defaultLimits, ...options.limits },
			signal: options.signal ?? new AbortController().signal,
			...(options.wantsLink ? { wantsLink: options.wantsLink } : {}),
		},
	);
	return { ...result, files, pulled };
}

const inputs: TarInput[] = [
	folder("etc"),
	file("etc/os-release", "ID=alpine\n"),
	file("/./usr//bin/x", "x".repeat(3000)),
];
const tar = buildTar(inputs);
const files = { "etc/os-release": "ID=alpine\n", "usr/bin/x": "x".repeat(3000) };
const skippable = Buffer.from([0x53, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]);
const zstd = (bytes: Buffer) => zstdCompressSync(bytes);

/** Bytes that do not compress, the same in every run. */
function noise(length: number): Buffer {
	const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, i) => createHash("sha256").update(`${i}`).digest());
	return Buffer.concat(blocks).subarray(0, length);
}

const codes = ({ warnings }: LayerRead) => warnings.map(({ code }) => code);

describe("compression", () => {
	const half = 2500;
	test.each([
		["none", tar],
		["gzip", gzipSync(tar)],
		["gzip in several members", Buffer.concat([gzipSync(tar.subarray(0, half)), gzipSync(tar.subarray(half))])],
		["gzip with zero padding", Buffer.concat([gzipSync(tar), Buffer.alloc(700)])],
		["gzip with a member of nothing", Buffer.concat([gzipSync(Buffer.alloc(0)), gzipSync(tar)])],
		["zstd", zstd(tar)],
		["zstd in several frames", Buffer.concat([zstd(tar.subarray(0, half)), zstd(tar.subarray(half))])],
		[
			"zstd with skippable frames",
			Buffer.concat([skippable, zstd(tar.subarray(0, half)), skippable, zstd(tar.subarray(half)), skippable]),
		],
		["zstd with zero padding", Buffer.concat([zstd(tar), Buffer.alloc(100)])],
	])("%s is told by the bytes", async (_, bytes) => {
		for (const step of [1, 1000, 1 << 20]) {
			const result = await read(bytes, { step });
			expect(result).toMatchObject({
				files,
				complete: true,
				digestVerified: true,
				diffId: sha256Of(tar),
				bytes: tar.length,
				entries: 3,
				warnings: [],
			});
		}
	});

	test("zstd with the largest window (--long=27) gives the right bytes", async () => {
		const big = noise(3_000_000);
		const long = buildTar([file("a", big), file("b", Buffer.alloc(70_000_000)), file("c", big)]);
		const bytes = zstdCompressSync(long, {
			params: { [constants.ZSTD_c_windowLog]: 27, [constants.ZSTD_c_enableLongDistanceMatching]: 1 },
		});
		// The repeat lies 70 MB back: only a window of 2^27 finds it.
		expect(bytes.length).toBeLessThan(4_000_000);
		expect(await read(bytes)).toMatchObject({ complete: true, diffId: sha256Of(long) });
	});

	test("gzip of the multi-member kind of eStargz, a member a file, reads whole", async () => {
		const many = Array.from({ length: 300 }, (_, i) => file(`f${i}`, `${i}`));
		const bytes = Buffer.concat([...many.map((one) => gzipSync(tarEntries([one]))), gzipSync(Buffer.alloc(1024))]);
		expect(await read(bytes)).toMatchObject({ entries: 300, complete: true });
	});

	test.each([
		["bzip2", Buffer.from("BZh91AY&SY")],
		["xz", Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4])],
	])("%s is not read, and says so", async (name, head) => {
		const bytes = Buffer.concat([head, noise(100_000)]);
		const result = await read(bytes, { step: 1000 });
		expect(result).toMatchObject({ complete: false, digestVerified: false, diffId: null, entries: 0, pulled: 1 });
		expect(codes(result)).toEqual(["layer_type_unsupported"]);
		expect(result.warnings[0]?.message).toContain(name);
	});

	test("an empty blob is an empty layer", async () => {
		expect(await read(Buffer.alloc(0))).toMatchObject({
			complete: true,
			entries: 0,
			diffId: sha256Of(Buffer.alloc(0)),
		});
		expect(await read(gzipSync(Buffer.alloc(1024)))).toMatchObject({ complete: true, entries: 0 });
	});
});

describe("verification", () => {
	const bytes = gzipSync(tar);
	const good = describeBlob("layer", bytes);

	test.each(["none", "gzip", "broken"])("another digest is an error (%s)", async (kind) => {
		const body = kind === "none" ? tar : kind === "gzip" ? bytes : bytes.subarray(0, 60);
		const descriptor = { ...good, size: body.length, digest: `sha256:${"0".repeat(64)}` as Digest };
		await expect(read(body, { descriptor })).rejects.toMatchObject({ code: "digest_mismatch" });
	});

	test("a longer blob is an error, found before the rest is pulled", async () => {
		const long = Buffer.concat([bytes, noise(1_000_000)]);
		await expect(read(long, { descriptor: good, step: 100 })).rejects.toMatchObject({ code: "digest_mismatch" });
	});

	test("a shorter blob is an error, not a warning", async () => {
		for (const cut of [0, 1, 50, bytes.length - 1]) {
			await expect(read(bytes.subarray(0, cut), { descriptor: good })).rejects.toMatchObject({
				code: "blob_truncated",
			});
		}
	});

	test("bytes behind the archive's end are verified too", async () => {
		const padded = Buffer.concat([tar, noise(5000)]);
		expect(await read(padded)).toMatchObject({ complete: true, diffId: sha256Of(padded), entries: 3 });
		const changed = Buffer.concat([tar, Buffer.alloc(5000)]);
		await expect(read(changed, { descriptor: describeBlob("layer", padded) })).rejects.toMatchObject({
			code: "digest_mismatch",
		});
	});

	test("the digest may be that of the uncompressed bytes", async () => {
		const descriptor = { ...good, digest: sha256Of(tar) };
		expect(await read(bytes, { descriptor })).toMatchObject({ digestVerified: true, files });
	});

	test("sha512 digests are checked as such, and the diffID stays sha256", async () => {
		for (const body of [bytes, tar]) {
			const digest: Digest = `sha512:${createHash("sha512").update(body).digest("hex")}`;
			const descriptor = { mediaType: "layer", size: body.length, digest };
			expect(await read(body, { descriptor })).toMatchObject({ digestVerified: true, diffId: sha256Of(tar) });
			await expect(
				read(body, { descriptor: { ...descriptor, digest: `sha512:${"0".repeat(128)}` } }),
			).rejects.toMatchObject({ code: "digest_mismatch" });
		}
	});

	test("an error of the body, the visitor or a sink comes through", async () => {
		const signal = new AbortController().signal;
		const options = { limits: defaultLimits, signal };
		for (const blob of [bytes, tar]) {
			const descriptor = describeBlob("layer", blob);
			async function* whole() {
				yield blob;
			}
			async function* broken() {
				yield blob.subarray(0, 10);
				throw new Error("connection lost");
			}
			const failing = () => {
				throw new Error("visitor failed");
			};
			await expect(readLayer(descriptor, broken(), () => null, options)).rejects.toThrow("connection lost");
			await expect(readLayer(descriptor, whole(), failing, options)).rejects.toThrow("visitor failed");
			await expect(readLayer(descriptor, whole(), () => ({ write: failing, end: failing }), options)).rejects.toThrow(
				"visitor failed",
			);
		}
	});
});

describe("what a layer hides", () => {
	test("is told by whiteouts, opaque folders and links", async () => {
		const result = await read(
			buildTar([
				file("etc/.wh.passwd", ""),
				file("etc/.wh.passwd", ""),
				file("srv/.wh..wh..opq", ""),
				file(".wh..wh..opq", ""),
				file(".wh..wh.plnk/1", ""),
				file("wheel-0.42.0.dist-info/METADATA", "m"),
				symlink("lib", "usr/lib"),
				symlink("bin", "usr/bin"),
				{ path: "pipe", type: "6" },
				folder("bin"),
				file("etc/.wh..", ""),
			]),
		);
		expect(result).toMatchObject({
			whiteouts: ["etc/passwd"],
			opaqueDirs: ["srv", ""],
			symlinks: [
				{ path: "lib", target: "usr/lib" },
				{ path: "pipe", target: "" },
			],
			files: { "wheel-0.42.0.dist-info/METADATA": "m" },
			complete: true,
		});
		expect(codes(result)).toEqual(["entry_malformed"]);
	});

	test("hard links are told where they are wanted, the last of a path", async () => {
		const links = [
			hardLink("bin/a", "/bin/busybox", 0o755),
			hardLink("bin/a", "bin/toybox", 0o755),
			hardLink("bin/b", "../../x"),
			hardLink("doc", "other"),
			hardLink("bin/c", "bin/busybox"),
			file("bin/c", ""),
		];
		const result = await read(buildTar(links), { wantsLink: (path) => path.startsWith("bin/") });
		expect(result.links).toEqual([{ path: "bin/a", target: "bin/toybox", mode: 0o755 }]);
		expect(codes(result)).toEqual(["path_outside_root"]);
		expect((await read(buildTar(links))).links).toEqual([]);
	});
});

describe("a file that is replaced after a hard link to it", () => {
	const wantsLink = (path: string) => path.endsWith("/package.json");
	const link = hardLink("a/package.json", "blob");

	test("keeps its earlier content under the link's name, which is told", async () => {
		const { warnings } = await read(buildTar([file("blob", "old"), link, file("blob", "new")]), { wantsLink });
		expect(warnings).toMatchObject([{ code: "entry_malformed", path: "blob" }]);
	});

	test.each([
		["replaced before the link", [file("blob", "old"), file("blob", "new"), link]],
		["a folder named twice", [folder("blob"), link, folder("blob")]],
		["linked to by a name that nobody wants", [file("blob", "old"), hardLink("b", "blob"), file("blob", "new")]],
	])("is no matter when it is %s", async (_, entries) => {
		expect((await read(buildTar(entries), { wantsLink })).warnings).toEqual([]);
	});
});

describe("hostile names", () => {
	test("that lead out of the image are skipped with a warning", async () => {
		const result = await read(
			buildTar([file("../../etc/passwd", "bad"), file("a/../../b", "bad"), file("ok", "good"), symlink("../x", "y")]),
		);
		expect(result.files).toEqual({ ok: "good" });
		expect(codes(result)).toEqual(["path_outside_root", "path_outside_root", "path_outside_root"]);
		expect(result.warnings[0]).toMatchObject({ path: "../../etc/passwd" });
		expect(result.complete).toBe(true);
	});

	test("that are too long, stand for the root or hold NUL bytes are skipped with a warning", async () => {
		const result = await read(
			buildTar([
				pax({ path: "x/".repeat(3000) }),
				file("short", "bad"),
				file("./", "bad"),
				pax({ path: "a\0b" }),
				file("c", "good"),
			]),
		);
		expect(result.files).toEqual({ c: "good" });
		expect(codes(result)).toEqual(["entry_malformed", "entry_malformed", "entry_malformed"]);
	});

	test("in great number are counted, not listed", async () => {
		const many = Array.from({ length: 250 }, (_, i) => file(`../${i}`, ""));
		const { warnings } = await read(buildTar(many));
		expect(warnings).toHaveLength(101);
		expect(warnings.at(-1)?.message).toContain("150 more");
	});

	test("of sparse files: a wanted one is not passed on", async () => {
		const sparse = Buffer.concat([
			tarHeader({ path: "s", type: "S", format: "gnu", size: 512 }),
			Buffer.alloc(512, "x"),
		]);
		const result = await read(Buffer.concat([sparse, buildTar([file("a", "b")])]));
		expect(result.files).toEqual({ a: "b" });
		expect(result.warnings).toMatchObject([{ code: "entry_malformed", path: "s" }]);
	});
});

describe("broken content with the right digest", () => {
	const random = buildTar([file("first", "1"), file("second", noise(400_000)), file("third", "3")]);

	test.each([
		["text", Buffer.from("<html>not found</html>".repeat(100))],
		["gzip of text", gzipSync(Buffer.from("hello".repeat(1000)))],
		["a gzip head only", Buffer.from([0x1f, 0x8b, 8, 0, 9, 9, 9, 9, 9, 9, 9])],
		["a zstd head only", Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 9, 9, 9])],
		["two bytes of gzip", Buffer.from([0x1f, 0x8b])],
		["one byte", Buffer.from("x")],
		["noise", noise(100_000)],
	])("is unreadable: %s", async (_, bytes) => {
		const result = await read(bytes);
		expect(result).toMatchObject({ complete: false, digestVerified: true, entries: 0, files: {} });
		expect(codes(result)).toEqual(["layer_unreadable"]);
	});

	test.each([
		["a cut tar", random.subarray(0, 200_000)],
		["a cut gzip", gzipSync(random).subarray(0, 200_000)],
		["a cut zstd", zstd(random).subarray(0, 200_000)],
		["gzip with bytes changed", Buffer.from(gzipSync(random)).fill(0xff, 300_000, 300_100)],
		["gzip of a cut tar", gzipSync(random.subarray(0, 200_000))],
	])("is read as far as it goes: %s", async (_, bytes) => {
		const result = await read(bytes);
		expect(result).toMatchObject({ complete: false, digestVerified: true, files: { first: "1" } });
		expect(codes(result)).toEqual(["layer_truncated"]);
		expect(Object.keys(result.files)).not.toContain("third");
	});

	test("gives the same result however the network cuts it", async () => {
		const bytes = Buffer.from(gzipSync(random)).fill(0xff, 300_000, 300_100);
		const { pulled: _, ...whole } = await read(bytes);
		for (const step of [1000, 16_384, 1 << 20]) expect(await read(bytes, { step })).toMatchObject(whole);
	});

	test("mutated layers never throw anything else than an error of the engine, and never hang", async () => {
		const seeds = [
			gzipSync(tar),
			zstd(tar),
			tar,
			Buffer.concat([gzipSync(tar.subarray(0, 1500)), gzipSync(tar.subarray(1500))]),
		];
		const change = fc.record({ at: fc.nat(), byte: fc.nat(255) });
		await fc.assert(
			fc.asyncProperty(
				fc.constantFrom(...seeds),
				fc.array(change, { minLength: 1, maxLength: 6 }),
				async (seed, changes) => {
					const bytes = Buffer.from(seed);
					for (const { at, byte } of changes) bytes[at % bytes.length] = byte;
					const { complete, warnings } = await read(bytes, { step: 700 });
					if (!complete) expect(warnings.length).toBeGreaterThan(0);
					const given = { descriptor: describeBlob("layer", seed) };
					const error = await read(bytes, given).then(
						() => null,
						(thrown: unknown) => thrown,
					);
					if (!bytes.equals(seed)) expect(error).toBeInstanceOf(EngineError);
				},
			),
			{ numRuns: 150 },
		);
	});
});

describe("limits", () => {
	const bomb = gzipSync(buildTar([file("first", "1"), file("zeros", Buffer.alloc(50_000_000))]));

	test("on bytes end the reading without pulling the rest", async () => {
		const bytes = Buffer.concat([tarEntries([file("first", "1")]), buildTar([file("big", noise(4_000_000))])]);
		const result = await read(bytes, { limits: { bytes: 100_000 }, step: 10_000 });
		expect(result).toMatchObject({
			complete: false,
			digestVerified: false,
			diffId: null,
			files: { first: "1" },
			pulled: 11,
		});
		expect(codes(result)).toEqual(["layer_limit"]);
	});

	test("on the ratio catch gzip and zstd bombs", async () => {
		for (const bytes of [bomb, zstd(Buffer.alloc(50_000_000))]) {
			const result = await read(bytes, { limits: { ratioFreeBytes: 1_000_000, ratio: 400 } });
			expect(result).toMatchObject({ complete: false, digestVerified: false, diffId: null });
			expect(codes(result)).toEqual(["layer_limit"]);
			expect(result.bytes).toBeLessThan(20_000_000);
		}
	});

	test("let small layers of zeros through", async () => {
		expect(await read(bomb)).toMatchObject({ complete: true });
	});

	test("stop a bomb of many gigabytes soon after the first", async () => {
		// 64 MiB of zeros a frame: 8 GiB in 128 frames of some KiB each.
		const frame = zstd(Buffer.alloc(64 * 2 ** 20));
		const head = zstd(tarEntries([file("first", "1"), { path: "zeros", size: 2 ** 33 }]).subarray(0, 1536));
		const bytes = Buffer.concat([head, ...Array.from({ length: 128 }, () => frame)]);
		const result = await read(bytes);
		expect(codes(result)).toEqual(["layer_limit"]);
		expect(result.bytes).toBeLessThan(1.1 * 2 ** 30);
	}, 20_000);

	test("on entries hold", async () => {
		const many = tarEntries(Array.from({ length: 5000 }, (_, i) => file(`f${i}`, "")));
		expect(codes(await read(many, { limits: { entries: 4999 } }))).toEqual(["layer_limit"]);
		expect(await read(many, { limits: { entries: 5000 } })).toMatchObject({ complete: true, entries: 5000 });
	});

	test("on wanted files hold", async () => {
		const many = tarEntries(Array.from({ length: 50 }, (_, i) => file(`f${i}`, "")));
		const cut = await read(many, { limits: { wantedFiles: 49 } });
		expect(cut).toMatchObject({ complete: false });
		expect(Object.keys(cut.files)).toHaveLength(49);
		expect(codes(cut)).toEqual(["layer_limit"]);
		expect(await read(many, { limits: { wantedFiles: 50 } })).toMatchObject({ complete: true });
	});

	test("allow 200,000 entries without trouble", async () => {
		const block = tarHeader(file("usr/share/some/ordinary/path/name.txt", ""));
		const bytes = gzipSync(Buffer.concat(Array.from({ length: 200_000 }, () => block)), { level: 1 });
		expect(await read(bytes)).toMatchObject({ complete: true, entries: 200_000 });
	});

	test("on whiteouts and on the paths that are kept hold", async () => {
		const whiteouts = Array.from({ length: 50 }, (_, i) => file(`.wh.${i}`, ""));
		expect(codes(await read(buildTar(whiteouts), { limits: { whiteouts: 49 } }))).toEqual(["layer_limit"]);
		const links = Array.from({ length: 50 }, (_, i) => symlink(`link${i}`, "x"));
		expect(codes(await read(buildTar(links), { limits: { keptPathCharacters: 100 } }))).toEqual(["layer_limit"]);
	});
});

describe("an abort", () => {
	test("ends the reading even while the body hangs", async () => {
		const controller = new AbortController();
		async function* hanging() {
			yield gzipSync(tar).subarray(0, 50);
			await new Promise(() => undefined);
		}
		const reading = readLayer(describeBlob("layer", gzipSync(tar)), hanging(), () => null, {
			limits: defaultLimits,
			signal: controller.signal,
		});
		setTimeout(() => controller.abort(), 10);
		await expect(reading).rejects.toMatchObject({ code: "aborted" });
	});

	test("that came before is seen at once", async () => {
		await expect(read(gzipSync(tar), { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
	});
});
