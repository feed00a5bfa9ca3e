/**
 * Writes tar archives for tests, byte by byte, so that they can also be wrong on purpose. Only the ustar header is
 * written here; PAX records and GNU long names are entries of their own, made by the functions below.
 */

/** One header with its body. Everything has a sane default; `header` has the last word. */
export interface TarInput {
	readonly path: string | Buffer;
	/** Type flag: `0` file, `1` hard link, `2` symbolic link, `5` folder, `x`, `g`, `L`, `K`, `S` … */
	readonly type?: string;
	readonly body?: string | Buffer;
	readonly target?: string;
	readonly mode?: number;
	/** Instead of the body's length; a number that does not fit in octal is written in base-256. */
	readonly size?: number;
	readonly format?: "ustar" | "gnu" | "v7";
	/** Changes the block after all fields but the checksum are written. */
	readonly header?: (block: Buffer) => void;
	/** Changes the block after the checksum is written. */
	readonly corrupt?: (block: Buffer) => void;
}

const blockSize = 512;

/** The archive: the entries and an end mark. */
export function buildTar(inputs: readonly TarInput[]): Buffer {
	return Buffer.concat([tarEntries(inputs), Buffer.alloc(2 * blockSize)]);
}

/** The entries without an end mark. */
export function tarEntries(inputs: readonly TarInput[]): Buffer {
	return Buffer.concat(inputs.flatMap((input) => [tarHeader(input), tarBody(input.body ?? "")]));
}

export function file(path: string, body: string | Buffer, mode = 0o644): TarInput {
	return { path, body, mode };
}

export function folder(path: string): TarInput {
	return { path: path.endsWith("/") ? path : `${path}/`, type: "5", mode: 0o755 };
}

export function symlink(path: string, target: string): TarInput {
	return { path, type: "2", target, mode: 0o777 };
}

export function hardLink(path: string, target: string, mode = 0o644): TarInput {
	return { path, type: "1", target, mode };
}

/** `records` as a PAX header for the entry that follows; `g` makes it a global one. */
export function pax(records: Readonly<Record<string, string>>, type: "x" | "g" = "x"): TarInput {
	const body = Object.entries(records).map(([key, value]) => paxRecord(key, value));
	return { path: "PaxHeaders/entry", type, body: Buffer.concat(body) };
}

/** The GNU way to give the entry that follows a long name (`L`) or link target (`K`). */
export function longName(name: string, type: "L" | "K" = "L"): TarInput {
	return { path: "././@LongLink", type, body: `${name}\0`, format: "gnu" };
}

/** One PAX record; its length counts its own digits. */
function paxRecord(key: string, value: string): Buffer {
	const rest = Buffer.from(` ${key}=${value}\n`);
	let length = rest.length;
	while (length !== rest.length + String(length).length) length = rest.length + String(length).length;
	return Buffer.concat([Buffer.from(String(length)), rest]);
}

export function tarBody(body: string | Buffer): Buffer {
	const bytes = Buffer.from(body);
	return Buffer.concat([bytes, Buffer.alloc((blockSize - (bytes.length % blockSize)) % blockSize)]);
}

export function tarHeader(input: TarInput): Buffer {
	const block = Buffer.alloc(blockSize);
	const path = Buffer.from(input.path);
	const fits = path.length <= 100;
	// A long path is split at a slash: the end in `name`, the rest in `prefix`.
	const split = fits ? -1 : path.indexOf("/", path.length - 101);
	if (!fits && (split < 0 || split > 155)) throw new Error(`path does not fit a ustar header: ${String(input.path)}`);
	path.copy(block, 0, split + 1);
	if (!fits) path.copy(block, 345, 0, split);
	writeNumber(block, 100, 8, input.mode ?? 0o644);
	writeNumber(block, 108, 8, 0);
	writeNumber(block, 116, 8, 0);
	writeNumber(block, 124, 12, input.size ?? Buffer.byteLength(input.body ?? ""));
	writeNumber(block, 136, 12, 0);
	block.write(input.type ?? "0", 156, "latin1");
	block.write(input.target ?? "", 157, 100);
	if (input.format === "gnu") block.write("ustar  \0", 257, "latin1");
	else if (input.format !== "v7") block.write("ustar\x0000", 257, "latin1");
	input.header?.(block);
	block.fill(0x20, 148, 156);
	const sum = block.reduce((total, byte) => total + byte, 0);
	block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
	input.corrupt?.(block);
	return block;
}

/** Octal where it fits, else base-256 in two's complement. */
export function writeNumber(block: Buffer, start: number, length: number, value: number): void {
	if (value >= 0 && value < 8 ** (length - 1)) {
		block.write(`${value.toString(8).padStart(length - 1, "0")}\0`, start, "latin1");
		return;
	}
	let rest = BigInt(value);
	for (let i = length - 1; i >= 0; i--) {
		block[start + i] = Number(rest & 0xffn);
		rest >>= 8n;
	}
	block[start] = ((block[start] as number) & 0x7f) | 0x80;
}
