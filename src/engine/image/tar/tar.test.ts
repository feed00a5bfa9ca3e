import fc from "fast-check";
import { type Pack, pack } from "tar-stream";
import { describe, expect, test } from "vitest";
import {
	buildTar,
	file,
	folder,
	hardLink,
	longName,
	pax,
	symlink,
	type TarInput,
	tarBody,
	tarEntries,
	tarHeader,
	writeNumber,
} from "../../testing/archives/index.ts";
import { type TarEntry, TarReader } from "./tar.ts";

interface Read {
	readonly entries: (Omit<TarEntry, "offset" | "stored"> & { body: string | null })[];
	readonly problems: string[];
	readonly whole: boolean;
	readonly status: string;
	readonly reason: string;
}

const limits = { entries: 1000, metadataBytes: 1 << 20 };

/** Reads an archive in pieces of `step` bytes; a body that was not ended is null. */
function read(tar: Buffer, step = tar.length, given = limits): Read {
	const entries: Read["entries"] = [];
	const problems: string[] = [];
	const reader = new TarReader(
		{
			entry: ({ offset: _offset, stored: _stored, ...entry }) => {
				const gathered: Buffer[] = [];
				const seen = { ...entry, body: null as string | null };
				entries.push(seen);
				return {
					write: (chunk) => gathered.push(Buffer.from(chunk)),
					end: () => {
						seen.body = Buffer.concat(gathered).toString("latin1");
					},
				};
			},
			problem: (message) => problems.push(message),
		},
		given,
	);
	for (let at = 0; at < tar.length; at += step) reader.push(tar.subarray(at, at + step));
	const whole = reader.finish();
	return { entries, problems, whole, status: reader.status, reason: reader.reason };
}

const paths = (tar: Buffer) => read(tar).entries.map(({ path }) => path);

describe("entries", () => {
	const inputs: TarInput[] = [
		folder("etc"),
		file("etc/passwd", "root:x:0", 0o600),
		file("empty", ""),
		file("block", "x".repeat(512)),
		symlink("lib", "usr/lib"),
		hardLink("etc/shadow", "etc/passwd"),
		{ path: "pipe", type: "6" },
		{ path: "null", type: "3" },
		file("last", "end"),
	];

	test("are told in order, with kind, mode and body", () => {
		const { entries, whole, problems } = read(buildTar(inputs));
		expect(whole).toBe(true);
		expect(problems).toEqual([]);
		expect(entries.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
			"directory etc/",
			"file etc/passwd",
			"file empty",
			"file block",
			"symlink lib",
			"hardlink etc/shadow",
			"other pipe",
			"other null",
			"file last",
		]);
		expect(entries[1]).toMatchObject({ body: "root:x:0", mode: 0o600, size: 8 });
		expect(entries[2]).toMatchObject({ body: "", size: 0 });
		expect(entries[4]).toMatchObject({ target: "usr/lib" });
		expect(entries[5]).toMatchObject({ target: "etc/passwd" });
		expect(entries[8]).toMatchObject({ body: "end" });
	});

	test("are the same however the bytes are cut", () => {
		const tar = buildTar([
			...inputs,
			pax({ path: "deep/".repeat(60) }),
			file("x", "y"),
			longName("z".repeat(300)),
			file("z", ""),
		]);
		const whole = read(tar);
		for (const step of [1, 7, 511, 512, 513, 1000]) expect(read(tar, step)).toEqual(whole);
	});

	test("of unknown type are passed over with their bodies", () => {
		expect(paths(buildTar([{ path: "odd", type: "Q", body: "x".repeat(700) }, file("next", "")]))).toEqual([
			"odd",
			"next",
		]);
	});

	test("of header-only types have no body, whatever their size says", () => {
		for (const type of ["1", "2", "3", "4", "5", "6"]) {
			expect(paths(buildTar([{ path: "a", type, size: 5000 }, file("b", "")]))).toEqual(["a", "b"]);
		}
	});

	test("of the contiguous type are files", () => {
		expect(read(buildTar([{ path: "a", type: "7", body: "x" }])).entries[0]).toMatchObject({ kind: "file", body: "x" });
	});
});

