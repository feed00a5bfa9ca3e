import { existsSync, readdirSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { failureOf, type LoopbackServer, osvRecord, serve, tempFolder, writeBucket } from "./bucket-fixture.ts";
import { openAdvisories } from "./database/reader.ts";
import type { UpdateProgress } from "./types.ts";
import { type UpdateOptions, updateAdvisories } from "./update.ts";

type Answer = (request: IncomingMessage, response: ServerResponse, bytes: Buffer) => void;

interface ServedBucket extends LoopbackServer {
	/** Takes over the answers for a path; undefined hands them back. */
	readonly instead: Map<string, Answer | undefined>;
	readonly bytes: (path: string) => Promise<Buffer>;
}

/** Serves a bucket folder with ETags, conditions and ranges, as object stores do. */
async function serveBucket(folder: string): Promise<ServedBucket> {
	const instead: ServedBucket["instead"] = new Map();
	const bytesAt = (path: string) => readFile(join(folder, decodeURIComponent(path)));
	const server = await serve((request, response) => {
		const path = request.url ?? "/";
		bytesAt(path).then(
			(bytes) => (instead.get(path) ?? answerRanges)(request, response, bytes),
			() => (instead.get(path) ?? ((_, r) => r.writeHead(404).end("<Error/>")))(request, response, Buffer.alloc(0)),
		);
	});
	return { ...server, instead, bytes: bytesAt };
}

const etag = '"v1"';

const answerRanges: Answer = (request, response, bytes) => {
	response.setHeader("etag", etag);
	if (request.headers["if-none-match"] === etag) return response.writeHead(304).end();
	const from = /^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1];
	if (from === undefined || request.headers["if-range"] !== etag) {
		return response.writeHead(200, { "content-length": bytes.length }).end(bytes);
	}
	const start = Number(from);
	const range = `bytes ${start}-${bytes.length - 1}/${bytes.length}`;
	return response
		.writeHead(206, { "content-length": bytes.length - start, "content-range": range })
		.end(bytes.subarray(start));
};

/** What to do when that many bytes of a zip have reached the disk. */
const whenReached = new Map<number, () => void>();

/** Sends `count` bytes of the promised whole, waits until they are written down, then breaks the connection. */
const breakAfter =
	(count: number, tag = etag, change = (bytes: Buffer) => bytes): Answer =>
	(_, response, bytes) => {
		whenReached.set(count, () => response.destroy());
		response.writeHead(200, { "content-length": bytes.length, etag: tag });
		response.write(change(bytes.subarray(0, count)));
	};

const status =
	(code: number, headers: Record<string, string> = {}): Answer =>
	(_, response) =>
		void response.writeHead(code, headers).end();

/** The given answers one after another, then the normal one. */
const inTurn = (...answers: Answer[]): Answer => {
	const rest = [...answers];
	return (request, response, bytes) => (rest.shift() ?? answerRanges)(request, response, bytes);
};

function options(source: string, dir: string, more: Partial<UpdateOptions> = {}): UpdateOptions {
	const clock = () => new Date("2026-05-01T00:00:00Z");
	const onProgress = (event: UpdateProgress) => {
		more.onProgress?.(event);
		if (event.type !== "download") return;
		whenReached.get(event.done)?.();
		whenReached.delete(event.done);
	};
	const fixed = { ecosystems: ["npm", "Debian"], kind: "full", fetch, clock, retryDelayMs: 1 } as const;
	return { source, dir, ...fixed, ...more, onProgress };
}

const debian = {
	affected: [
		{
			package: { ecosystem: "Debian:12", name: "curl" },
			ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }] }],
		},
	],
};

async function twoFeeds(): Promise<ServedBucket> {
	const many = Array.from({ length: 300 }, (_, n) => osvRecord(`A-${n}`, { summary: `number ${n * 7919}` }));
	return serveBucket(await writeBucket(await tempFolder(), { npm: many, "Debian:12": [osvRecord("D-1", debian)] }));
}

const npmZip = "/npm/all.zip";
const debianZip = "/Debian%3A12/all.zip";

function requestsFor(bucket: ServedBucket, path: string) {
	return bucket.requests.filter(({ line }) => line === `GET ${path}`).map(({ headers }) => headers);
}

