import { Buffer } from "node:buffer";
import { type ByteRange, byteRange } from "../byte-range.ts";
import { byteSearch } from "../byte-search.ts";
import type { CatalogResult, CatalogSink, FileInfo } from "../types.ts";
import {
	type Blob,
	blobAlignment,
	blobLimit,
	blobMagic,
	moduleInfoEnd,
	moduleInfoLimit,
	moduleInfoStart,
	type PointerBlob,
	readBlob,
	readPointer,
	unwrapModuleInfo,
} from "./blob.ts";
import { executableFormat, headSize, isWritable, offsetOf, readSegments, type Segment } from "./executable.ts";
import { parseBuildInfo } from "./parse-build-info.ts";

/** Needles, with the anchors that proved rarest in real programs. */
const needles = [
	{ bytes: blobMagic, anchor: 2 },
	{ bytes: moduleInfoStart, anchor: 4 },
	{ bytes: Buffer.from("go1."), anchor: 0 },
];
const [magicNeedle, moduleInfoNeedle] = [0, 1];

/** `go1.17.13` and its experiments. */
const versionLength = 64;

/** Large Go programs hold a few dozen `go1.`. */
const versionsLimit = 4096;

/** False magics are cleared up within one chunk, so that hardly two are ever open. */
const openBlobsLimit = 8;

interface OpenRange {
	readonly offset: number;
	readonly range: ByteRange;
}

/** An inline blob in writable data: there is nothing better to wait for. */
const bestRank = 3;

type Candidate = { readonly blob: Exclude<Blob, { kind: "none" | "incomplete" }>; readonly rank: number };

/**
 * Reads a Go executable in one pass, holding little more than its build information.
 *
 * A program may carry other Go programs, or the magic itself, in its read-only data. So every well-formed blob is a
 * candidate, and the first in writable data, where the linker puts the program's own, is believed.
 *
 * Before Go 1.18 the blob only points to a string header, which lies behind it, and that to the version, which lies
 * before it. So everything that begins like a version is kept until the pointers are known; the module information
 * is known by its marks.
 */