describe("names", () => {
	const long = `${"a".repeat(60)}/${"b".repeat(80)}/${"c".repeat(50)}`;

	test("are joined from ustar's prefix", () => {
		expect(paths(buildTar([file(long, "")]))).toEqual([long]);
	});

	test("do not take GNU's times for a prefix", () => {
		const input: TarInput = { ...file("name", ""), format: "gnu", header: (block) => block.write("14741472111", 345) };
		expect(paths(buildTar([input]))).toEqual(["name"]);
	});

	test("of star leave out the times behind the shorter prefix", () => {
		const header = (block: Buffer) => {
			block.write("dir", 345);
			block.write("00000000000\0", 476);
			block.write("tar\0", 508);
		};
		expect(paths(buildTar([{ ...file("name", ""), header }]))).toEqual(["dir/name"]);
	});

	test("of V7 archives have no prefix; a slash at the end makes a folder", () => {
		const { entries } = read(
			buildTar([
				{ path: "dir/", type: "\0", format: "v7" },
				{ path: "dir/file", type: "\0", format: "v7", body: "old" },
			]),
		);
		expect(entries.map(({ kind }) => kind)).toEqual(["directory", "file"]);
		expect(entries[1]?.body).toBe("old");
	});

	test("and link targets may be long by GNU headers", () => {
		const tar = buildTar([
			longName(`${long}x`),
			longName("t".repeat(200), "K"),
			symlink("short", "short"),
			file("next", ""),
		]);
		expect(read(tar).entries).toMatchObject([{ path: `${long}x`, target: "t".repeat(200) }, { path: "next" }]);
	});

	test.each([
		["UTF-8, the replacement character itself too", Buffer.from("\u00e9/\ufffd"), "\u00e9/\ufffd"],
		[
			"Latin-1 where a part is no UTF-8",
			Buffer.from([0xc3, 0xa9, 0x2f, 0xe9, 0x2f, 0xc3, 0xa9]),
			"\u00e9/\u00e9/\u00e9",
		],
	])("are %s", (_, path, expected) => {
		expect(paths(buildTar([{ path }]))).toEqual([expected]);
	});

	test("and link targets may be long by PAX", () => {
		const tar = buildTar([pax({ path: long, linkpath: "t".repeat(200) }), symlink("short", "short"), file("next", "")]);
		expect(read(tar).entries).toMatchObject([{ path: long, target: "t".repeat(200) }, { path: "next" }]);
	});

	test("by GNU win over those by PAX, and the last PAX header over earlier ones", () => {
		expect(paths(buildTar([longName("gnu"), pax({ path: "pax" }), file("ustar", "")]))).toEqual(["gnu"]);
		expect(paths(buildTar([pax({ path: "one" }), pax({ path: "two" }), file("ustar", "")]))).toEqual(["two"]);
	});

	test("are not taken from global PAX headers", () => {
		const tar = buildTar([pax({ comment: "c", path: "all", size: "9" }, "g"), file("a", ""), file("b", "")]);
		expect(paths(tar)).toEqual(["a", "b"]);
	});

	test("that are no UTF-8 stay apart", () => {
		const names = paths(
			buildTar([file("caf\u00e9", ""), { path: Buffer.from([0x63, 0xe9]) }, { path: Buffer.from([0x63, 0xea]) }]),
		);
		expect(names).toEqual(["caf\u00e9", "c\u00e9", "c\u00ea"]);
	});

	test("keep `=` and line breaks in PAX values", () => {
		expect(paths(buildTar([pax({ mtime: "1", path: "a=b\nc" }), file("x", "")]))).toEqual(["a=b\nc"]);
	});
});

describe("sizes", () => {
	test("may be base-256", () => {
		const header = (block: Buffer) => {
			block.fill(0, 124, 136);
			block[124] = 0x80;
			block[135] = 5;
		};
		expect(read(buildTar([{ path: "a", body: "hello", header }, file("b", "")])).entries).toMatchObject([
			{ body: "hello", size: 5 },
			{ path: "b" },
		]);
	});

	test("and names of PAX that an empty record takes back are the header's", () => {
		const taken = { path: "p", type: "x", body: "12 path=aaa\n8 path=\n9 size=9\n8 size=\n" };
		expect(read(buildTar([taken, file("a", "x"), file("b", "")])).entries).toMatchObject([
			{ path: "a", body: "x" },
			{ path: "b" },
		]);
	});

	test("of PAX win over the header's", () => {
		const tar = buildTar([pax({ size: "600" }), { path: "a", body: "x".repeat(600), size: 0 }, file("b", "")]);
		expect(read(tar).entries).toMatchObject([{ size: 600, body: "x".repeat(600) }, { path: "b" }]);
	});

	test.each([
		["negative", (block: Buffer) => writeNumber(block, 124, 12, -5)],
		["the most negative", (block: Buffer) => block.fill(0xff, 124, 136)],
		["beyond 2^53", (block: Buffer) => block.fill(0x7f, 125, 136).fill(0x80, 124, 125)],
		["no number", (block: Buffer) => block.write("12x45678901", 124)],
	])("that are %s end the reading", (_, header) => {
		const { entries, status, whole } = read(
			buildTar([file("good", "1"), { ...file("bad", ""), header }, file("after", "")]),
		);
		expect({ paths: entries.map(({ path }) => path), status, whole }).toEqual({
			paths: ["good"],
			status: "malformed",
			whole: false,
		});
	});

	test.each(["-1", "1e3", "99999999999999999", "x"])("of PAX that are %s end the reading", (size) => {
		expect(read(buildTar([pax({ size }), file("a", "")]))).toMatchObject({ status: "malformed", entries: [] });
	});

	test("of 2^40 in a small archive make it a broken one", () => {
		const { entries, whole, reason } = read(buildTar([file("good", "1"), { ...file("huge", ""), size: 2 ** 40 }]));
		expect(whole).toBe(false);
		expect(reason).toContain("breaks off");
		expect(entries).toMatchObject([{ body: "1" }, { size: 2 ** 40, body: null }]);
	});
});

