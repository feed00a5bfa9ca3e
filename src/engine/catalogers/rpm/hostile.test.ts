import { Buffer } from "node:buffer";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { runCataloger, testdata } from "../testing.ts";
import type { CatalogResult } from "../types.ts";
import { buildBerkeleyDb, buildNdb, buildSqlite, type Headers, numbered } from "./database-fixtures.ts";
import { buildHeader, fileTags, type HeaderTags, packageTags } from "./header-fixture.ts";
import { rpm } from "./index.ts";
import { readSqlite } from "./sqlite.ts";
import { FileStore } from "./stored-file.ts";

const path = "var/lib/rpm/Packages";

function read(bytes: Uint8Array): CatalogResult {
	return runCataloger(rpm, { path, bytes, chunk: 1_000_003 });
}

/** Names of the packages that are found, and the only warning's reason. */
function summary(bytes: Uint8Array): readonly [names: string, reason: string] {
	const { packages, warnings } = read(bytes);
	expect(warnings.length).toBeLessThanOrEqual(1);
	for (const warning of warnings) expect(warning).toMatchObject({ code: "package_database_malformed", path });
	const reason = /(?:entry at|of its forms) (.*)\.$/.exec(warnings[0]?.message ?? "")?.[1] ?? "";
	return [packages.map(({ name }) => name).join(" "), reason];
}

function edited(bytes: Buffer, edit: (bytes: Buffer) => unknown): Buffer {
	const copy = Buffer.from(bytes);
	edit(copy);
	return copy;
}

const three = numbered(["a", "b", "c"].map((name) => buildHeader(packageTags(name))));
const withLong: Headers = new Map([
	...three,
	[4, buildHeader(packageTags("long", { oldFilenames: ["/x".repeat(9000)] }))],
]);

describe("rpm, broken Berkeley DB", () => {
	const db = buildBerkeleyDb(withLong);
	const hashPage = 4096;
	const overflowPage = 2 * 4096;
	const u16 = (at: number, value: number) => (bytes: Buffer) => bytes.writeUInt16LE(value, at);
	const u32 = (at: number, value: number) => (bytes: Buffer) => bytes.writeUInt32LE(value, at);

	it.each<[string, (bytes: Buffer) => unknown, names: string, reason: string]>([
		["nothing broken", () => 0, "a b c long", ""],
		["version 6", u32(16, 6), "", "page 0 is of Berkeley DB's hash version 6, and 8 to 10 are known"],
		["page size 0", u32(20, 0), "", "page 0 gives a page size of 0"],
		["page size 3000", u32(20, 3000), "", "page 0 gives a page size of 3000"],
		["a huge page size", u32(20, 2 ** 31), "", "page 0 gives a page size of 2147483648"],
		["encryption", (bytes) => bytes.writeUInt8(1, 24), "", "page 0 says that the database is encrypted"],
		["a tree", (bytes) => bytes.writeUInt8(9, 25), "", "page 0 does not begin a hash"],
		["checksums", (bytes) => bytes.writeUInt8(1, 26), "", "page 0 says that pages have checksums, which rpm's do not"],
		["more pages than bytes", u32(32, 0xffffffff), "a b c long", "page 7 of 4294967296 lies outside the file"],
		[
			"a page of a tree",
			(bytes) => bytes.writeUInt8(5, hashPage + 25),
			"",
			"page 1 is of type 5, which rpm's databases do not have",
		],
		["an odd number of items", u16(hashPage + 20, 9), "", "page 1 has 9 items, which is no number of pairs that fits"],
		["65,534 items", u16(hashPage + 20, 65_534), "", "page 1 has 65534 items, which is no number of pairs that fits"],
		["items outside the page", u16(hashPage + 26, 0xffff), "", "page 1 has items that overlap"],
		["items that overlap", u16(hashPage + 38, 4000), "a b", "page 1 has items that overlap"],
		["a chain that ends", u32(overflowPage + 16, 0), "long", "header 4 ends after 4070 of"],
		["a chain that loops", u32(overflowPage + 16, 2), "long", "header 4 goes on at page 2, which another one has"],
		[
			"a chain into a hash page",
			u32(overflowPage + 16, 1),
			"long",
			"header 4 goes on at page 1, which holds something else",
		],
		[
			"a chain to nowhere",
			u32(overflowPage + 16, 1e9),
			"long",
			"header 4 goes on at page 1000000000, which lies outside the file",
		],
	])("survives %s", (_, edit, names, reason) => {
		const [found, why] = summary(edited(db, edit));
		expect(found.split(" ")).toEqual(expect.arrayContaining(names.split(" ")));
		expect(why).toMatch(reason === "" ? /^$/ : new RegExp(`^${reason}`));
	});

	it("survives long values that share their pages, and lengths that are lies", () => {
		const many = new Map([...Array(60).keys()].map((at) => [at + 1, withLong.get(4) ?? Buffer.alloc(0)]));
		const shared = edited(buildBerkeleyDb(many), (bytes) => {
			for (let item = 1; item < 61; item++) {
				const at = 4096 + bytes.readUInt16LE(4096 + 26 + 4 * item + 2);
				bytes.writeUInt32LE(2, at + 4);
				bytes.writeUInt32LE(0xffffffff, at + 8);
			}
		});
		const { packages, warnings } = read(shared);
		expect(packages).toHaveLength(1);
		expect(warnings[0]?.message).toMatch(/^60 entries/);
	});
});