describe("updateAdvisories from a URL", () => {
	it("fetches the listed zips by encoded names and keeps nothing of them", async () => {
		const bucket = await twoFeeds();
		const dir = await tempFolder();
		const events: UpdateProgress[] = [];
		const result = await updateAdvisories(
			options(`${bucket.url}/`, dir, { onProgress: (event) => events.push(event) }),
		);
		expect(result.source).toBe(bucket.url);
		expect(result.feeds.map(({ url, records }) => [url, records])).toEqual([
			[bucket.url + debianZip, 1],
			[bucket.url + npmZip, 300],
		]);
		const { length } = await bucket.bytes(npmZip);
		expect(events).toContainEqual({ type: "download", part: "npm", done: length, total: length });
		expect(events).toContainEqual({ type: "downloaded", part: "npm", bytes: length, kept: false });
		expect(readdirSync(dir).sort()).toEqual(["current.json", "snapshots", "update.lock"]);
		expect(openAdvisories(dir).lookup("Debian:12", "curl")).toHaveLength(1);
	});

	it("goes on where a broken connection stopped", async () => {
		const bucket = await twoFeeds();
		bucket.instead.set(npmZip, inTurn(breakAfter(5000)));
		const events: UpdateProgress[] = [];
		const dir = await tempFolder();
		await updateAdvisories(options(bucket.url, dir, { onProgress: (event) => events.push(event) }));
		expect(requestsFor(bucket, npmZip).map(({ range, "if-range": ifRange }) => [range, ifRange])).toEqual([
			[undefined, undefined],
			["bytes=5000-", etag],
		]);
		expect(events).toContainEqual(expect.objectContaining({ type: "retry", part: "npm" }));
		expect(openAdvisories(dir).lookup("npm", "left-pad")).toHaveLength(300);
	});

	it("goes on in a later update, and does not fetch again what was complete", async () => {
		const bucket = await twoFeeds();
		const dir = await tempFolder();
		bucket.instead.set(npmZip, inTurn(breakAfter(5000), ...Array.from({ length: 5 }, () => status(503))));
		// One zip at a time would do as well; the other one is complete before the fifth repetition.
		bucket.instead.set(debianZip, undefined);
		const first = await updateAdvisories(options(bucket.url, dir, { retryDelayMs: 20 }));
		expect(first.feeds.map(({ part, records, failure }) => [part, records, failure])).toEqual([
			["Debian:12", 1, undefined],
			["npm", 0, `Fetching ${bucket.url}${npmZip} failed: the server answered 503 Service Unavailable.`],
		]);
		expect(existsSync(join(dir, "downloads", "npm.zip.part"))).toBe(true);
		bucket.requests.length = 0;
		const events: UpdateProgress[] = [];
		await updateAdvisories(options(bucket.url, dir, { onProgress: (event) => events.push(event) }));
		expect(requestsFor(bucket, npmZip)).toMatchObject([{ range: "bytes=5000-", "if-range": etag }]);
		expect(requestsFor(bucket, debianZip)).toMatchObject([{ "if-none-match": etag }]);
		expect(events).toContainEqual(expect.objectContaining({ type: "downloaded", part: "Debian:12", kept: true }));
		expect(openAdvisories(dir).lookup("npm", "left-pad")).toHaveLength(300);
		expect(existsSync(join(dir, "downloads"))).toBe(false);
	});

	it("starts over when the file has changed in between", async () => {
		const bucket = await twoFeeds();
		// The part is of another version: its ETag does not match any more, so the server sends the whole.
		bucket.instead.set(npmZip, inTurn(breakAfter(5000, '"v0"', ({ length }) => Buffer.alloc(length, 0x20))));
		const dir = await tempFolder();
		await updateAdvisories(options(bucket.url, dir));
		expect(requestsFor(bucket, npmZip)[1]).toMatchObject({ range: "bytes=5000-", "if-range": '"v0"' });
		expect(openAdvisories(dir).lookup("npm", "left-pad")).toHaveLength(300);
	});

	it.each<[string, Answer]>([
		[
			"answers with another range",
			(_, response, bytes) =>
				void response.writeHead(206, { "content-range": `bytes 0-9/${bytes.length}` }).end(bytes.subarray(0, 10)),
		],
		[
			"knows another length",
			(_, response) => void response.writeHead(206, { "content-range": "bytes 5000-5009/999999" }).end("0123456789"),
		],
		["refuses the range", status(416)],
	])("starts over when the server %s", async (_, second) => {
		const bucket = await twoFeeds();
		bucket.instead.set(npmZip, inTurn(breakAfter(5000), second));
		const dir = await tempFolder();
		await updateAdvisories(options(bucket.url, dir));
		expect(requestsFor(bucket, npmZip).map(({ range }) => range)).toEqual([undefined, "bytes=5000-", undefined]);
		expect(openAdvisories(dir).lookup("npm", "left-pad")).toHaveLength(300);
	});

	it("does not resume without a validator", async () => {
		const bucket = await twoFeeds();
		bucket.instead.set(npmZip, inTurn(breakAfter(5000, 'W/"weak"')));
		await updateAdvisories(options(bucket.url, await tempFolder()));
		expect(requestsFor(bucket, npmZip).map(({ range }) => range)).toEqual([undefined, undefined]);
	});

	it("reads a file whose length the server does not tell", async () => {
		const bucket = await twoFeeds();
		bucket.instead.set(npmZip, (_, response, bytes) => {
			response.writeHead(200);
			response.write(bytes.subarray(0, 100));
			response.end(bytes.subarray(100));
		});
		expect((await updateAdvisories(options(bucket.url, await tempFolder()))).records).toBe(301);
	});

	it("repeats what the server refuses for the moment, and waits as long as it asks", async () => {
		const bucket = await twoFeeds();
		bucket.instead.set(npmZip, inTurn(status(429, { "retry-after": "1" }), status(500), status(503)));
		const delays: number[] = [];
		const onProgress = (event: UpdateProgress) => {
			if (event.type === "retry") delays.push(event.delayMs);
		};
		await updateAdvisories(options(bucket.url, await tempFolder(), { onProgress }));
		expect(delays).toEqual([1000, 4, 8]);
	});

	it("fetches a file again that turned out to be broken", async () => {
		const bucket = await twoFeeds();
		const dir = await tempFolder();
		bucket.instead.set(npmZip, (_, response, bytes) => {
			response.writeHead(200, { etag, "content-length": 3000 }).end(bytes.subarray(0, 3000));
		});
		const { feeds } = await updateAdvisories(options(bucket.url, dir));
		expect(feeds[1]).toMatchObject({ part: "npm", records: 0, failure: expect.stringContaining("npm.zip") });
		bucket.instead.clear();
		await updateAdvisories(options(bucket.url, dir));
		expect(requestsFor(bucket, npmZip).at(-1)?.["if-none-match"]).toBeUndefined();
		expect(requestsFor(bucket, debianZip).at(-1)?.["if-none-match"]).toBe(etag);
	});

	it.each<[string, Answer, RegExp]>([
		["is not there", status(404), /lists Debian:12 but has no Debian:12\/all\.zip/],
		["is forbidden", status(403), /Debian%3A12\/all\.zip failed: the server answered 403/],
		["keeps breaking off", (_, response) => void response.destroy(), /Debian%3A12\/all\.zip failed/],
	])("keeps the older records of a zip that %s, and renews the others", async (_, answer, message) => {
		const bucket = await twoFeeds();
		const dir = await tempFolder();
		await updateAdvisories(options(bucket.url, dir));
		bucket.instead.set(debianZip, answer);
		const june = () => new Date("2026-06-01T00:00:00Z");
		const events: UpdateProgress[] = [];
		const more = { clock: june, onProgress: (event: UpdateProgress) => void events.push(event) };
		const { feeds } = await updateAdvisories(options(bucket.url, dir, more));
		expect(feeds).toMatchObject([
			{ part: "Debian:12", records: 1, fetchedAt: "2026-05-01T00:00:00.000Z", failure: expect.stringMatching(message) },
			{ part: "npm", records: 300, fetchedAt: "2026-06-01T00:00:00.000Z" },
		]);
		expect(feeds[1]).not.toHaveProperty("failure");
		expect(events).toContainEqual(expect.objectContaining({ type: "failed", part: "Debian:12", kept: true }));
		const store = openAdvisories(dir);
		expect(store.lookup("Debian:12", "curl").map(({ advisory }) => advisory.id)).toEqual(["D-1"]);
		expect(store.snapshot.sources.map(({ ecosystem }) => ecosystem)).toEqual(["Debian:12", "npm"]);
		store.close();
	});

	it("keeps all older records when not even the list can be had, and says why", async () => {
		const bucket = await twoFeeds();
		const dir = await tempFolder();
		await updateAdvisories(options(bucket.url, dir));
		const before = openAdvisories(dir).snapshot.digest;
		for (const path of ["/ecosystems.txt", debianZip, npmZip]) bucket.instead.set(path, status(500));
		const error = await failureOf(updateAdvisories(options(bucket.url, dir)));
		expect(error).toMatchObject({ code: "advisories_download_failed", message: expect.stringContaining("500") });
		expect(openAdvisories(dir).snapshot.digest).toBe(before);
	});

	describe("that lists what changed", () => {
		const day = (number: number) => `2026-05-0${number}T00:00:00Z`;

		/** Writes `records` as a bucket whose list has more decimals than its records. */
		async function writeListed(folder: string, records: Readonly<Record<string, string>>, single: readonly string[]) {
			const made = Object.entries(records).map(([id, modified]) => osvRecord(id, { modified }));
			await writeBucket(folder, { npm: made });
			const lines = Object.entries(records).map(([id, modified]) => `${modified.replace("Z", ".123456Z")},${id}`);
			await writeFile(join(folder, "npm", "modified_id.csv"), `${lines.join("\n")}\n`);
			for (const id of single) {
				const record = made[Object.keys(records).indexOf(id)];
				await writeFile(join(folder, "npm", `${id}.json`), JSON.stringify(record));
			}
		}

		/** A served bucket whose records were taken into a database and have changed since then; no request is kept. */
		async function changedBucket(
			before: Readonly<Record<string, string>>,
			after: Readonly<Record<string, string>>,
			single: readonly string[] = [],
		) {
			const folder = await tempFolder();
			const dir = await tempFolder();
			const bucket = await serveBucket(folder);
			await writeListed(folder, before, []);
			await updateAdvisories(options(bucket.url, dir));
			await writeListed(folder, after, single);
			bucket.requests.length = 0;
			return { bucket, dir };
		}

		const idsOf = (dir: string) =>
			openAdvisories(dir)
				.lookup("npm", "left-pad")
				.map(({ advisory }) => advisory.id);

		const npmRequests = (bucket: LoopbackServer) =>
			bucket.requests.map(({ line }) => line).filter((line) => line.includes("/npm/"));

		it("only those are fetched; what is gone from the list goes", async () => {
			const { bucket, dir } = await changedBucket(
				{ "A-1": day(1), "A-2": day(1), "A-3": day(1) },
				{ "A-4": day(3), "A-2": day(2), "A-1": day(1) },
				["A-4", "A-2"],
			);
			const { feeds } = await updateAdvisories(options(bucket.url, dir));
			expect(idsOf(dir)).toEqual(["A-1", "A-2", "A-4"]);
			expect(feeds).toMatchObject([
				{ part: "npm", records: 3, newest: day(3), url: `${bucket.url}/npm/modified_id.csv` },
			]);
			expect(npmRequests(bucket)).toEqual(["GET /npm/modified_id.csv", "GET /npm/A-4.json", "GET /npm/A-2.json"]);
		});

		it.each<[string, readonly string[], Answer | null]>([
			["lists a record that it does not have", [], null],
			["does not list records as it should", ["A-1", "A-2"], (_, response) => void response.end("<html>")],
			["lists nothing", ["A-1", "A-2"], (_, response) => void response.end("")],
			["cannot give the list", ["A-1", "A-2"], status(500)],
			["refuses the list", ["A-1", "A-2"], status(400)],
		])("the zip is taken when the bucket %s", async (_, single, answer) => {
			const { bucket, dir } = await changedBucket({ "A-1": day(1) }, { "A-1": day(2), "A-2": day(2) }, single);
			if (answer) bucket.instead.set("/npm/modified_id.csv", answer);
			const { feeds } = await updateAdvisories(options(bucket.url, dir));
			expect(feeds[0]).not.toHaveProperty("failure");
			expect(idsOf(dir)).toEqual(["A-1", "A-2"]);
			expect(requestsFor(bucket, npmZip)).toHaveLength(1);
		});

		it("the zip is taken when the list is much shorter than it was", async () => {
			const many = Object.fromEntries(Array.from({ length: 400 }, (_, at) => [`A-${at}`, day(1)]));
			const { bucket, dir } = await changedBucket(many, many);
			bucket.instead.set("/npm/modified_id.csv", (_, response) => void response.end(`${day(1)},A-1\n`));
			await updateAdvisories(options(bucket.url, dir));
			expect(requestsFor(bucket, npmZip)).toHaveLength(1);
			expect(idsOf(dir)).toHaveLength(400);
		});

		it("the zip is taken when records were read under another choice of ecosystems", async () => {
			const { bucket, dir } = await changedBucket({ "A-1": day(1) }, { "A-1": day(1) });
			const folder = await writeBucket(await tempFolder(), { "Debian:12": [osvRecord("D-1", debian)] });
			bucket.instead.set("/ecosystems.txt", (_, response) => void response.end("npm\nDebian:12\n"));
			bucket.instead.set(
				debianZip,
				(_, response) => void readFile(join(folder, "Debian:12", "all.zip")).then((bytes) => response.end(bytes)),
			);
			await updateAdvisories(options(bucket.url, dir));
			expect(requestsFor(bucket, npmZip)).toHaveLength(1);
			// The same choice again, though one part fails: the others only tell what changed.
			bucket.requests.length = 0;
			bucket.instead.set(debianZip, status(500));
			for (const _ of [1, 2]) await updateAdvisories(options(bucket.url, dir));
			expect(npmRequests(bucket)).toEqual(["GET /npm/modified_id.csv", "GET /npm/modified_id.csv"]);
			// Its records are then those of the choice before, so a third choice is read whole even where it failed.
			bucket.instead.set("/ecosystems.txt", (_, response) => void response.end("npm\nDebian:12\nDebian:13\n"));
			await updateAdvisories(options(bucket.url, dir));
			bucket.requests.length = 0;
			await updateAdvisories(options(bucket.url, dir));
			expect(npmRequests(bucket)).toEqual(["GET /npm/all.zip"]);
		});

		it("a second run takes no zip, though records stand in several of them", async () => {
			const both = osvRecord("B-1", {
				affected: ["npm", "Go"].map((ecosystem) => ({ package: { ecosystem, name: "left-pad" }, versions: ["1.0.0"] })),
			});
			const folder = await writeBucket(await tempFolder(), { Go: [both], npm: [both, osvRecord("A-1")] });
			const line = (id: string) => `2026-01-01T00:00:00Z,${id}\n`;
			await writeFile(join(folder, "Go", "modified_id.csv"), line("B-1"));
			await writeFile(join(folder, "npm", "modified_id.csv"), line("B-1") + line("A-1"));
			const bucket = await serveBucket(folder);
			const dir = await tempFolder();
			const more = { ecosystems: ["Go", "npm"] };
			const first = await updateAdvisories(options(bucket.url, dir, more));
			bucket.requests.length = 0;
			for (const _ of [1, 2]) {
				const { feeds } = await updateAdvisories(options(bucket.url, dir, more));
				expect(feeds.map(({ part, records }) => [part, records])).toEqual(
					first.feeds.map(({ part, records }) => [part, records]),
				);
			}
			expect(new Set(bucket.requests.map(({ line }) => line))).toEqual(
				new Set(["GET /ecosystems.txt", "GET /Go/modified_id.csv", "GET /npm/modified_id.csv"]),
			);
			expect(idsOf(dir)).toEqual(["A-1", "B-1"]);
			expect(openAdvisories(dir).lookup("Go", "left-pad")).toHaveLength(1);
		});
	});

	describe("whose server", () => {
		const releases = ["10", "11", "12", "13", "14", "15"].map((release) => `Debian:${release}`);

		async function sixParts() {
			const records = releases.map((ecosystem) => [
				ecosystem,
				[osvRecord(`D-${ecosystem.slice(7)}`, { affected: [{ package: { ecosystem, name: "a" }, versions: ["1"] }] })],
			]);
			return serveBucket(await writeBucket(await tempFolder(), Object.fromEntries(records)));
		}

		const pathOf = (part: string) => `/${encodeURIComponent(part)}/all.zip`;

		it.each([
			["refuses", 403],
			["does not have", 404],
		])("%s the first files gives the others", async (_, code) => {
			const bucket = await sixParts();
			for (const part of releases.slice(0, 4)) bucket.instead.set(pathOf(part), status(code));
			const { feeds } = await updateAdvisories(options(bucket.url, await tempFolder()));
			expect(feeds.map(({ failure }) => failure === undefined)).toEqual([false, false, false, false, true, true]);
		});

		it("breaks down for two files gives the others", async () => {
			const bucket = await sixParts();
			for (const part of releases.slice(0, 2)) bucket.instead.set(pathOf(part), status(500));
			// Nothing of the feed has come when the second one fails for good.
			for (const part of releases.slice(2))
				bucket.instead.set(pathOf(part), (...answer) => void setTimeout(answerRanges, 300, ...answer));
			const { feeds } = await updateAdvisories(options(bucket.url, await tempFolder()));
			expect(feeds.filter(({ failure }) => failure === undefined)).toHaveLength(4);
		});

		it("breaks down for every file is not asked for all of them", async () => {
			const bucket = await sixParts();
			for (const part of releases) bucket.instead.set(pathOf(part), status(503));
			const error = await failureOf(updateAdvisories(options(bucket.url, await tempFolder())));
			expect(error.message).toContain("503");
			expect(requestsFor(bucket, pathOf("Debian:15"))).toEqual([]);
		});
	});

	it.each([404, 403])("tries the known names when the list answers %d", async (code) => {
		const folder = await writeBucket(await tempFolder(), { npm: [osvRecord("A-1")] });
		const bucket = await serveBucket(folder);
		bucket.instead.set("/ecosystems.txt", status(code));
		const result = await updateAdvisories(options(bucket.url, await tempFolder()));
		expect(result.feeds.map(({ part }) => part)).toEqual(["npm"]);
		expect(bucket.requests.map(({ line }) => line).sort()).toEqual([
			"GET /Debian/all.zip",
			"GET /ecosystems.txt",
			"GET /npm/all.zip",
		]);
	});

	it("says that a page is no bucket", async () => {
		const bucket = await serve((_, response) => response.writeHead(404).end("<html></html>"));
		const error = await failureOf(updateAdvisories(options(bucket.url, await tempFolder())));
		expect(error).toMatchObject({
			code: "advisories_source_unusable",
			message: `${bucket.url} has no advisories for any of npm, Debian.`,
		});
	});

	it("says that nobody listens", async () => {
		const error = await failureOf(updateAdvisories(options("http://127.0.0.1:1/", await tempFolder())));
		expect(error.code).toBe("advisories_download_failed");
		expect(error.message).toContain("http://127.0.0.1:1/ecosystems.txt");
	});

	it("does not take a password in the address, nor tell it", async () => {
		const error = await failureOf(updateAdvisories(options("http://me:secret@127.0.0.1:1/", await tempFolder())));
		expect(error.code).toBe("advisories_source_unusable");
		expect(`${error.message} ${error.hint}`).not.toContain("secret");
	});

	it("keeps the query of the address, which may be a signature, out of what it stores", async () => {
		const folder = await writeBucket(await tempFolder(), { npm: [osvRecord("A-1")] });
		const bucket = await serve((request, response) => {
			const { pathname, search } = new URL(request.url ?? "/", "http://x");
			if (search !== "?sig=1") return response.writeHead(401).end();
			return void readFile(join(folder, pathname.slice("/mirror".length))).then((bytes) => response.end(bytes));
		});
		const result = await updateAdvisories(options(`${bucket.url}/mirror?sig=1`, await tempFolder()));
		expect(result.source).toBe(`${bucket.url}/mirror`);
		expect(result.feeds[0]?.url).toBe(`${bucket.url}/mirror/npm/all.zip`);
	});

	it("stops in the middle of a download when asked to, and keeps what it has", async () => {
		const bucket = await twoFeeds();
		bucket.instead.set(npmZip, breakAfter(5000));
		const dir = await tempFolder();
		const stop = new AbortController();
		const onProgress = (event: UpdateProgress) => {
			if (event.type === "download" && event.done === 5000) stop.abort();
		};
		const error = await failureOf(updateAdvisories(options(bucket.url, dir, { signal: stop.signal, onProgress })));
		expect(error.code).toBe("aborted");
		expect(existsSync(join(dir, "downloads", "npm.zip.part"))).toBe(true);
	});
});
