/**
 * Fetches one file to disk, resumably. Beside the file `target` lie, until it is complete, `target.part` and, always,
 * `target.json` with what the server said of it; both outlive the process. A resumed download is continued only under
 * `If-Range`, so that parts of two versions are never joined. RFC 9110 §13 and §14.
 */
import { open, rename, rm, stat } from "node:fs/promises";
import { EngineError } from "../../errors.ts";
import {
	bodyOf,
	drop,
	failed,
	isAbsence,
	Passing,
	type RequestOptions,
	refused,
	repeating,
	request,
} from "./requests.ts";
import { readSidecar, type Sidecar, writeSidecar } from "./sidecar.ts";

export interface DownloadOptions extends RequestOptions {
	readonly onBytes?: (done: number, total: number | null) => void;
}

export interface Downloaded {
	readonly bytes: number;
	/** The file of an earlier run was still the server's. */
	readonly kept: boolean;
}

/** The largest zip of the public bucket has about 350 MB; nothing near this cap is a list of advisories. */
const mostBytes = 8 * 1024 ** 3;

/** Null when the server says that there is no such file. Throws `advisories_download_failed`. */
export async function download(url: URL, target: string, options: DownloadOptions): Promise<Downloaded | null> {
	return repeating(
		url,
		options,
		() => attempt(url, target, options),
		async () => sizeOf(`${target}.part`),
	);
}

async function attempt(url: URL, target: string, options: DownloadOptions): Promise<Downloaded | null> {
	const part = `${target}.part`;
	const known = await readSidecar(target, url);
	const complete = known?.complete === true && (await sizeOf(target)) === known.length;
	const have = known && !known.complete && known.validator ? await sizeOf(part) : 0;
	const response = await request(url, conditions(known, complete, have), options);
	if (complete && known && response.status === 304) {
		await drop(response);
		return { bytes: known.length ?? 0, kept: true };
	}
	if (isAbsence(response)) return drop(response);
	if (response.status === 416) {
		await drop(response);
		await rm(part, { force: true });
		throw new Passing("the part that was fetched does not fit the file any more", 0);
	}
	if (!response.ok) throw refused(url, response);
	const resumed = response.status === 206;
	if (resumed && !continues(response, have, known)) {
		await drop(response);
		await rm(part, { force: true });
		throw new Passing("the server resumed at another place than it was asked to", 0);
	}
	if (!resumed) await rm(target, { force: true });
	const sidecar = resumed && known ? known : sidecarOf(url, response);
	if (!resumed) await writeSidecar(target, sidecar);
	const bytes = await save(response, part, resumed ? have : 0, sidecar.length, url, options);
	await rename(part, target);
	await writeSidecar(target, { ...sidecar, length: bytes, complete: true });
	return { bytes, kept: false };
}

function conditions(known: Sidecar | null, complete: boolean, have: number): Record<string, string> {
	if (known === null) return {};
	if (complete && known.etag) return { "if-none-match": known.etag };
	if (complete && known.lastModified) return { "if-modified-since": known.lastModified };
	if (have > 0 && known.validator) return { range: `bytes=${have}-`, "if-range": known.validator };
	return {};
}

/** Whether a 206 goes on exactly where the part ends, in a file of the length that was told before. */
function continues(response: Response, have: number, known: Sidecar | null): boolean {
	const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(response.headers.get("content-range") ?? "");
	if (!match || have === 0 || Number(match[1]) !== have) return false;
	return match[3] === "*" || known?.length == null || Number(match[3]) === known.length;
}

function sidecarOf(url: URL, response: Response): Sidecar {
	const { headers } = response;
	const encoded = (headers.get("content-encoding") ?? "identity") !== "identity";
	const length = headers.get("content-length");
	const etag = headers.get("etag");
	const lastModified = headers.get("last-modified");
	// If-Range takes only strong validators; a date is one for a file that is not rewritten within the second.
	const validator = encoded ? null : etag?.startsWith('"') ? etag : lastModified;
	return {
		url: url.href,
		etag,
		lastModified,
		validator,
		length: encoded || length === null || !/^\d+$/.test(length) ? null : Number(length),
		complete: false,
	};
}

/** Appends the body to `part` and returns the file's length, which is the promised one. */
async function save(
	response: Response,
	part: string,
	from: number,
	total: number | null,
	url: URL,
	options: DownloadOptions,
): Promise<number> {
	const file = await open(part, from > 0 ? "r+" : "w");
	let done = from;
	try {
		options.onBytes?.(done, total);
		for await (const chunk of bodyOf(response)) {
			if (done + chunk.length > (total ?? mostBytes)) throw failed(url, "the file is larger than the server said");
			const { bytesWritten } = await file.write(chunk, 0, chunk.length, done);
			if (bytesWritten < chunk.length) throw diskFull(part);
			done += chunk.length;
			options.onBytes?.(done, total);
		}
		options.signal.throwIfAborted();
		if (total !== null && done < total) throw new Passing(`the connection ended after ${done} of ${total} bytes`, 0);
		await file.sync();
		return done;
	} finally {
		await file.close();
	}
}

function diskFull(part: string): EngineError {
	return new EngineError(
		"advisories_unwritable",
		`${part} could not be written whole.`,
		"Check that the disk has room.",
	);
}

async function sizeOf(path: string): Promise<number> {
	try {
		return (await stat(path)).size;
	} catch {
		return 0;
	}
}
