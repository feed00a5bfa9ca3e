/** Writes bbolt files from the file format, for tests: small, sorted, with inline buckets where bbolt has them. */

/** Keys to values, or to buckets. */
export interface BoltTree {
	readonly [key: string]: string | BoltTree;
}

export interface BoltFixtureOptions {
	readonly pageSize?: number;
	/** Another root page than the true one. */
	readonly root?: number;
}

interface Element {
	readonly flags: number;
	readonly key: Buffer;
	readonly value: Buffer;
}

/** Leaf entries on a page before a branch is made. */
const leafEntries = 50;

export function boltFile(tree: BoltTree, { pageSize = 4096, root }: BoltFixtureOptions = {}): Buffer {
	const pages: Buffer[] = [];
	/** Puts a page, or a run of them, behind what there is; the first four are meta, meta, freelist and padding. */
	const place = (flags: number, body: Buffer, count: number): number => {
		const id = 4 + pages.length;
		const run = Math.ceil((16 + body.length) / pageSize);
		const page = Buffer.alloc(run * pageSize);
		page.writeBigUInt64LE(BigInt(id), 0);
		page.writeUInt16LE(flags, 8);
		page.writeUInt16LE(count, 10);
		page.writeUInt32LE(run - 1, 12);
		body.copy(page, 16);
		for (let at = 0; at < run; at++) pages.push(page.subarray(at * pageSize, (at + 1) * pageSize));
		return id;
	};
	const bucket = (content: BoltTree): Element[] =>
		Object.entries(content)
			.map(([key, value]): [Buffer, string | BoltTree] => [Buffer.from(key), value])
			.sort(([a], [b]) => Buffer.compare(a, b))
			.map(([key, value]) =>
				typeof value === "string"
					? { flags: 0, key, value: Buffer.from(value) }
					: { flags: 1, key, value: bucketValue(bucket(value)) },
			);
	const bucketValue = (elements: readonly Element[]): Buffer => {
		const header = Buffer.alloc(16);
		const body = leafBody(elements);
		if (body.length <= pageSize / 4 && elements.every(({ flags }) => flags === 0)) {
			const page = Buffer.alloc(16);
			page.writeUInt16LE(2, 8);
			page.writeUInt16LE(elements.length, 10);
			return Buffer.concat([header, page, body]);
		}
		header.writeBigUInt64LE(BigInt(placeTree(elements)), 0);
		return header;
	};
	const placeTree = (elements: readonly Element[]): number => {
		if (elements.length <= leafEntries) return place(2, leafBody(elements), elements.length);
		const groups = Array.from({ length: Math.ceil(elements.length / leafEntries) }, (_, at) =>
			elements.slice(at * leafEntries, (at + 1) * leafEntries),
		);
		const below = groups.map((group) => ({ key: group[0]?.key ?? Buffer.alloc(0), id: placeTree(group) }));
		return place(1, branchBody(below), below.length);
	};
	const top = placeTree(bucket(tree));
	const head = [0, 1].map((transaction) => metaPage(pageSize, root ?? top, transaction));
	return Buffer.concat([...head, Buffer.alloc(2 * pageSize), ...pages]);
}

function leafBody(elements: readonly Element[]): Buffer {
	const table = Buffer.alloc(elements.length * 16);
	let data = table.length;
	elements.forEach(({ flags, key, value }, index) => {
		table.writeUInt32LE(flags, index * 16);
		table.writeUInt32LE(data - index * 16, index * 16 + 4);
		table.writeUInt32LE(key.length, index * 16 + 8);
		table.writeUInt32LE(value.length, index * 16 + 12);
		data += key.length + value.length;
	});
	return Buffer.concat([table, ...elements.flatMap(({ key, value }) => [key, value])]);
}

function branchBody(below: readonly { readonly key: Buffer; readonly id: number }[]): Buffer {
	const table = Buffer.alloc(below.length * 16);
	let data = table.length;
	below.forEach(({ key, id }, index) => {
		table.writeUInt32LE(data - index * 16, index * 16);
		table.writeUInt32LE(key.length, index * 16 + 4);
		table.writeBigUInt64LE(BigInt(id), index * 16 + 8);
		data += key.length;
	});
	return Buffer.concat([table, ...below.map(({ key }) => key)]);
}

function metaPage(pageSize: number, root: number, transaction: number): Buffer {
	const page = Buffer.alloc(pageSize);
	page.writeBigUInt64LE(BigInt(transaction), 0);
	page.writeUInt16LE(4, 8);
	page.writeUInt32LE(0xed0c_daed, 16);
	page.writeUInt32LE(2, 20);
	page.writeUInt32LE(pageSize, 24);
	page.writeBigUInt64LE(BigInt(root), 32);
	page.writeBigUInt64LE(2n, 48);
	page.writeBigUInt64LE(BigInt(transaction), 64);
	let hash = 0xcbf2_9ce4_8422_2325n;
	for (const byte of page.subarray(16, 72)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100_0000_01b3n);
	page.writeBigUInt64LE(hash, 72);
	return page;
}