describe("rpm, broken ndb", () => {
	const db = buildNdb(three);
	/** The first three slots that are used are the first, third and fourth. */
	const slot = (at: number) => 32 + 16 * at;

	it.each<[string, (bytes: Buffer) => unknown, names: string, reason: string]>([
		["nothing broken", () => 0, "a b c", ""],
		["another version", (bytes) => bytes.writeUInt32LE(7, 4), "", "byte 4 gives version 7, and only 0 is known"],
		["endless slots", (bytes) => bytes.writeUInt32LE(0xffffffff, 12), "a b c", "byte 4096 should begin a slot"],
		["a slot without magic", (bytes) => bytes.writeUInt32LE(0, slot(2)), "a c", "byte 64 should begin a slot"],
		[
			"a place outside",
			(bytes) => bytes.writeUInt32LE(0xffffffff, slot(2) + 8),
			"a c",
			"header 2 lies outside the file",
		],
		["a place without room", (bytes) => bytes.writeUInt32LE(1, slot(2) + 12), "a c", "header 2 lies outside the file"],
		[
			"another's place",
			(bytes) => bytes.writeUInt32LE(bytes.readUInt32LE(slot(0) + 8), slot(2) + 8),
			"a c",
			"header 2 is not where its slot says",
		],
		[
			"a length over its room",
			(bytes) => bytes.writeUInt32LE(1e6, 4096 + 12),
			"a b c",
			"header 1 does not end where its slot says",
		],
		[
			"too much room",
			(bytes) => bytes.writeUInt32LE(1e6, slot(2) + 12),
			"a",
			"byte 64 gives header 2 a place that others have",
		],
	])("survives %s", (_, edit, names, reason) => {
		expect(summary(edited(db, edit))).toEqual([names, reason]);
	});
});