export function scanExecutable(file: FileInfo): CatalogSink {
	const head = byteRange(0, headSize);
	const search = byteSearch(needles);
	const versions: OpenRange[] = [];
	let position = 0;
	let verdict: "unknown" | "executable" | "other" = "unknown";
	let openBlobs: OpenRange[] = [];
	/** Up to here the stream belongs to a blob that makes sense: what looks like another one is part of it. */
	let claimedEnd = 0;
	let segments: readonly Segment[] = [];
	let segmentsRead = 0;
	let best: Candidate | null = null;
	let versionHeader: OpenRange | null = null;
	let moduleInfo: string | null = null;
	let openModuleInfo: (OpenRange & { searched: number }) | null = null;

	function found(needle: number, offset: number, rest: Uint8Array): boolean {
		if (needle === magicNeedle) {
			openBlob(offset, rest);
			return best?.rank !== bestRank;
		}
		if (needle === moduleInfoNeedle) {
			openModules(offset, rest);
			return moduleInfo === null;
		}
		versions.push(openRange(offset, versionLength, rest));
		return versions.length < versionsLimit;
	}

	function openBlob(offset: number, rest: Uint8Array): void {
		if (offset % blobAlignment !== 0 || offset < claimedEnd) return;
		const blob = readBlob(rest);
		if (blob.kind !== "incomplete") settle(blob, offset);
		else if (openBlobs.length < openBlobsLimit) openBlobs.push(openRange(offset, blobLimit, rest));
		if (blob.kind === "incomplete" && blob.claimed) claimedEnd = Number.POSITIVE_INFINITY;
	}

	/** Looks again at the blobs that broke off at the end of the last chunk. */
	function continueBlobs(chunk: Uint8Array): void {
		claimedEnd = Number.isFinite(claimedEnd) ? claimedEnd : 0;
		openBlobs = openBlobs.filter(({ offset, range }) => {
			range.write(chunk, position);
			const blob = readBlob(range.bytes());
			if (blob.kind !== "incomplete") settle(blob, offset);
			else if (blob.claimed) claimedEnd = Number.POSITIVE_INFINITY;
			return blob.kind === "incomplete";
		});
	}

	function settle(blob: Exclude<Blob, { kind: "incomplete" }>, offset: number): void {
		if (blob.kind === "inline" || blob.kind === "malformed") claimedEnd = Math.max(claimedEnd, offset + blob.length);
		if (blob.kind !== "none") consider(blob, offset);
	}

	function segmentsSoFar(): readonly Segment[] {
		const bytes = head.bytes();
		if (bytes.length > segmentsRead) segments = readSegments(bytes);
		segmentsRead = bytes.length;
		return segments;
	}

	function consider(blob: Candidate["blob"], offset: number): void {
		const rank = (isWritable(offset, segmentsSoFar()) ? 2 : 0) + (blob.kind === "inline" ? 1 : 0);
		if (best !== null && best.rank >= rank) return;
		best = { blob, rank };
		versionHeader = null;
		if (blob.kind !== "pointers") return;
		const header = offsetOf(blob.versionAddress, segmentsSoFar());
		if (header !== null) versionHeader = { offset: header, range: byteRange(header, 2 * blob.pointerSize) };
	}

	function openModules(offset: number, rest: Uint8Array): void {
		if (moduleInfo !== null || openModuleInfo !== null || offset < claimedEnd) return;
		openModuleInfo = { ...openRange(offset, moduleInfoLimit, rest), searched: 0 };
		closeModules();
	}

	function closeModules(): void {
		if (openModuleInfo === null) return;
		const bytes = openModuleInfo.range.bytes();
		const end = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(
			moduleInfoEnd,
			openModuleInfo.searched,
		);
		openModuleInfo.searched = Math.max(0, bytes.length - moduleInfoEnd.length + 1);
		if (end >= 0) moduleInfo = unwrapModuleInfo(bytes.subarray(0, end + moduleInfoEnd.length));
		if (end >= 0 || bytes.length >= moduleInfoLimit) openModuleInfo = null;
	}

	function feed(chunk: Uint8Array): void {
		continueBlobs(chunk);
		openModuleInfo?.range.write(chunk, position);
		closeModules();
		for (let i = versions.length - 1; i >= 0; i--) {
			const version = versions[i];
			if (!version || version.offset + versionLength <= position) break;
			version.range.write(chunk, position);
		}
		search.search(chunk, found);
		versionHeader?.range.write(chunk, position);
	}

	/** The version that a blob of before Go 1.18 points to; empty when it cannot be found. */
	function versionBehind(blob: PointerBlob): string {
		const header = versionHeader?.range.bytes();
		if (!header || header.length < 2 * blob.pointerSize) return "";
		const address = readPointer(header, 0, blob.pointerSize, blob.littleEndian);
		const length = readPointer(header, blob.pointerSize, blob.pointerSize, blob.littleEndian);
		const offset = offsetOf(address, segmentsSoFar());
		const text = versions.find((version) => version.offset === offset)?.range.bytes();
		return text && length <= text.length ? Buffer.from(text.subarray(0, length)).toString("latin1") : "";
	}

	return {
		write(chunk) {
			if (verdict === "other") return;
			head.write(chunk, position);
			if (verdict === "unknown") verdict = judge(head.bytes());
			if (verdict !== "other") feed(chunk);
			position += chunk.length;
		},
		end() {
			if (best === null)
				return claimedEnd > position ? malformed(file, "breaks off inside its build information") : nothing;
			const { blob } = best;
			if (blob.kind === "inline") return parseBuildInfo(blob.version, blob.moduleInfo, file.path);
			if (blob.kind === "pointers") return parseBuildInfo(versionBehind(blob), moduleInfo ?? "", file.path);
			const { packages } = parseBuildInfo(blob.version, "", file.path);
			return { packages, warnings: malformed(file, blob.fault).warnings };
		},
	};
}

const nothing: CatalogResult = { packages: [], warnings: [] };

function openRange(offset: number, length: number, rest: Uint8Array): OpenRange {
	const range = byteRange(offset, length);
	range.write(rest, offset);
	return { offset, range };
}

function judge(head: Uint8Array): "unknown" | "executable" | "other" {
	if (head.length < 8) return "unknown";
	return executableFormat(head) === null ? "other" : "executable";
}

function malformed(file: FileInfo, what: string): CatalogResult {
	const message = `The Go executable ${what}; its modules are missing from the inventory.`;
	return { packages: [], warnings: [{ code: "package_file_malformed", message, path: file.path }] };
}
