import { EngineError } from "../errors.ts";
import { aborted } from "./deps.ts";
import { RequestFailure } from "./failure.ts";
import { networkFailure } from "./network-failure.ts";

/**
 * Reads a whole body of at most `limit` bytes. A broken connection is a transient failure; a longer body is
 * `image_malformed` when it is about an image, so say with `what` what it is.
 */
export async function readBody(
	host: string,
	response: Response,
	limit: number,
	what: string,
	signal: AbortSignal,
): Promise<Uint8Array> {
	const chunks: Uint8Array[] = [];
	let size = 0;
	for await (const chunk of bodyChunks(host, response, signal)) {
		size += chunk.length;
		if (size > limit) throw tooLarge(host, what, limit);
		chunks.push(chunk);
	}
	return Buffer.concat(chunks, size);
}

/** The chunks of a body; a broken connection becomes a `RequestFailure`. Stopping early cancels the transfer. */
export async function* bodyChunks(
	host: string,
	response: Response,
	signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
	const reader = response.body?.getReader();
	if (!reader) return;
	let ended = false;
	try {
		for (;;) {
			const { done, value } = await reader.read().catch((thrown: unknown) => {
				ended = true;
				throw signal.aborted ? aborted(signal) : networkFailure(host, thrown);
			});
			if (done) {
				ended = true;
				return;
			}
			yield value;
		}
	} finally {
		if (!ended) await reader.cancel().catch(() => {});
	}
}

/** The beginning of an error's body, as text; empty when it cannot be read. Frees the connection. */
export async function readErrorText(host: string, response: Response, signal: AbortSignal): Promise<string> {
	/** Error bodies are a few hundred bytes; more is a web page. */
	const limit = 16_384;
	const decoder = new TextDecoder();
	let text = "";
	try {
		for await (const chunk of bodyChunks(host, response, signal)) {
			text += decoder.decode(chunk, { stream: true });
			if (text.length >= limit) break;
		}
	} catch (thrown) {
		if (!(thrown instanceof RequestFailure)) throw thrown;
	}
	return text.slice(0, limit);
}

/** Frees the connection of a response that nobody reads. */
export async function discard(response: Response): Promise<void> {
	await response.body?.cancel().catch(() => {});
}

function tooLarge(host: string, what: string, limit: number): EngineError {
	return new EngineError(
		"image_malformed",
		`${host} sends more than ${limit} bytes for ${what}.`,
		"No honest registry does so; check what the reference points to.",
	);
}