describe("sparse files", () => {
	const sparseBlock = (more: boolean) => {
		const block = Buffer.alloc(512);
		block[504] = more ? 1 : 0;
		return block;
	};

	test("of old GNU archives are passed over with their maps", () => {
		const header = (block: Buffer) => {
			block[482] = 1;
			writeNumber(block, 483, 12, 1_000_000);
		};
		const sparse = tarHeader({ path: "sparse", type: "S", format: "gnu", size: 700, header });
		const tar = Buffer.concat([
			sparse,
			sparseBlock(true),
			sparseBlock(false),
			tarBody("x".repeat(700)),
			buildTar([file("b", "y")]),
		]);
		expect(read(tar).entries).toMatchObject([
			{ path: "sparse", sparse: true, size: 1_000_000 },
			{ path: "b", body: "y", sparse: false },
		]);
	});

	test.each([
		[
			"0.0",
			{ "GNU.sparse.size": "5000", "GNU.sparse.numblocks": "1", "GNU.sparse.offset": "0", "GNU.sparse.numbytes": "3" },
		],
		["0.1", { "GNU.sparse.size": "5000", "GNU.sparse.name": "real", "GNU.sparse.map": "0,3" }],
		[
			"1.0",
			{ "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "real", "GNU.sparse.realsize": "5000" },
		],
	])("of PAX format %s are passed over", (_, records) => {
		const stored = { path: "real", body: "x".repeat(900) };
		expect(read(buildTar([pax(records), stored, file("b", "y")])).entries).toMatchObject([
			{ path: "real", sparse: true, size: 5000 },
			{ path: "b", body: "y" },
		]);
	});
});

describe("the end", () => {
	const entries = tarEntries([file("a", "x")]);

	test.each([
		["two zero blocks", Buffer.concat([entries, Buffer.alloc(1024)]), true],
		["one zero block", Buffer.concat([entries, Buffer.alloc(512)]), true],
		["no zero block", entries, true],
		["a body without padding", entries.subarray(0, 513), true],
		["half a header", Buffer.concat([entries, entries.subarray(0, 100)]), false],
		["half a body", tarEntries([file("a", "x".repeat(600))]).subarray(0, 800), false],
		["a long name for nothing", Buffer.concat([entries, tarEntries([longName("n")])]), false],
		["nothing at all", Buffer.alloc(0), true],
	])("after %s", (_, tar, whole) => {
		expect(read(tar).whole).toBe(whole);
	});

	test("is the end: what follows is not read", () => {
		expect(paths(Buffer.concat([buildTar([file("a", "")]), buildTar([file("b", "")])]))).toEqual(["a"]);
	});

	test("may not be half a mark with entries behind it", () => {
		expect(read(Buffer.concat([entries, Buffer.alloc(512), entries]))).toMatchObject({ status: "malformed" });
	});
});

describe("damage", () => {
	test("to a header is seen by its checksum", () => {
		const corrupt = (block: Buffer) => block.fill("X", 0, 3);
		expect(read(buildTar([file("a", ""), { ...file("b", ""), corrupt }]))).toMatchObject({
			status: "malformed",
			entries: [{ path: "a" }],
		});
	});

	test("is not a checksum over signed bytes, as old tars made it", () => {
		const corrupt = (block: Buffer) => {
			block.fill(0x20, 148, 156);
			let sum = 0;
			for (let i = 0; i < 512; i++) sum += block.readInt8(i);
			block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
		};
		expect(paths(buildTar([{ ...file("caf\u00e9", ""), corrupt }]))).toEqual(["caf\u00e9"]);
	});

	test.each([
		["a length beyond the block", "999 path=x\n"],
		["a length of zero", "0 path=x\n"],
		["no length", "path=x\n"],
		["no end of line", "9 path=xy"],
		["no equals sign", "9 pathxy\n"],
		["a negative length", "-9 path=x\n"],
	])("to PAX records (%s) is a problem, and the header's name holds", (_, body) => {
		const { entries, problems, whole } = read(buildTar([{ path: "p", type: "x", body }, file("name", "x")]));
		expect(whole).toBe(true);
		expect(problems).toHaveLength(1);
		expect(entries).toMatchObject([{ path: "name", body: "x" }]);
	});

	test("by NUL bytes in a PAX path is a problem, and the header's name holds", () => {
		const { entries, problems } = read(buildTar([pax({ path: "a\0b" }), file("name", "")]));
		expect({ paths: entries.map(({ path }) => path), problems: problems.length }).toEqual({
			paths: ["name"],
			problems: 1,
		});
	});
});

describe("limits", () => {
	test("hold for the number of headers", () => {
		const many = Array.from({ length: 20 }, (_, i) => file(`f${i}`, ""));
		expect(read(buildTar(many), 512, { ...limits, entries: 10 })).toMatchObject({
			status: "limit",
			entries: { length: 10 },
		});
	});

	test("hold for chains of headers without an entry", () => {
		const chain = Array.from({ length: 100 }, () => longName("n".repeat(1000)));
		expect(read(buildTar(chain), 512, { ...limits, metadataBytes: 50_000 })).toMatchObject({
			status: "limit",
			entries: [],
		});
		const empty = Array.from({ length: 200 }, () => pax({}));
		expect(read(buildTar(empty), 512, { ...limits, metadataBytes: 50_000 })).toMatchObject({
			status: "limit",
			entries: [],
		});
	});

	test("hold for the size of one record before it is read", () => {
		expect(read(buildTar([{ path: "p", type: "x", size: 2 ** 30 }]))).toMatchObject({ status: "limit" });
	});
});

describe("against tar-stream", () => {
	test("any tree of files reads back as it was packed", async () => {
		const name = fc
			.string({ unit: "grapheme", minLength: 1, maxLength: 200 })
			.filter((s) => !/[\0/]|^\.*$/.test(s) && s.isWellFormed());
		const entry = fc.record({
			name: fc.array(name, { minLength: 1, maxLength: 3 }),
			body: fc.uint8Array({ maxLength: 1500 }),
		});
		await fc.assert(
			fc.asyncProperty(fc.array(entry, { maxLength: 8 }), fc.integer({ min: 1, max: 3000 }), async (tree, step) => {
				const packed = pack();
				for (const { name: parts, body } of tree) packed.entry({ name: parts.join("/") }, Buffer.from(body));
				packed.finalize();
				const { entries, whole, problems } = read(await bytesOf(packed), step);
				expect(whole).toBe(true);
				expect(problems).toEqual([]);
				expect(entries.map(({ path, body }) => [path, body])).toEqual(
					tree.map(({ name: parts, body }) => [parts.join("/"), Buffer.from(body).toString("latin1")]),
				);
			}),
			{ numRuns: 60 },
		);
	});
});

describe("mutated archives", () => {
	test("never throw, and never give more bytes than there are", () => {
		const seed = buildTar([
			folder("d"),
			pax({ path: "long/".repeat(30), size: "5" }),
			{ ...file("x", "hello"), size: 5 },
			longName("n".repeat(150)),
			file("y", "z".repeat(600)),
			hardLink("h", "y"),
		]);
		const change = fc.record({ at: fc.nat(seed.length - 1), byte: fc.nat(255) });
		fc.assert(
			fc.property(
				fc.array(change, { maxLength: 12 }),
				fc.integer({ min: 1, max: 2000 }),
				fc.boolean(),
				(changes, step, fix) => {
					const tar = Buffer.from(seed);
					for (const { at, byte } of changes) tar[at] = byte;
					if (fix) repairChecksums(tar);
					const { entries } = read(tar, step);
					const bytes = entries.reduce((sum, { body }) => sum + (body?.length ?? 0), 0);
					expect(bytes).toBeLessThanOrEqual(tar.length);
				},
			),
			{ numRuns: 500 },
		);
	});
});

function bytesOf(stream: Pack): Promise<Buffer> {
	const chunks: Buffer[] = [];
	return new Promise((resolve, reject) => {
		stream.on("data", (chunk) => chunks.push(chunk as Buffer));
		stream.on("end", () => resolve(Buffer.concat(chunks)));
		stream.on("error", reject);
	});
}

/** Gives every block that might be a header its right checksum, so that mutations get past it. */
function repairChecksums(tar: Buffer): void {
	for (let start = 0; start < tar.length; start += 512) {
		const block = tar.subarray(start, start + 512);
		if (block[156] === 0 && block[0] === 0) continue;
		block.fill(0x20, 148, 156);
		const sum = block.reduce((total, byte) => total + byte, 0);
		block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
	}
}
