import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { beforeEach, describe, expect, it } from "vitest";
import { buildTar, file } from "../testing/archives/index.ts";
import { failureOf, osvRecord, serve, tempFolder, writeBucket } from "./bucket-fixture.ts";
import { openAdvisories } from "./database/reader.ts";
import { feedKinds } from "./feed-kinds.ts";
import { type FeedChoice, readFeedChoices } from "./feeds.ts";
import { advisoriesStatus } from "./status.ts";
import type { UpdateProgress } from "./types.ts";
import { type UpdateOptions, updateAdvisories } from "./update.ts";

const hasBzip2 = spawnSync("bzip2", ["--version"], { stdio: "ignore" }).status === 0;
const clock = () => new Date("2026-11-23T00:00:00Z");
let bucket: string;

beforeEach(async () => {
	const about = (cve: string) => osvRecord(`A-${cve}`, { aliases: [cve] });
	const cves = ["CVE-2021-44228", "CVE-2024-21890", "CVE-2024-3094"];
	bucket = await writeBucket(await tempFolder(), { npm: cves.map(about) });
});

function good(feed: string): Buffer {
	return readFileSync(join(import.meta.dirname, feed, "testdata", "good"));
}

/** Every feed's files under their published names, packed as they are published. */
const published: Readonly<Record<string, Readonly<Record<string, () => Uint8Array>>>> = {
	"alpine-secdb": { "v3.19/main.json": () => good("secdb") },
	"debian-tracker": { json: () => good("debian-tracker") },
	"redhat-vex": {
		"csaf/v2/vex-feed/archive.tar.zst": () =>
			zstdCompressSync(buildTar([file("2024/cve-2024-4741.json", good("redhat-vex")), file("2024/broken.json", "{")])),
		"metrics/repository-to-cpe.json": () =>
			Buffer.from(
				JSON.stringify({
					data: { "rhel-9-for-x86_64-baseos-rpms": { cpes: ["cpe:/o:redhat:enterprise_linux:9::baseos"] } },
				}),
			),
	},
	amazon: {
		"2/updateinfo.xml.gz": () => gzipSync(good("amazon")),
		"2023/updateinfo.xml.gz": () => gzipSync(good("amazon").toString().replaceAll("ALAS2-", "ALAS2023-")),
	},
	oracle: { "com.oracle.elsa-all.xml.bz2": () => execFileSync("bzip2", ["-c"], { input: good("oracle") }) },
	photon: Object.fromEntries(
		["3.0", "4.0", "5.0"].map((release) => [`cve_data_photon${release}.json`, () => good("photon")]),
	),
	nvd: Object.fromEntries(
		Array.from({ length: 25 }, (_, at) => 2002 + at).map((year) => [
			`nvdcve-2.0-${year}.json.gz`,
			() => gzipSync(year === 2024 ? good("nvd") : JSON.stringify({ vulnerabilities: [] })),
		]),
	),
	kev: { "known_exploited_vulnerabilities.json": () => good("kev") },
	epss: { "epss_scores-current.csv.gz": () => gzipSync(good("epss")) },
};

async function folderOf(feed: string): Promise<string> {
	const folder = await tempFolder();
	for (const [name, content] of Object.entries(published[feed] ?? {})) {
		await mkdir(dirname(join(folder, name)), { recursive: true });
		await writeFile(join(folder, name), content());
	}
	return folder;
}

function options(dir: string, feeds: readonly FeedChoice[], more: Partial<UpdateOptions> = {}): UpdateOptions {
	const ecosystems = ["npm", "Debian", "Alpine", "Red Hat", "Amazon Linux", "Oracle Linux", "Photon OS", "NVD"];
	return { source: bucket, feeds, dir, ecosystems, kind: "full", fetch, clock, retryDelayMs: 1, ...more };
}

async function updated(feed: string, more: Partial<UpdateOptions> = {}) {
	const dir = await tempFolder();
	const result = await updateAdvisories(options(dir, [{ id: feed, source: await folderOf(feed) }], more));
	return { dir, result, store: openAdvisories(dir) };
}

