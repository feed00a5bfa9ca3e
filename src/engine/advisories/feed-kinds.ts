/**
 * The feeds besides OSV: where each is published, which files it has and who reads them. Addresses and layouts as their
 * publishers give them (docs/feeds.md).
 */
import { runtimeProducts } from "#model";
import { readAmazon } from "./amazon/index.ts";
import { readDebianTracker } from "./debian-tracker/index.ts";
import { readEpss } from "./epss/index.ts";
import { wholeOf } from "./feed-bytes.ts";
import type { FeedFile, OpenFile } from "./feed-files.ts";
import type { FeedItem } from "./feed-types.ts";
import { readKev } from "./kev/index.ts";
import { readNvd } from "./nvd/index.ts";
import { readOracle } from "./oracle/index.ts";
import { readPhoton } from "./photon/index.ts";
import { readRedHatVex, readRepositoryToCpe } from "./redhat-vex/index.ts";
import { readSecdb, type SecdbFile } from "./secdb/index.ts";
import { tarFiles } from "./tar-files.ts";

/** Files that stand or fall together. */
export interface FeedPart {
	readonly part: string;
	readonly files: readonly FeedFile[];
	/** Reads what there is of the files, in their order; missing optional ones are left out. */
	readonly read: (files: readonly OpenFile[]) => AsyncIterable<FeedItem>;
}

export interface FeedKind {
	readonly id: string;
	/** For people. */
	readonly title: string;
	/** The publisher's address, which the files' names are relative to. */
	readonly address: string;
	parts(today: Date): readonly FeedPart[];
}

/** A secdb file is some 5 MB at most. */
const secdbBytes = 64 * 1024 * 1024;
/** The first year that NVD has a file of. */
const nvdFrom = 2002;
/** Alpine's first branch with a secdb. */
const alpineFrom = 10;
/** Alpine opens two branches a year; some more than there are, since missing files are passed over. */
const alpineTo = 40;
const repositories = ["main", "community"];
const photonReleases = ["3.0", "4.0", "5.0"];

export const feedKinds: readonly FeedKind[] = [
	{
		id: "alpine-secdb",
		title: "Alpine's list of fixed packages",
		address: "https://secdb.alpinelinux.org",
		parts: () => [
			secdb(
				"Alpine",
				range(alpineFrom, alpineTo).flatMap((minor) =>
					repositories.map((name): FeedFile => ({ name: `v3.${minor}/${name}.json`, optional: true })),
				),
			),
		],
	},
	{
		id: "wolfi-secdb",
		title: "Wolfi's list of fixed packages",
		address: "https://packages.wolfi.dev/os",
		parts: () => [secdb("Wolfi", [{ name: "security.json" }])],
	},
	{
		id: "chainguard-secdb",
		title: "Chainguard's list of fixed packages",
		address: "https://packages.cgr.dev/chainguard",
		parts: () => [secdb("Chainguard", [{ name: "security.json" }])],
	},
	{
		id: "debian-tracker",
		title: "Debian's security tracker",
		address: "https://security-tracker.debian.org/tracker/data",
		parts: () => [one("tracker", { name: "json" }, ({ bytes, modified }) => readDebianTracker(bytes, { modified }))],
	},
	{
		id: "redhat-vex",
		title: "Red Hat's VEX files",
		address: "https://security.access.redhat.com/data",
		parts: () => [
			one(
				"vex",
				{ name: "csaf/v2/vex-feed/archive.tar.zst", namedBy: "csaf/v2/vex-feed/archive_latest.txt" },
				readVexArchive,
			),
			one("products", { name: "metrics/repository-to-cpe.json" }, ({ bytes }) => readRepositoryToCpe(bytes)),
		],
	},
	{
		id: "amazon",
		title: "Amazon Linux's errata",
		address: "https://cdn.amazonlinux.com",
		parts: () => [
			amazon("2", "2/core/latest/x86_64/mirror.list"),
			amazon("2023", "al2023/core/mirrors/latest/x86_64/mirror.list"),
		],
	},
	{
		id: "oracle",
		title: "Oracle Linux's errata",
		address: "https://linux.oracle.com/security/oval",
		parts: () => [one("oval", { name: "com.oracle.elsa-all.xml.bz2" }, ({ bytes }) => readOracle(bytes))],
	},
	{
		id: "photon",
		title: "Photon OS's vulnerabilities",
		address: "https://packages.broadcom.com/photon/photon_cve_metadata",
		parts: () => [
			{
				part: "photon",
				files: photonReleases.map((release): FeedFile => ({ name: `cve_data_photon${release}.json` })),
				read: (files) =>
					readPhoton(
						files.map(({ name, bytes }) => ({ release: /(\d+\.\d+)\.json$/.exec(name)?.[1] ?? "", bytes })),
						{ modified: newest(files) },
					),
			},
		],
	},
	{
		id: "nvd",
		title: "NVD's severities",
		address: "https://nvd.nist.gov/feeds/json/cve/2.0",
		parts: (today) =>
			range(nvdFrom, today.getUTCFullYear()).map((year) =>
				one(
					String(year),
					// The first days of January may be without one.
					{ name: `nvdcve-2.0-${year}.json.gz`, ...(year === today.getUTCFullYear() ? { optional: true } : {}) },
					({ bytes }) => readNvd(bytes, { products: runtimeProducts }),
				),
			),
	},
	{
		id: "kev",
		title: "CISA's known exploited vulnerabilities",
		address: "https://www.cisa.gov/sites/default/files/feeds",
		parts: () => [one("kev", { name: "known_exploited_vulnerabilities.json" }, ({ bytes }) => readKev(bytes))],
	},
	{
		id: "epss",
		title: "FIRST's exploit predictions",
		address: "https://epss.empiricalsecurity.com",
		parts: () => [one("epss", { name: "epss_scores-current.csv.gz" }, ({ bytes }) => readEpss(bytes))],
	},
];

type Distribution = SecdbFile["distribution"];

function secdb(distribution: Distribution, files: readonly FeedFile[]): FeedPart {
	return {
		part: distribution,
		files,
		read: (opened) => readSecdb(secdbFiles(distribution, opened), { modified: newest(opened) }),
	};
}

async function* secdbFiles(distribution: Distribution, files: readonly OpenFile[]): AsyncGenerator<SecdbFile> {
	for (const { name, bytes } of files) yield { distribution, name, bytes: await wholeOf(bytes, secdbBytes) };
}

function amazon(release: string, mirrors: string): FeedPart {
	const file: FeedFile = { name: `${release}/updateinfo.xml.gz`, inRepository: mirrors };
	return one(release, file, ({ bytes }) => readAmazon(bytes, { release }));
}

function one(part: string, file: FeedFile, read: (file: OpenFile) => AsyncIterable<FeedItem>): FeedPart {
	return {
		part,
		files: [file],
		async *read(files) {
			for (const opened of files) yield* read(opened);
		},
	};
}

/** The archive of all VEX files: a folder a year, one JSON a CVE. */
async function* readVexArchive({ bytes }: OpenFile): AsyncGenerator<FeedItem> {
	for await (const { name, content } of tarFiles(bytes, (path) => path.endsWith(".json"))) {
		yield* readRedHatVex(content, name);
	}
}

function newest(files: readonly OpenFile[]): string {
	return files.map(({ modified }) => modified).reduce((a, b) => (a > b ? a : b), "1970-01-01T00:00:00.000Z");
}

function range(from: number, to: number): readonly number[] {
	return Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);
}
