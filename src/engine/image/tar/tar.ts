/**
 * A streaming tar reader: chunks are pushed in, entries and wanted bodies come out, all synchronously. It holds no more
 * than one header or metadata block. Where the formats leave room it does what Go's archive/tar does, because that
 * unpacks layers in every container engine: links, devices and folders have no body, global PAX headers are read past,
 * a GNU long name wins over a PAX path.
 * Formats: V7, ustar, star, GNU (long names, old sparse files), PAX (and its three sparse formats).
 */
import type { Limits } from "../limits.ts";
import type { FileSink } from "../types.ts";
import { type PaxRecords, parsePax } from "./pax.ts";
import { blockSize, classifyBlock, decodeHeader, decodeName, readNumber, type TarHeader } from "./tar-header.ts";
import { type EntryKind, hasBody, kindOf, typeFlags } from "./tar-types.ts";

export interface TarEntry {
	readonly kind: EntryKind;
	/** As the archive writes it: not cleaned. */
	readonly path: string;
	/** Of links only. */
	readonly target: string;
	/** Bytes of the file; of a sparse file with its holes. */
	readonly size: number;
	/** Permission bits. */
	readonly mode: number;
	/** The body lacks the file's holes. */
	readonly sparse: boolean;
	/** Where the body starts, and its bytes in the archive. */
	readonly offset: number;
	readonly stored: number;
}

export interface TarVisitor {
	/**
	 * Called for every entry; the sink it returns gets the body. A body that breaks off is never ended.
	 * The stored body of a sparse file is passed as it is.
	 */
	entry(entry: TarEntry): FileSink | null;
	/** Something in the archive is wrong, but reading goes on. */
	problem(message: string, path: string): void;
}

/** `ended` once the end mark was read: what follows is not looked at. `malformed` and `limit` are final too. */
export type TarStatus = "reading" | "ended" | "malformed" | "limit";

type Expecting = "header" | "body" | "padding" | "metadata" | "sparse-map";

const empty = Buffer.alloc(0);

export class TarReader {
	/** Entries so far. */
	entries = 0;
	status: TarStatus = "reading";
	/** Why `status` is `malformed` or `limit`, for people. */
	reason = "";

	private readonly visitor: TarVisitor;
	private readonly limits: Pick<Limits, "entries" | "metadataBytes">;
	private expecting: Expecting = "header";
	/** Bytes of the archive before the block or body that is being read. */
	private offset = 0;
	private readonly block = Buffer.alloc(blockSize);
	private blockFill = 0;
	private zeroBlocks = 0;
	private headers = 0;
	private remaining = 0;
	private padding = 0;
	private sink: FileSink | null = null;

	private metadata = empty;
	private metadataFill = 0;
	private metadataType = 0;
	/** Metadata bytes since the last entry. */
	private metadataTotal = 0;
	private longName: string | null = null;
	private longLink: string | null = null;
	private pax: PaxRecords = {};
	private sparseHeader: TarHeader | null = null;
	private sparseSize = 0;

	constructor(visitor: TarVisitor, limits: Pick<Limits, "entries" | "metadataBytes">) {
		this.visitor = visitor;
		this.limits = limits;
	}

	/** Takes the next bytes. Sinks see parts of `chunk` itself. Does nothing once the status is final. */
	push(chunk: Buffer): void {
		let at = 0;
		while (at < chunk.length && this.status === "reading") {
			const available = chunk.length - at;
			switch (this.expecting) {
				case "header":
				case "sparse-map":
					at += this.takeBlock(chunk, at, available);
					break;
				case "body":
					at += this.takeBody(chunk, at, available);
					break;
				case "padding":
					at += this.takePadding(available);
					break;
				case "metadata":
					at += this.takeMetadata(chunk, at, available);
					break;
			}
		}
	}

	/** Bytes that may be left out of the stream by calling `skip`: an unwanted body and its padding. */
	get skippable(): number {
		return this.status === "reading" && this.expecting === "padding" ? this.remaining : 0;
	}

	/** Moves on without the bytes; never beyond `skippable`. */
	skip(bytes: number): void {
		this.takePadding(Math.min(bytes, this.skippable));
	}

	/** Says that no bytes follow. True when the archive is whole; a missing end mark is forgiven, as by every other reader. */
	finish(): boolean {
		if (this.status !== "reading") return this.status === "ended";
		const betweenEntries = this.expecting === "header" && this.blockFill === 0;
		const inLastPadding = this.expecting === "padding" && this.remaining <= this.padding;
		if ((betweenEntries || inLastPadding) && this.metadataTotal === 0) this.status = "ended";
		else this.fail("malformed", "the archive breaks off in the middle of an entry");
		return this.status === "ended";
	}

	/** Ends the reading: the visitor has reached a limit of its own. */
	stop(reason: string): void {
		this.fail("limit", reason);
	}

	private fail(status: "malformed" | "limit", reason: string): void {
		this.status = status;
		this.reason = reason;
		this.sink = null;
	}

	private takeBlock(chunk: Buffer, at: number, available: number): number {
		if (this.blockFill === 0 && available >= blockSize) {
			this.offset += blockSize;
			this.onBlock(chunk.subarray(at, at + blockSize));
			return blockSize;
		}
		const taken = Math.min(available, blockSize - this.blockFill);
		chunk.copy(this.block, this.blockFill, at, at + taken);
		this.blockFill += taken;
		this.offset += taken;
		if (this.blockFill === blockSize) {
			this.blockFill = 0;
			this.onBlock(this.block);
		}
		return taken;
	}