describe("a feed besides OSV", () => {
	it.each([
		["alpine-secdb", "Alpine:v3.19"],
		["debian-tracker", "Debian:12"],
		["redhat-vex", "Red Hat"],
		["amazon", "Amazon Linux:2"],
		["amazon", "Amazon Linux:2023"],
		["photon", "Photon OS:5.0"],
		["nvd", "NVD"],
	])("%s gives advisories on %s, with its date and count", async (feed, ecosystem) => {
		const { dir, result, store } = await updated(feed);
		expect(result.feeds.filter(({ failure }) => failure !== undefined)).toEqual([]);
		expect(store.snapshot.sources.map((source) => source.ecosystem)).toContain(ecosystem);
		const parts = advisoriesStatus(dir, clock).feeds.filter((part) => part.feed === feed);
		expect(parts.some(({ records, fetchedAt }) => records > 0 && fetchedAt === clock().toISOString())).toBe(true);
		expect(parts.every(({ newest }) => newest !== "")).toBe(true);
		store.close();
	});

	it.skipIf(!hasBzip2)(
		`oracle gives advisories on Oracle Linux:9${hasBzip2 ? "" : " (skipped: no bzip2)"}`,
		async () => {
			const { result, store } = await updated("oracle");
			expect(result.feeds.filter(({ failure }) => failure !== undefined)).toEqual([]);
			expect(store.snapshot.sources.map((source) => source.ecosystem)).toContain("Oracle Linux:9");
			store.close();
		},
	);

	it("tells of severities, exploitation and its probability; of vulnerabilities that some record names", async () => {
		const dir = await tempFolder();
		const feeds = await Promise.all(["nvd", "kev", "epss"].map(async (id) => ({ id, source: await folderOf(id) })));
		await updateAdvisories(options(dir, feeds));
		const store = openAdvisories(dir);
		expect(store.vulnerability("CVE-2021-44228")).toMatchObject({
			kev: { added: expect.stringMatching(/^\d{4}-/) },
			epss: { score: 0.94358, percentile: 0.9995, date: "2026-11-20" },
		});
		expect(store.vulnerability("CVE-2024-21890")?.ratings.map(({ source }) => source)).toContain("nvd");
		expect(store.vulnerability("CVE-1999-0001")).toBeNull();
		store.close();
	});

	it("names records that cannot be read, and reads the others; products go with them", async () => {
		const { result, store } = await updated("redhat-vex");
		expect(result.malformedRecords).toMatchObject([{ part: "redhat-vex vex", name: "2024/broken.json" }]);
		expect(store.products(["rhel-9-for-x86_64-baseos-rpms"])).toEqual(["cpe:/o:redhat:enterprise_linux:9::baseos"]);
		store.close();
	});

	it.each<[string, string, (folder: string) => Promise<unknown>, RegExp]>([
		["is missing", "kev", (folder) => rm(join(folder, "known_exploited_vulnerabilities.json")), /There is no/],
		[
			"is no gzip",
			"epss",
			(folder) => writeFile(join(folder, "epss_scores-current.csv.gz"), "no gzip"),
			/cannot be unpacked/,
		],
		[
			"ends early",
			"epss",
			(folder) => writeFile(join(folder, "epss_scores-current.csv.gz"), gzipSync(good("epss")).subarray(0, 60)),
			/EPSS|exploit/,
		],
		[
			"is something else",
			"debian-tracker",
			(folder) => writeFile(join(folder, "json"), "<html>sorry</html>"),
			/Debian/,
		],
		[
			"is a broken archive",
			"redhat-vex",
			(folder) => writeFile(join(folder, "csaf/v2/vex-feed/archive.tar.zst"), zstdCompressSync(Buffer.alloc(700, 7))),
			/VEX/,
		],
	])("that %s touches no other feed and keeps its older records (%s)", async (_, feed, spoil, message) => {
		const dir = await tempFolder();
		const folder = await folderOf(feed);
		const kevFolder = await folderOf("kev");
		const choices = [{ id: feed, source: folder }, ...(feed === "kev" ? [] : [{ id: "kev", source: kevFolder }])];
		await updateAdvisories(options(dir, choices));
		const before = facts(dir);
		await spoil(folder);
		const events: UpdateProgress[] = [];
		const { feeds } = await updateAdvisories(options(dir, choices, { onProgress: (event) => void events.push(event) }));
		const failed = feeds.filter(({ failure }) => failure !== undefined);
		expect(failed).toMatchObject([{ feed, failure: expect.stringMatching(message) }]);
		expect(failed[0]?.records).toBeGreaterThan(0);
		expect(facts(dir)).toEqual(before);
		expect(events).toContainEqual(expect.objectContaining({ type: "failed", kept: true }));
	});

	it("that is not known is refused, with the list of those that are", async () => {
		const error = await failureOf(updateAdvisories(options(await tempFolder(), [{ id: "nvdd", source: null }])));
		expect(error).toMatchObject({
			code: "advisories_source_unusable",
			hint: expect.stringContaining("nvd, kev, epss"),
		});
	});

	it.each<[readonly string[], unknown]>([
		[["none"], []],
		[
			["kev", "nvd=https://mirror.example/nvd?a=b"],
			[
				{ id: "kev", source: null },
				{ id: "nvd", source: "https://mirror.example/nvd?a=b" },
			],
		],
	])("is chosen by %j", (texts, choices) => {
		expect(readFeedChoices(texts)).toEqual(choices);
		expect(() => readFeedChoices(["none", "kev"])).toThrow('no feed "none"');
	});

	it("has a public address, unique and over TLS", () => {
		expect(new Set(feedKinds.map(({ address }) => address)).size).toBe(feedKinds.length);
		for (const { address } of feedKinds) expect(address).toMatch(/^https:\/\//);
	});
});

/** What a scan would read, of everything in the database. */
function facts(dir: string) {
	const store = openAdvisories(dir);
	const { sources } = store.snapshot;
	const known = ["CVE-2021-44228", "CVE-2024-3094"].map((id) => store.vulnerability(id));
	store.close();
	return { sources, known };
}

describe("a feed over HTTP", () => {
	it("is fetched again only when it changed", async () => {
		const requests: string[] = [];
		const content = gzipSync(good("epss"));
		const server = await serve((request, response) => {
			requests.push(`${request.url} ${request.headers["if-none-match"] ?? ""}`.trim());
			if (request.headers["if-none-match"] === '"1"') response.writeHead(304).end();
			else response.writeHead(200, { etag: '"1"', "content-length": content.length }).end(content);
		});
		const dir = await tempFolder();
		for (const _ of [1, 2]) await updateAdvisories(options(dir, [{ id: "epss", source: server.url }]));
		expect(requests).toEqual(["/epss_scores-current.csv.gz", '/epss_scores-current.csv.gz "1"']);
		expect(openAdvisories(dir).vulnerability("CVE-2024-3094")?.epss?.score).toBe(1);
	});

	it("is fetched anew when what was fetched turned out to be broken", async () => {
		const content = gzipSync(good("epss"));
		const conditions: (string | undefined)[] = [];
		const server = await serve((request, response) => {
			const condition = request.headers["if-none-match"];
			conditions.push(condition);
			if (condition) response.writeHead(304).end();
			else response.writeHead(200, { etag: '"1"' }).end(conditions.length === 1 ? content.subarray(0, 60) : content);
		});
		const dir = await tempFolder();
		const run = () => updateAdvisories(options(dir, [{ id: "epss", source: server.url }]));
		expect((await run()).feeds.at(-1)).toMatchObject({ feed: "epss", failure: expect.any(String) });
		expect((await run()).feeds.at(-1)).not.toHaveProperty("failure");
		await run();
		expect(conditions).toEqual([undefined, undefined, '"1"']);
	});

	it("that is read from a folder is left there, broken or not", async () => {
		const folder = await folderOf("kev");
		const path = join(folder, "known_exploited_vulnerabilities.json");
		await writeFile(path, "{");
		const { feeds } = await updateAdvisories(options(await tempFolder(), [{ id: "kev", source: folder }]));
		expect(feeds.at(-1)).toMatchObject({ feed: "kev", failure: expect.any(String) });
		expect(readFileSync(path, "utf8")).toBe("{");
	});

	it.skipIf(process.platform !== "linux")("that cannot be read fails alone, and is named", async () => {
		const folder = await tempFolder();
		const path = join(folder, "known_exploited_vulnerabilities.json");
		// Reading the start of a process's memory is an input/output error.
		await symlink("/proc/self/mem", path);
		const { feeds } = await updateAdvisories(options(await tempFolder(), [{ id: "kev", source: folder }]));
		expect(feeds).toMatchObject([
			{ feed: "osv", records: 3 },
			{ feed: "kev", failure: expect.stringMatching(/^The file .*vulnerabilities\.json cannot be read: EIO/) },
		]);
	});

	it.each([
		["names a repository on its own server", "/core/abc/", 1],
		["names one on another server", "https://elsewhere.example/core/", 0],
	])("of an rpm repository, whose list of mirrors %s", async (_, mirror, records) => {
		const server = await serve((request, response) => {
			if (request.url?.endsWith("mirror.list")) response.end(`${mirror}\n`);
			else if (request.url === "/core/abc/repodata/repomd.xml")
				response.end(`<repomd><data type="primary"><location href="p"/></data><data type="updateinfo">
					<checksum type="sha256">x</checksum><location href="repodata/u.xml.gz"/></data></repomd>`);
			else if (request.url === "/core/abc/repodata/u.xml.gz") response.end(gzipSync(good("amazon")));
			else response.writeHead(404).end();
		});
		const { feeds } = await updateAdvisories(options(await tempFolder(), [{ id: "amazon", source: server.url }]));
		const amazon = feeds.filter(({ feed }) => feed === "amazon");
		expect(amazon.filter((part) => part.records > 0)).toHaveLength(records);
		if (records === 0) expect(amazon[0]?.failure).toContain("names no repository on this server");
	});
});