describe("rpm, broken SQLite", () => {
	const db = buildSqlite(withLong, 512);
	/** Page 2 is the table's root: a leaf, or the parent of the leaves. */
	const rootPage = 512;
	const u16 = (at: number, value: number) => (bytes: Buffer) => bytes.writeUInt16BE(value, at);

	it.each<[string, (bytes: Buffer) => unknown, reason: RegExp]>([
		["nothing broken", () => 0, /^$/],
		["page size 0", u16(16, 0), /^page 1 gives a page size of 0$/],
		["page size 3000", u16(16, 3000), /^page 1 gives a page size of 3000$/],
		["all of a page reserved", (bytes) => bytes.writeUInt8(255, 20), /^page 1 reserves 255 bytes of each page$/],
		["UTF-16", (bytes) => bytes.writeUInt32BE(2, 56), /^page 1 gives text encoding 2/],
		[
			"no table",
			(bytes) => bytes.write("Packagez", bytes.indexOf("tablePackages") + 5),
			/^page 1 names no table of packages$/,
		],
		["a root that is an index", (bytes) => bytes.writeUInt8(10, rootPage), /^page 2 is no page of a table$/],
		["more cells than fit", u16(rootPage + 3, 0xffff), /^page 2 is no page of a table$/],
		[
			"a child outside the file",
			(bytes) => bytes.writeUInt32BE(0xffffffff, rootPage + 8),
			/^page 4294967295 lies outside the file$/,
		],
		["a child that is its parent", (bytes) => bytes.writeUInt32BE(2, rootPage + 8), /^page 2 is named twice$/],
		["cells outside the page", u16(rootPage + 12, 511), /^page 0 lies outside the file$/],
	])("survives %s", (_, edit, reason) => {
		expect(summary(edited(db, edit))[1]).toMatch(reason);
	});

	it("survives rows that lie in one place, and rows outside their page", () => {
		const leaf = buildSqlite(three);
		const pointers = 4096 + 8;
		const same = edited(leaf, (bytes) => {
			for (let cell = 0; cell < 1000; cell++) bytes.writeUInt16BE(bytes.readUInt16BE(pointers), pointers + 2 * cell);
			bytes.writeUInt16BE(1000, 4096 + 3);
		});
		expect(summary(same)).toEqual(["a", "page 2 has rows out of order"]);
		expect(summary(edited(leaf, u16(pointers + 2, 4095)))).toEqual(["a c", "page 2 has a row outside of it"]);
	});

	it("survives overflow chains that loop", () => {
		const long = new Map([...Array(5).keys()].map((at) => [at + 1, withLong.get(4) ?? Buffer.alloc(0)]));
		const sound = buildSqlite(long);
		const pages = sound.length / 4096;
		const broken = edited(sound, (bytes) => {
			for (let page = 3; page <= pages; page++) {
				const next = bytes.readUInt32BE((page - 1) * 4096);
				if (next > 0 && next <= pages) bytes.writeUInt32BE(page, (page - 1) * 4096);
			}
		});
		const [names, reason] = summary(broken);
		expect(names).toBe("long long long long long");
		expect(reason).toMatch(/^header 1 ends after \d+ of \d+ bytes: page \d+ is named twice$/);
	});

	test("rows of any size come back as they were, from pages of any size", () => {
		const law = fc.property(
			fc.array(fc.nat(3000), { minLength: 1, maxLength: 300 }),
			fc.constantFrom(512, 1024, 4096, 65_536),
			(sizes, pageSize) => {
				const rows = sizes.map((size, at) => Buffer.alloc(size, at));
				const file = new FileStore();
				file.append(buildSqlite(numbered(rows), pageSize, "DELETE FROM Packages WHERE hnum % 7 = 3"));
				const items = [...readSqlite(file)].map((item) => ("fault" in item ? item : [item.number, item.header]));
				const kept = rows.map((row, at) => [at + 1, row] as const).filter(([number]) => number % 7 !== 3);
				expect(items).toEqual(kept);
			},
		);
		fc.assert(law, { numRuns: 30 });
	});
});