	private takeBody(chunk: Buffer, at: number, available: number): number {
		const taken = Math.min(available, this.remaining);
		this.remaining -= taken;
		this.offset += taken;
		const sink = this.sink;
		sink?.write(chunk.subarray(at, at + taken));
		if (this.remaining === 0) {
			this.sink = null;
			sink?.end();
			this.expectPadding(0);
		}
		return taken;
	}

	private takePadding(available: number): number {
		const taken = Math.min(available, this.remaining);
		this.remaining -= taken;
		this.offset += taken;
		if (this.remaining === 0) this.expecting = "header";
		return taken;
	}

	private takeMetadata(chunk: Buffer, at: number, available: number): number {
		const taken = Math.min(available, this.metadata.length - this.metadataFill);
		chunk.copy(this.metadata, this.metadataFill, at, at + taken);
		this.metadataFill += taken;
		this.offset += taken;
		if (this.metadataFill === this.metadata.length) this.onMetadata();
		return taken;
	}

	/** Passes over `unwanted` bytes of body and what is missing to a whole block. */
	private expectPadding(unwanted: number): void {
		this.remaining = unwanted + this.padding;
		this.expecting = this.remaining === 0 ? "header" : "padding";
	}

	private onBlock(block: Buffer): void {
		if (this.expecting === "sparse-map") {
			this.onSparseMap(block);
			return;
		}
		const kind = classifyBlock(block);
		if (kind === "zero") {
			this.zeroBlocks++;
			if (this.zeroBlocks === 2) this.status = "ended";
		} else if (kind === "other") {
			this.fail("malformed", "a header has a wrong checksum");
		} else if (this.zeroBlocks > 0) {
			this.fail("malformed", "an entry follows half an end mark");
		} else if (this.headers >= this.limits.entries) {
			this.fail("limit", `it has more than ${this.limits.entries} entries`);
		} else {
			this.headers++;
			this.onHeader(decodeHeader(block), block);
		}
	}

	private onHeader(header: TarHeader, block: Buffer): void {
		if (!(header.size >= 0)) {
			this.fail("malformed", "an entry has a size that is no number or negative");
			return;
		}
		switch (header.type) {
			case typeFlags.longName:
			case typeFlags.longLink:
			case typeFlags.pax:
			case typeFlags.paxGlobal:
				this.expectMetadata(header);
				break;
			case typeFlags.gnuSparse:
				this.sparseHeader = header;
				this.sparseSize = readNumber(block, 483, 12);
				if (block[482] === 0) this.onEntry(header);
				else this.expecting = "sparse-map";
				break;
			default:
				this.onEntry(header);
		}
	}

	private onSparseMap(block: Buffer): void {
		if (this.headers >= this.limits.entries) this.fail("limit", `it has more than ${this.limits.entries} entries`);
		this.headers++;
		if (block[504] !== 0 || this.status !== "reading" || this.sparseHeader === null) return;
		this.onEntry(this.sparseHeader);
	}

	private expectMetadata(header: TarHeader): void {
		// The header counts as well: a chain of empty records must end too.
		this.metadataTotal += header.size + blockSize;
		if (this.metadataTotal > this.limits.metadataBytes) {
			this.fail("limit", `an entry has more than ${this.limits.metadataBytes} bytes of extended headers`);
			return;
		}
		this.padding = paddingOf(header.size);
		this.metadataType = header.type;
		this.metadata = Buffer.allocUnsafe(header.size);
		this.metadataFill = 0;
		this.expecting = "metadata";
		if (header.size === 0) this.onMetadata();
	}

	private onMetadata(): void {
		const bytes = this.metadata;
		this.metadata = empty;
		if (this.metadataType === typeFlags.longName) this.longName = longText(bytes);
		else if (this.metadataType === typeFlags.longLink) this.longLink = longText(bytes);
		else if (this.metadataType === typeFlags.pax) this.onPax(bytes);
		this.expectPadding(0);
	}

	private onPax(bytes: Buffer): void {
		const { records, problem, sizeBroken } = parsePax(bytes);
		this.pax = records;
		if (problem !== null) this.visitor.problem(problem, records.path ?? "");
		if (sizeBroken) this.fail("malformed", "a PAX record gives a size that is no number");
	}

	private onEntry(header: TarHeader): void {
		const { pax } = this;
		const path = this.longName ?? pax.sparse?.name ?? pax.path ?? header.name;
		const kind = kindOf(header.type, path);
		const stored = hasBody(kind, header.type) ? (pax.size ?? header.size) : 0;
		const oldSparse = header.type === typeFlags.gnuSparse;
		const sparse = oldSparse || pax.sparse !== undefined;
		const realSize = oldSparse ? this.sparseSize : (pax.sparse?.realSize ?? stored);
		const target = kind === "symlink" || kind === "hardlink" ? (this.longLink ?? pax.linkPath ?? header.linkName) : "";
		this.forgetMetadata();
		this.entries++;
		this.padding = paddingOf(stored);
		const size = sparse && realSize >= 0 ? realSize : stored;
		const entry: TarEntry = { kind, path, target, size, mode: header.mode, sparse, offset: this.offset, stored };
		const sink = this.visitor.entry(entry);
		if (sink !== null && stored > 0) {
			this.sink = sink;
			this.remaining = stored;
			this.expecting = "body";
			return;
		}
		sink?.end();
		this.expectPadding(stored);
	}

	private forgetMetadata(): void {
		this.longName = null;
		this.longLink = null;
		this.pax = {};
		this.metadataTotal = 0;
		this.sparseHeader = null;
	}
}

function paddingOf(size: number): number {
	return (blockSize - (size % blockSize)) % blockSize;
}

function longText(bytes: Buffer): string {
	const nul = bytes.indexOf(0);
	return decodeName(bytes, 0, nul < 0 ? bytes.length : nul);
}
