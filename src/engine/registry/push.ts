/**
 * Stores blobs and manifests in a repository.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#push
 */
import type { Digest } from "#model";
import { EngineError } from "../errors.ts";
import { checkTarget } from "./address.ts";
import { discard } from "./body.ts";
import { createClient, type Opened, type RegistryClient, type Request } from "./client.ts";
import { aborted, type RegistryDeps } from "./deps.ts";
import { originEndpoint } from "./endpoint.ts";
import type { Upload } from "./exchange.ts";
import { RequestFailure, unwrapFailure } from "./failure.ts";
import type { Reference } from "./reference.ts";
import { retrying } from "./retry.ts";

/** A blob to store. */
export interface PushedBlob extends Omit<Upload, "mediaType"> {
	readonly digest: Digest;
}

export interface PushTarget {
	/** Stores a blob, unless it is there already. `onBytes` is told how many bytes were sent; fewer again after a failure. */
	blob(blob: PushedBlob, signal: AbortSignal, onBytes?: (done: number) => void): Promise<void>;
	/** Stores a manifest, whose blobs must be there, under a tag or its digest. */
	manifest(target: string, mediaType: string, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
}

/** What is sent in one request where a blob cannot be sent in one. Proxies commonly allow more than 16 MiB and less than 100. */
const defaultChunk = 16 * 1024 * 1024;
/** The largest chunk that a registry may ask for; hosted ones ask for 5 to 20 MiB. */
const maxChunk = 64 * 1024 * 1024;

/** Writes to the registry itself, never to a mirror of it. Methods throw the `registry_*` codes, `credentials_unusable`, `aborted`. */
export function pushTarget({ registry, repository }: Reference, deps: RegistryDeps, chunk = defaultChunk): PushTarget {
	const client = createClient(originEndpoint(registry, deps.insecure), deps);
	const to: Destination = {
		client,
		chunk,
		base: `/v2/${repository}`,
		request: {
			subject: { kind: "push", repository, reference: "" },
			scope: `repository:${repository}:pull,push`,
		},
	};
	const retried = <T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> =>
		retrying(attempt, client.pacing, signal).catch((thrown: unknown) => {
			throw signal.aborted ? aborted(signal) : unwrapFailure(thrown);
		});
	return {
		async blob(blob, signal, onBytes = () => undefined) {
			if (await retried(() => isThere(to, blob.digest, signal), signal)) return onBytes(blob.size);
			// What is in the way of large requests may answer 413, or may just cut them off.
			let isWhole = true;
			await retried(async () => {
				const source = watched(blob, onBytes);
				try {
					const sent = isWhole && (await sendWhole(to, blob.digest, source.upload, signal));
					isWhole = blob.size <= chunk;
					if (!sent) await sendChunks(to, blob.digest, source.upload, signal);
				} catch (thrown) {
					isWhole = blob.size <= chunk;
					throw source.failure() ?? thrown;
				}
			}, signal);
		},
		manifest: (target, mediaType, bytes, signal) =>
			retried(async () => {
				const upload = { mediaType, size: bytes.length, open: () => one(bytes) };
				await send(to, { path: `${to.base}/manifests/${target}`, method: "PUT", upload, answers: [201] }, signal);
			}, signal),
	};
}

interface Destination {
	readonly client: RegistryClient;
	readonly chunk: number;
	/** `/v2/team/app` */
	readonly base: string;
	/** What all requests have in common. */
	readonly request: Pick<Request, "subject" | "scope">;
}

/** Sends a request whose answer has nothing to read but its status and headers. */
async function send(to: Destination, request: Omit<Request, "subject" | "scope">, signal: AbortSignal) {
	const opened = await to.client.open({ ...to.request, ...request }, signal);
	await discard(opened.response);
	return opened;
}

async function isThere(to: Destination, digest: Digest, signal: AbortSignal): Promise<boolean> {
	const path = `${to.base}/blobs/${digest}`;
	return (await send(to, { path, method: "HEAD", answers: [200, 404] }, signal)).response.status === 200;
}

/** Where the bytes of a new blob go, and how many at least in one request. */
async function begin(to: Destination, signal: AbortSignal): Promise<{ place: URL; least: number }> {
	const path = `${to.base}/blobs/uploads/`;
	const opened = await send(to, { path, method: "POST", answers: [202] }, signal);
	const least = Number(opened.response.headers.get("oci-chunk-min-length") ?? 0);
	if (!(least <= maxChunk)) throw failed(to, "it takes no chunks of a sensible size");
	return { place: next(to, opened), least };
}

/** In one request. False when it is too large for that. */
async function sendWhole(to: Destination, digest: Digest, upload: Upload, signal: AbortSignal): Promise<boolean> {
	const { place } = await begin(to, signal);
	const path = withDigest(place, digest);
	const { response } = await send(to, { path, method: "PUT", upload, answers: [201, 413] }, signal);
	return response.status === 201;
}

async function sendChunks(to: Destination, digest: Digest, upload: Upload, signal: AbortSignal): Promise<void> {
	const { place: first, least } = await begin(to, signal);
	let place = first;
	let offset = 0;
	for await (const part of inChunks(upload.open(), Math.max(to.chunk, least))) {
		const range = `${offset}-${offset + part.length - 1}`;
		const piece = { mediaType: upload.mediaType, size: part.length, open: () => one(part) };
		place = next(
			to,
			await send(to, { path: place.href, method: "PATCH", upload: piece, range, answers: [202] }, signal),
		);
		offset += part.length;
	}
	await send(to, { path: withDigest(place, digest), method: "PUT", answers: [201] }, signal);
}

/** Pieces of exactly `size` bytes, but for the last. */
async function* inChunks(body: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Buffer> {
	let kept: Uint8Array[] = [];
	let length = 0;
	for await (const piece of body) {
		for (let at = 0; at < piece.length; ) {
			const taken = piece.subarray(at, at + size - length);
			kept.push(Buffer.from(taken));
			at += taken.length;
			length += taken.length;
			if (length < size) continue;
			yield Buffer.concat(kept, length);
			kept = [];
			length = 0;
		}
	}
	if (length > 0) yield Buffer.concat(kept, length);
}

/** The address that an answer sends the following bytes to. */
function next(to: Destination, { response, url }: Opened): URL {
	const location = response.headers.get("location");
	const from = response.url === "" ? url : response.url;
	if (location === null || !URL.canParse(location, from)) throw failed(to, "it does not say where to send the bytes");
	const place = new URL(location, from);
	checkTarget(place, to.client.endpoint, "the address");
	return place;
}

/** Appended as it is: a signed address must not be written anew. */
function withDigest(place: URL, digest: Digest): string {
	return `${place.href}${place.search === "" ? "?" : "&"}digest=${encodeURIComponent(digest)}`;
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
	yield bytes;
}

/** Tells how much was taken, and keeps what the blob's own source threw: on its way through fetch it looks like the network's. */
function watched(blob: PushedBlob, onBytes: (done: number) => void): { upload: Upload; failure: () => unknown } {
	let failure: unknown = null;
	async function* open(): AsyncGenerator<Uint8Array> {
		let done = 0;
		try {
			for await (const chunk of blob.open()) {
				done += chunk.length;
				onBytes(done);
				yield chunk;
			}
		} catch (thrown) {
			failure = thrown;
			throw thrown;
		}
	}
	return { upload: { mediaType: "application/octet-stream", size: blob.size, open }, failure: () => failure };
}

function failed({ client }: Destination, why: string): RequestFailure {
	const message = `${client.endpoint.host} cannot be pushed to: ${why}.`;
	return new RequestFailure(new EngineError("registry_failed", message, "Ask the registry's administrator."));
}
