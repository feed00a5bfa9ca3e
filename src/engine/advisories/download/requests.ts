/**
 * Single requests that are repeated when their failure may pass: broken connections, 408, 429, 5xx. RFC 9110 §15.
 * All errors that leave here are `advisories_download_failed` or the reason of the abort signal.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { EngineError } from "../../errors.ts";
import type { Fetch } from "../../ports.ts";

export interface RequestOptions {
	readonly fetch: Fetch;
	readonly signal: AbortSignal;
	/** First pause before a repetition; it doubles with each failure in a row. */
	readonly retryDelayMs: number;
	readonly onRetry?: (reason: string, delayMs: number) => void;
}

/** Repetitions in a row without a new byte. With the doubling pause this spans half a minute. */
const attemptsWithoutProgress = 5;
/** Repetitions in all: a connection that breaks every few megabytes still gets a 1 GB file through. */
const attemptsInAll = 200;
/** The longest pause, also when the server asks for more: an update is watched by somebody. */
const longestDelayMs = 60_000;

/** A failure that a repetition may cure. */
export class Passing extends Error {
	readonly delayMs: number;
	constructor(message: string, delayMs: number, cause?: unknown) {
		super(message, { cause });
		this.delayMs = delayMs;
	}
}

/** A small text, whole; null when there is none. */
export async function downloadText(url: URL, most: number, options: RequestOptions): Promise<string | null> {
	return repeating(
		url,
		options,
		async () => {
			const response = await request(url, {}, options);
			// Without the right to list a bucket, object stores answer 403 for what does not exist.
			if (isAbsence(response) || response.status === 403) return drop(response);
			if (!response.ok) throw refused(url, response);
			const bytes: Uint8Array[] = [];
			let length = 0;
			for await (const chunk of bodyOf(response)) {
				length += chunk.length;
				if (length > most) throw failed(url, `the answer is larger than ${most} bytes`);
				bytes.push(chunk);
			}
			return Buffer.concat(bytes).toString("utf8");
		},
		async () => 0,
	);
}

/** Repeats what fails in passing; `position` tells how far it came, which counts as progress. */
export async function repeating<T>(
	url: URL,
	options: RequestOptions,
	run: () => Promise<T>,
	position: () => Promise<number>,
): Promise<T> {
	let inRow = 0;
	let furthest = await position();
	for (let all = 1; ; all++) {
		try {
			return await run();
		} catch (error) {
			if (options.signal.aborted || !(error instanceof Passing)) throw error;
			const at = await position();
			inRow = at > furthest ? 0 : inRow + 1;
			furthest = Math.max(at, furthest);
			if (inRow >= attemptsWithoutProgress || all >= attemptsInAll) throw failed(url, error.message, error);
			const delayMs = Math.min(longestDelayMs, Math.max(error.delayMs, options.retryDelayMs * 2 ** inRow));
			options.onRetry?.(error.message, delayMs);
			await sleep(delayMs, undefined, { signal: options.signal });
		}
	}
}

/** One request. */
export async function request(url: URL, headers: Record<string, string>, options: RequestOptions): Promise<Response> {
	try {
		// Lengths and ranges are those of the file itself only when nothing compresses it on the way.
		return await options.fetch(url, { headers: { ...headers, "accept-encoding": "identity" }, signal: options.signal });
	} catch (error) {
		options.signal.throwIfAborted();
		throw new Passing(reasonOf(error), 0, error);
	}
}

/** The server says that there is no such file. */
export function isAbsence(response: Response): boolean {
	return response.status === 404 || response.status === 410;
}

/** Lets go of a body that nobody reads. */
export async function drop(response: Response): Promise<null> {
	await response.body?.cancel().catch(() => undefined);
	return null;
}

/** What to throw for a status that is no success. */
export function refused(url: URL, response: Response): Error {
	const { status } = response;
	const what = `the server answered ${status}${response.statusText ? ` ${response.statusText}` : ""}`;
	void drop(response);
	if (status === 429 || status === 408 || status >= 500) return new Passing(what, retryAfterMs(response));
	return failed(url, what);
}

/** `Retry-After` in seconds; its date form is rare and treated as absent. */
function retryAfterMs(response: Response): number {
	const seconds = Number(response.headers.get("retry-after"));
	return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
}

/** The bytes as they come; a connection that breaks is a passing failure. */
export async function* bodyOf(response: Response): AsyncGenerator<Uint8Array> {
	if (!response.body) return;
	const reader = response.body.getReader();
	try {
		for (;;) {
			const { done, value } = await reader.read().catch((error: unknown) => {
				throw new Passing(reasonOf(error), 0, error);
			});
			if (done) return;
			yield value;
		}
	} finally {
		await reader.cancel().catch(() => undefined);
	}
}

/** What fetch hides in the cause of its "fetch failed". */
function reasonOf(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	const { cause } = error;
	return cause instanceof Error && cause.message ? cause.message : error.message;
}

/** The error for people; the query of the address, which may be a signature, stays out of it. */
export function failed(url: URL, reason: string, cause?: unknown): EngineError {
	return new EngineError(
		"advisories_download_failed",
		`Fetching ${url.origin}${url.pathname} failed: ${reason}.`,
		"Check the connection and the proxy, then repeat the update: it goes on where it stopped.",
		cause,
	);
}
