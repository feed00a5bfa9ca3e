/** Buckets of made records, for the tests of this folder. */
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { onTestFinished } from "vitest";
import { ZipFile } from "yazl";
import { EngineError } from "../errors.ts";

/** A folder that is removed after the test. */
export async function tempFolder(): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), "plimsoll-advisories-"));
	onTestFinished(() => rm(folder, { recursive: true, force: true }));
	return folder;
}

/** A well-formed record on one npm package; `fields` replace or add. */
export function osvRecord(id: string, fields: Record<string, unknown> = {}): Record<string, unknown> {
	return {
		id,
		modified: "2026-01-01T00:00:00Z",
		affected: [
			{
				package: { ecosystem: "npm", name: "left-pad" },
				ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed: "1.3.0" }] }],
			},
		],
		...fields,
	};
}

/** Writes a zip; contents that are not text or bytes are written as JSON. */
export async function writeZip(path: string, files: Readonly<Record<string, unknown>>): Promise<void> {
	const zip = new ZipFile();
	for (const [name, content] of Object.entries(files)) {
		const bytes =
			content instanceof Uint8Array
				? Buffer.from(content)
				: Buffer.from(typeof content === "string" ? content : JSON.stringify(content));
		zip.addBuffer(bytes, name, { mtime: new Date("2026-01-01T00:00:00Z") });
	}
	zip.end();
	await pipeline(zip.outputStream, createWriteStream(path));
}

/** A bucket folder: ecosystem to records. */
export async function writeBucket(
	folder: string,
	ecosystems: Readonly<Record<string, readonly Record<string, unknown>[]>>,
): Promise<string> {
	for (const [ecosystem, records] of Object.entries(ecosystems)) {
		await mkdir(join(folder, ecosystem), { recursive: true });
		const files = Object.fromEntries(records.map((record) => [`${String(record["id"])}.json`, record]));
		await writeZip(join(folder, ecosystem, "all.zip"), files);
	}
	await writeFile(join(folder, "ecosystems.txt"), `${Object.keys(ecosystems).join("\n")}\n`);
	return folder;
}

export interface LoopbackServer {
	readonly url: string;
	/** `METHOD path` and the headers of every request so far. */
	readonly requests: { readonly line: string; readonly headers: IncomingMessage["headers"] }[];
}

/** A server on a free loopback port, closed after the test. */
export async function serve(
	answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<LoopbackServer> {
	const requests: LoopbackServer["requests"] = [];
	const server: Server = createServer((request, response) => {
		requests.push({ line: `${request.method} ${request.url}`, headers: request.headers });
		answer(request, response);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	onTestFinished(
		() =>
			new Promise<void>((resolve) => {
				server.closeAllConnections();
				server.close(() => resolve());
			}),
	);
	return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

/** The EngineError that a run ends with; anything else is thrown on. */
export async function failureOf(run: Promise<unknown>): Promise<EngineError> {
	const error: unknown = await run.then(
		() => new Error("it succeeded"),
		(reason: unknown) => reason,
	);
	if (!(error instanceof EngineError)) throw error;
	return error;
}