describe("rpm, broken headers", () => {
	function readOne(header: Buffer): readonly [names: string, reason: string] {
		return summary(buildNdb(numbered([header, buildHeader(packageTags("after"))])));
	}
	const entryOf = (header: Buffer, tag: number) => {
		let at = 8;
		while (header.readUInt32BE(at) !== tag) at += 16;
		return at;
	};

	it.each<[string, HeaderTags, names: string, reason: string]>([
		["no name", { version: "1", release: "1" }, "after", "header 1 has no name that can be one"],
		[
			"a name of numbers",
			{ ...packageTags("a"), name: { int32: [1] } },
			"after",
			"header 1 has no name that can be one",
		],
		["a name of 2,000 letters", packageTags("a".repeat(2000)), "after", "header 1 has no name that can be one"],
		[
			"a version with a line end",
			packageTags("a", { version: "1\n2" }),
			"after",
			"header 1 has no version that can be one, for a",
		],
		["no release", { name: "a", version: "1" }, "after", "header 1 has no release that can be one, for a"],
		[
			"a vendor of numbers",
			packageTags("a", { vendor: { int32: [1] } }),
			"a after",
			"header 1 has tag 1011 and nothing that can be read there, for a",
		],
		[
			"an epoch of letters",
			packageTags("a", { epoch: "1" }),
			"a after",
			"header 1 has an epoch that cannot be read, for a",
		],
		[
			"names without folders",
			packageTags("a", { baseNames: ["x"] }),
			"a after",
			"header 1 has file names that cannot be read",
		],
		[
			"too few folder numbers",
			packageTags("a", { ...fileTags(["/a", "/b"]), dirIndexes: { int32: [0] } }),
			"a after",
			"header 1 has file names whose folders are not told",
		],
	])("survives %s", (_, own, names, reason) => {
		expect(readOne(buildHeader(own))).toEqual([names, reason]);
	});

	it("does not take a package away from its advisories because its vendor cannot be read", () => {
		const { packages } = read(buildNdb(numbered([buildHeader(packageTags("a", { vendor: { int32: [1] } }))])));
		expect(packages[0]?.thirdParty).toBeUndefined();
	});

	it("keeps the package of a header that ends early", () => {
		const whole = buildHeader(packageTags("a"));
		expect(readOne(whole.subarray(0, -4))).toEqual(["a after", "header 1 ends too early, for a"]);
		expect(readOne(whole.subarray(0, 40))).toEqual(["after", "header 1 has no name that can be one"]);
		expect(readOne(whole.subarray(0, 7))).toEqual(["after", "header 1 is no package header"]);
	});

	it("survives counts and offsets that are lies", () => {
		const own = packageTags("a", { ...fileTags(["/a/b", "/c/d"]), fileStates: { bytes: [0, 0] } });
		for (const tag of [1000, 1003, 1011, 1022, 1029, 1044, 1116, 1117, 1118]) {
			for (const field of [4, 8, 12]) {
				for (const value of [0, 1, 0x7fffffff, 0x80000000, 0xffffffff]) {
					const header = buildHeader({ ...own, epoch: { int32: [1] } });
					header.writeUInt32BE(value, entryOf(header, tag) + field);
					expect(readOne(header)[0].split(" ")).toContain("after");
				}
			}
		}
	});

	it("reads the oldest headers, without region and with whole file names", () => {
		const header = buildHeader(packageTags("old", { oldFilenames: ["/bin/old", "/etc/old"] }), {}, true);
		const { packages, owned, warnings } = read(buildBerkeleyDb(numbered([header])));
		expect(packages).toMatchObject([{ name: "old", version: "1.0-1.el9" }]);
		expect([owned, warnings]).toEqual([[{ owner: "old", paths: ["bin/old", "etc/old"] }], []]);
	});

	it("believes what rpm added at installation before what the package says", () => {
		const moved = buildHeader(packageTags("a", fileTags(["/usr/a", "/usr/b"])), {
			dirNames: ["/opt/"],
			fileStates: { bytes: [0, 2] },
		});
		expect(read(buildNdb(numbered([moved]))).owned).toEqual([{ owner: "a", paths: ["opt/a"] }]);
	});

	it("keeps no file lists beyond reason, and says so", () => {
		const folder = `/${"d".repeat(4000)}/`;
		const bomb = buildHeader(
			packageTags("bomb", {
				baseNames: Array.from({ length: 200_000 }, () => "f"),
				dirIndexes: { int32: Array.from({ length: 200_000 }, () => 0) },
				dirNames: [folder],
			}),
		);
		const { packages, owned, warnings } = read(buildBerkeleyDb(numbered([bomb, buildHeader(packageTags("after"))])));
		expect(packages.map(({ name }) => name)).toEqual(["bomb", "after"]);
		expect(owned).toBeUndefined();
		expect(warnings[0]?.message).toMatch(/header 1 has more file names than are kept\.$/);
	});

	it("takes no path that is longer than a layer can hold", () => {
		const header = buildHeader(packageTags("a", fileTags([`/${"d".repeat(5000)}/f`, "/etc/a"])));
		expect(read(buildNdb(numbered([header]))).owned).toEqual([{ owner: "a", paths: ["etc/a"] }]);
	});
});

describe("rpm, bytes changed at random", () => {
	const changes = fc.array(
		fc.record({
			/** Where, as a part of the file's length; beginnings of files and pages hold what matters most. */
			at: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 0.05, noNaN: true })),
			value: fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)),
			run: fc.constantFrom(1, 1, 2, 4, 8),
		}),
		{ minLength: 1, maxLength: 12 },
	);
	const real = Buffer.from(testdata(import.meta.url, "good"));

	it.each([
		["SQLite, as rpm wrote it", real],
		["SQLite", buildSqlite(withLong, 512)],
		["ndb", buildNdb(withLong)],
		["Berkeley DB", buildBerkeleyDb(withLong, 512)],
		["Berkeley DB, big-endian", buildBerkeleyDb(withLong, 512, false)],
	])("never throws nor hangs on %s, and what it finds is plain", (_, sound) => {
		const law = fc.property(changes, fc.double({ min: 0.3, max: 4, noNaN: true }), (list, cut) => {
			const bytes = Buffer.from(sound.subarray(0, Math.floor(sound.length * Math.min(cut, 1))));
			for (const { at, value, run } of list) {
				const start = Math.min(Math.floor(at * bytes.length), bytes.length - 1);
				bytes.fill(value, start, Math.min(start + run, bytes.length));
			}
			const { packages, owned = [], warnings } = read(bytes);
			expect(warnings.length).toBeLessThanOrEqual(1);
			for (const pkg of packages) expect(`${pkg.name}${pkg.version}${pkg.arch}`).toMatch(/^[\x21-\x7e]+$/);
			for (const { paths } of owned) expect(paths.length).toBeGreaterThan(0);
		});
		fc.assert(law, { numRuns: 400, seed: 20_261_123, interruptAfterTimeLimit: 15_000, markInterruptAsFailure: true });
	});
});
