/**
 * Streams a blob as it is stored, and goes on where it broke off. The digest is not checked here: whoever reads the
 * stream does that. Invariant: what is yielded is never longer than the descriptor says.
 */
import type { Descriptor } from "#model";
import { EngineError } from "../errors.ts";
import { bodyChunks, discard } from "./body.ts";
import { type RegistryClient, type Request } from "./client.ts";
import { aborted } from "./deps.ts";
import { RequestFailure } from "./failure.ts";
import { delayAfter, pause } from "./retry.ts";

/** Breaks in a row, with no progress worth the name between them, before a blob is given up. */
const maxBreaks = 6;
/**
 * Progress that forgives earlier breaks. A server that sends a byte a connection would otherwise keep us for ever; at
 * this size the worst case for a 1 GB layer is some 24,000 requests that did bring something.
 */
const progress = 256 * 1024;

/** How far a blob is, across connections and mirrors. */
interface Transfer {
	readonly descriptor: Descriptor;
	offset: number;
}

/** Streams a blob from the first client that can give it; a later one goes on where an earlier one failed. */
export async function* streamBlob(
	clients: readonly RegistryClient[],
	repository: string,
	descriptor: Descriptor,
	signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
	const transfer: Transfer = { descriptor, offset: 0 };
	for (const [at, client] of clients.entries()) {
		try {
			yield* fromClient(client, repository, transfer, signal);
			return;
		} catch (thrown) {
			const isLast = at === clients.length - 1;
			if (isLast || signal.aborted) throw signal.aborted ? aborted(signal) : finalError(thrown, client, transfer);
		}
	}
}

async function* fromClient(
	client: RegistryClient,
	repository: string,
	transfer: Transfer,
	signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
	const { digest, size } = transfer.descriptor;
	const name = `${client.endpoint.prefix}${repository}`;
	const request = {
		path: `/v2/${name}/blobs/${digest}`,
		subject: { kind: "blob", repository: name, reference: digest },
		scope: `repository:${name}:pull`,
	} as const;
	const attempts = client.attempts ?? maxBreaks;
	const ranges = { usable: true };
	let breaks = 0;
	while (transfer.offset < size) {
		const before = transfer.offset;
		try {
			yield* once(client, request, transfer, ranges, signal);
		} catch (thrown) {
			if (transfer.offset - before >= progress) breaks = 0;
			breaks++;
			const delay = breaks < attempts ? delayAfter(thrown, breaks, client.pacing) : null;
			if (delay === null) throw thrown;
			await pause(delay, client.pacing, signal);
		}
	}
}

/** One connection. Ends without an error only when the blob is whole. */
async function* once(
	client: RegistryClient,
	request: Request,
	transfer: Transfer,
	ranges: { usable: boolean },
	signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
	const { host } = client.endpoint;
	const { size } = transfer.descriptor;
	const from = transfer.offset > 0 && ranges.usable ? transfer.offset : undefined;
	const { response } = await client.open({ ...request, ...(from !== undefined && { from }) }, signal);
	const problem = responseProblem(response, from, size);
	if (problem) {
		await discard(response);
		ranges.usable &&= response.status !== 206;
		throw new RequestFailure(failed(host, transfer, problem), true);
	}
	let skip = response.status === 206 ? 0 : transfer.offset;
	for await (const chunk of bodyChunks(host, response, signal)) {
		const fresh = chunk.subarray(Math.min(skip, chunk.length));
		skip -= chunk.length - fresh.length;
		if (fresh.length === 0) continue;
		const room = size - transfer.offset;
		if (fresh.length > room) throw tooLong(host, transfer);
		transfer.offset += fresh.length;
		yield fresh;
		release(chunk);
	}
	if (transfer.offset < size) throw new RequestFailure(truncated(host, transfer), true);
}

/** Frees a network chunk when the reader asks for the next one: a layer is too much garbage to wait for a collection. */
function release(chunk: Uint8Array): void {
	if (chunk.byteLength === chunk.buffer.byteLength) (chunk.buffer as ArrayBuffer).transfer(0);
}

/** What is wrong with a response before its body is read; null when nothing is. */
function responseProblem(response: Response, from: number | undefined, size: number): string | null {
	const encoding = response.headers.get("content-encoding");
	if (encoding !== null && encoding.toLowerCase() !== "identity")
		return `it re-encodes blobs (${encoding.slice(0, 20)})`;
	if (response.status !== 206) return null;
	const range = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16}|\*)$/.exec(response.headers.get("content-range") ?? "");
	const [, first, last, total] = range ?? [];
	const fits = Number(first) === from && Number(last) < size && (total === "*" || Number(total) === size);
	return fits ? null : "it answers with another range than the one asked for";
}

/** The error that a blob ends with: cut short when some of it came, else what kept it from coming. */
function finalError(thrown: unknown, client: RegistryClient, transfer: Transfer): unknown {
	if (!(thrown instanceof RequestFailure)) return thrown;
	if (transfer.offset === 0 || thrown.error.code === "blob_truncated") return thrown.error;
	return truncated(client.endpoint.host, transfer, thrown.error);
}

function truncated(host: string, { descriptor, offset }: Transfer, cause?: EngineError): EngineError {
	const because = cause ? ` ${cause.message}` : "";
	return new EngineError(
		"blob_truncated",
		`${host} gave only ${offset} of the ${descriptor.size} bytes of blob ${descriptor.digest}.${because}`,
		"Try again; if it stays so, the registry's copy is damaged: push the image again.",
		cause,
	);
}

function tooLong(host: string, { descriptor }: Transfer): EngineError {
	return new EngineError(
		"digest_mismatch",
		`${host} sends more than the ${descriptor.size} bytes that the manifest tells for blob ${descriptor.digest}.`,
		"The registry's copy is damaged or was changed: push the image again.",
	);
}

function failed(host: string, { descriptor }: Transfer, problem: string): EngineError {
	return new EngineError(
		"registry_failed",
		`${host} does not give blob ${descriptor.digest} as it is stored: ${problem}.`,
		"Ask the administrator of the registry, or of a proxy before it, to look at it.",
	);
}
