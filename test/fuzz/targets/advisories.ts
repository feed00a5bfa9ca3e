/** OSV, trivy-db, our own database, and what the feeds' translators share. */
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scoreVector } from "../../../src/engine/advisories/cvss/score.ts";
import { severityOfWord } from "../../../src/engine/advisories/cvss/severity-words.ts";
import {
	inDatabase,
	readEcosystems,
	readFeeds,
	readMeta,
	readTotals,
} from "../../../src/engine/advisories/database/reader.ts";
import { createDatabase, type DatabaseWriter } from "../../../src/engine/advisories/database/writer.ts";
import { inPieces } from "../../../src/engine/advisories/feed-fixture.ts";
import { Malformed } from "../../../src/engine/advisories/json.ts";
import { jsonMembers } from "../../../src/engine/advisories/json-members.ts";
import { chooseEcosystems, parseEcosystems } from "../../../src/engine/advisories/osv/bucket.ts";
import { translateOsv, zipRecords } from "../../../src/engine/advisories/osv/index.ts";
import { parseModified } from "../../../src/engine/advisories/osv-changes.ts";
import { boltFile } from "../../../src/engine/advisories/trivy-db/bolt-fixture.ts";
import { BoltError, readTrivyDb } from "../../../src/engine/advisories/trivy-db/index.ts";
import {
	languageAffected,
	osAffected,
	redHatAffected,
	vulnerabilityOf,
} from "../../../src/engine/advisories/trivy-db/values.ts";
import { xmlElements } from "../../../src/engine/advisories/xml-elements.ts";
import { xmlRecord } from "../../../src/engine/advisories/xml-record.ts";
import { EngineError } from "../../../src/engine/errors.ts";
import { jsonTexts, textOf, texts } from "../inputs.ts";
import { holdAdvisory, holdFeedItem, holdSame, holdVulnerability } from "../rules.ts";
import { type FuzzTarget, hold, holdText } from "../target.ts";
import { refusal } from "./feed.ts";
import { tempFile } from "./temp-file.ts";
import { zipOf } from "./zips.ts";

const record = {
	schema_version: "1.6.0",
	id: "GHSA-aaaa-bbbb-cccc",
	aliases: ["CVE-2024-1000"],
	upstream: ["CVE-2024-1001"],
	modified: "2026-01-01T00:00:00Z",
	published: "2025-01-01T00:00:00.123Z",
	summary: "A thing",
	severity: [{ type: "CVSS_V3", score: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" }],
	affected: [
		{
			package: { ecosystem: "npm", name: "@a/b", purl: "pkg:npm/%40a/b" },
			ranges: [
				{
					type: "SEMVER",
					events: [{ introduced: "0" }, { fixed: "1.2.3" }, { introduced: "2.0.0-a" }, { last_affected: "2.1" }],
				},
			],
			versions: ["1.0.0", "1.1.0"],
			ecosystem_specific: { urgency: "low" },
		},
		{ package: { ecosystem: "Debian:12", name: "a" }, ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }] }] },
		{ ranges: [{ type: "GIT", repo: "https://x", events: [{ introduced: "0" }] }] },
	],
	references: [{ type: "WEB", url: "https://example.com/a" }],
	database_specific: { severity: "HIGH" },
};
const recordWords = [
	"affected",
	"package",
	"ecosystem",
	"ranges",
	"events",
	"introduced",
	"fixed",
	"last_affected",
	"limit",
	"versions",
	"severity",
	"withdrawn",
	"SEMVER",
	"ECOSYSTEM",
	"AlmaLinux:9",
	"Ubuntu:22.04:LTS",
];
const vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";

const advisory = {
	FixedVersion: "1.2-r3",
	Severity: 3,
	Status: 3,
	Arches: ["x86_64"],
	VendorIDs: ["DSA-1"],
	Entries: [{ FixedVersion: "2", Affected: [0], Cves: [{ ID: "CVE-2024-1", Severity: 2 }] }],
};
const trivyTree = {
	"alpine 3.19": { busybox: { "CVE-2024-1": JSON.stringify({ FixedVersion: "1.36.1-r1" }) } },
	"debian 12": { openssl: { "CVE-2024-1": JSON.stringify({ Status: 5, Severity: 1 }) } },
	"npm::GitHub Security Advisory npm": {
		"@a/b": { "CVE-2024-2": JSON.stringify({ PatchedVersions: ["1.2.3"], VulnerableVersions: ["<1.2.3"] }) },
	},
	"Red Hat": { openssl: { "RHSA-2024:1": JSON.stringify(advisory) } },
	"Red Hat CPE": {
		repository: { "rhel-9-baseos": "[0]" },
		cpe: { "0": '"cpe:/o:redhat:enterprise_linux:9"' },
		nvr: {},
	},
	"data-source": { "alpine 3.19": '{"ID":"alpine","Name":"Alpine Secdb","URL":"https://x"}' },
	vulnerability: {
		"CVE-2024-1": JSON.stringify({
			Title: "T",
			Description: "D",
			Severity: "HIGH",
			VendorSeverity: { nvd: 3 },
			CVSS: { nvd: { V3Vector: vector, V3Score: 9.8 } },
			References: ["https://x"],
			CweIDs: ["CWE-1"],
			PublishedDate: "2024-01-01T00:00:00Z",
		}),
	},
};
const deepTree = {
	"alpine 3.18": Object.fromEntries(
		Array.from({ length: 120 }, (_, at) => [`package-${at}`, { "CVE-2024-1": '{"FixedVersion":"1"}' }]),
	),
};

/** The checksums of both meta pages, so that what they say counts. */
function withMetaSums(input: Uint8Array): Uint8Array {
	const bytes = Buffer.from(input);
	for (const page of [0, 1024, 4096]) {
		if (bytes.length < page + 80) continue;
		bytes.writeUInt32LE(0xed0c_daed, page + 16);
		bytes.writeUInt32LE(2, page + 20);
		let sum = 0xcbf2_9ce4_8422_2325n;
		for (const byte of bytes.subarray(page + 16, page + 72))
			sum = BigInt.asUintN(64, (sum ^ BigInt(byte)) * 0x100_0000_01b3n);
		bytes.writeBigUInt64LE(sum, page + 72);
	}
	return bytes;
}

function snapshotFile(): Uint8Array {
	const building = join(tmpdir(), `plimsoll-fuzz-${process.pid}-building.sqlite`);
	const finished = join(tmpdir(), `plimsoll-fuzz-${process.pid}-finished.sqlite`);
	const writer = createDatabase(building);
	const source = { feed: "osv", part: "npm" };
	const read = translateOsv(record);
	if ("advisory" in read) writer.add(source, read.advisory, read.affected);
	writer.addFeed({
		...source,
		url: "",
		fetchedAt: "2026-01-01T00:00:00Z",
		records: 1,
		withdrawn: 0,
		malformed: 0,
		newest: "",
	});
	writer.finish(finished, { builtAt: "2026-01-01T00:00:00Z", kind: "full", source: "x" });
	const bytes = Uint8Array.from(readFileSync(finished));
	rmSync(finished);
	return bytes;
}

function jsonIn(input: Uint8Array): unknown {
	try {
		return JSON.parse(textOf(input));
	} catch {
		return undefined;
	}
}

const { signal } = new AbortController();

/** Stores nothing: looks at what it is given. */
const checkingWriter: DatabaseWriter = {
	add: (_, advisory, affected) => holdAdvisory(advisory, affected),
	append: (_, id, _modified, affected) => holdAdvisory({ ...bare, id }, affected),
	addVulnerability: (_, vulnerability) => holdVulnerability(vulnerability),
	addProducts: (_, contentSet, cpes) => holdFeedItem({ kind: "products", contentSet, cpes }),
	addFeed: () => {},
	forget: () => {},
	contentOf: () => ({ records: 0, withdrawn: 0, newest: "" }),
	carryOver: () => {},
	finish: () => {},
	discard: () => {},
};
const bare = { modified: "2026-01-01T00:00:00Z", aliases: [], upstream: [], related: [], severity: [], references: [] };

export const advisoryTargets: readonly FuzzTarget[] = [
	{
		name: "advisories/osv",
		seeds: () => jsonTexts(record, { id: "x_A", modified: "2026-01-01T00:00:00Z", withdrawn: "2026-01-01T00:00:00Z" }),
		words: recordWords,
		format: "json",
		run(input) {
			const json = jsonIn(input);
			if (json === undefined) return;
			const read = translateOsv(json);
			if ("problem" in read) holdText(read.problem, "a problem", 2000);
			else holdAdvisory(read.advisory, read.affected);
		},
	},
	{
		name: "advisories/osv:zip",
		seeds: () => [
			zipOf({ "A.json": JSON.stringify(record), "B.json": "{}", "folder/": "" }),
			zipOf({ "A.json": "{}" }, 0),
			zipOf({}),
		],
		words: ["PK\u0003\u0004", "PK\u0001\u0002", "PK\u0005\u0006", "PK\u0006\u0006", "A.json"],
		async run(input) {
			const path = tempFile("all.zip", input);
			await refusal(["advisories_source_unusable"], async () => {
				for await (const file of zipRecords(path)) if ("problem" in file) holdText(file.problem, "a problem", 2000);
			});
		},
	},
	{
		name: "advisories/osv:lists",
		seeds: () =>
			texts(
				"2026-01-01T00:00:00Z,GHSA-a\n2025-01-01T00:00:00Z,npm/GHSA-b\n",
				"npm\nDebian:12\nDebian\nUbuntu:22.04:LTS\n",
			),
		words: ["\n", ",", "/", "Debian", "..", "2026-01-01T00:00:00Z,A"],
		run(input) {
			for (const name of chooseEcosystems(parseEcosystems(textOf(input)), ["npm", "Debian", "Ubuntu"])) {
				holdText(name, "an ecosystem", 256);
				hold(!/[/\\]|^\.+$/.test(name), () => `an ecosystem becomes another path: ${name}`);
			}
			for (const id of parseModified(textOf(input))?.keys() ?? [])
				hold(!/[/\\]|^\.+$/.test(id), () => `no name: ${id}`);
		},
	},
	{
		name: "advisories/trivy-db",
		seeds: () => [boltFile(trivyTree), boltFile(trivyTree, { pageSize: 1024 }), boltFile(deepTree, { pageSize: 1024 })],
		words: [
			"alpine 3.19",
			"vulnerability",
			"data-source",
			"Red Hat CPE",
			'{"FixedVersion":"1"}',
			"\0\0\0\0\u0002\0",
			"\u0001\0",
		],
		mend: withMetaSums,
		async run(input) {
			const path = tempFile("trivy.db", input);
			try {
				const content = await readTrivyDb(path, checkingWriter, {
					builtAt: "2026-01-01T00:00:00Z",
					signal,
					onRecords: () => {},
					onMalformed: () => {},
				});
				for (const { records, malformed } of content.buckets)
					hold(records >= 0 && malformed >= 0, () => "a negative count");
			} catch (error) {
				if (!(error instanceof BoltError)) throw error;
			}
		},
	},
	{
		name: "advisories/trivy-db:values",
		seeds: () =>
			jsonTexts(
				advisory,
				JSON.parse(trivyTree.vulnerability["CVE-2024-1"]),
				JSON.parse(trivyTree["npm::GitHub Security Advisory npm"]["@a/b"]["CVE-2024-2"]),
			),
		words: [
			"FixedVersion",
			"AffectedVersion",
			"Entries",
			"Cves",
			"ID",
			"Severity",
			"Status",
			"Arches",
			"VendorIDs",
			"PatchedVersions",
			"VulnerableVersions",
			"VendorSeverity",
			"CVSS",
			"V3Vector",
			"Title",
			"PublishedDate",
		],
		format: "json",
		run(input) {
			const json = jsonIn(input);
			const context = { ecosystem: "Debian:12", name: "a", ratedBy: "debian", keepsUnfixed: true, only: undefined };
			osAffected(json, context);
			languageAffected(json, context);
			redHatAffected("RHSA-2024:1", json, context, new Map([["0", "cpe:/o:redhat:enterprise_linux:9"]]));
			const vulnerability = vulnerabilityOf("CVE-2024-1", json);
			if (vulnerability) holdVulnerability(vulnerability);
		},
	},
	{
		name: "advisories/database",
		seeds: () => [snapshotFile()],
		words: ["records", "affected", "CREATE TABLE", "SQLite format 3\0", '{"r":[["S","i0","f1"]]}'],
		mostBytes: 256 * 1024,
		run(input) {
			const path = tempFile("snapshot.sqlite", input);
			try {
				inDatabase(path, (database) => [
					readMeta(database),
					readEcosystems(database),
					readFeeds(database),
					readTotals(database),
				]);
			} catch (error) {
				if (!(error instanceof EngineError) || error.code !== "advisories_malformed") throw error;
			}
		},
	},
	{
		name: "advisories/cvss",
		seeds: () =>
			texts(
				vector,
				"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
				"(AV:N/AC:L/Au:N/C:P/I:P/A:P)",
				"high",
				"Important",
			),
		words: ["CVSS:4.0/", "CVSS:3.0/", "/", "AV:N", "S:C", "E:X", "constructor:N", "__proto__:H", "Au:N"],
		run(input) {
			const text = textOf(input);
			for (const type of ["CVSS_V2", "CVSS_V3", "CVSS_V4"] as const) {
				const scored = scoreVector(type, text);
				hold(scored === null || (scored.score >= 0 && scored.score <= 10), () => `${text} scores ${scored?.score}`);
			}
			const word = severityOfWord(text);
			hold(word === null || /^[a-z]+$/.test(word), () => `${text} is of severity ${String(word)}`);
		},
	},
	{
		name: "advisories/json-members",
		seeds: () => jsonTexts({ a: 1, 'b"\\': [1, { c: "}]" }], d: { e: {} } }, [1, "2", { a: [] }], { data: { x: 1 } }),
		words: ['"', "\\", "{", "}", "[", "]", ",", ":", "\\u0000", "\ufeff", "data"],
		async run(input, random) {
			const whole = jsonIn(input);
			const size = 1 + random.below(64);
			const members: [string, unknown][] = [];
			let left = 0;
			try {
				for await (const member of jsonMembers(inPieces(input, Math.max(size, Math.ceil(input.length / 100))), {
					mostBytes: 32_768,
				})) {
					if ("problem" in member) left += 1;
					else members.push([member.key, jsonIn(member.bytes)]);
				}
			} catch (error) {
				if (!(error instanceof Malformed)) throw error;
				// A key may be longer than is taken; invalid UTF-8 is mended by one side and refused by the other.
				hold(!isPlain(input, whole), () => `refused (${error.message}), but it is JSON`);
				return;
			}
			const readable = left === 0 && members.every(([, value]) => value !== undefined);
			hold(!readable || whole !== undefined || !isAscii(input), () => "taken, but it is no JSON");
			if (!readable || !isPlain(input, whole)) return;
			holdSame(new Map(members), new Map(Object.entries(whole as object)), "what JSON.parse and this read");
		},
	},
	{
		name: "advisories/xml-elements",
		seeds: () =>
			texts(
				'<?xml version="1.0"?><a:r x="1"><w id="2">t<b/></w><!-- <w> --><w><![CDATA[</w>]]></w></a:r>',
				"<r><w/><x><w>1</w></x></r>",
			),
		words: [
			"<w>",
			"</w>",
			"<r>",
			"</r>",
			"<!--",
			"-->",
			"<![CDATA[",
			"]]>",
			"<?x?>",
			"<!DOCTYPE",
			"'",
			'"',
			"/>",
			"&lt;",
		],
		async run(input, random) {
			const read = async (size: number): Promise<unknown[] | null> => {
				const found: unknown[] = [];
				try {
					for await (const element of xmlElements(inPieces(input, size), {
						root: "r",
						name: "w",
						mostCharacters: 32_768,
					})) {
						found.push(element);
						if ("text" in element) xmlRecord(element.text, "w");
					}
					return found;
				} catch (error) {
					if (!(error instanceof Malformed)) throw error;
					return null;
				}
			};
			const size = Math.max(1 + random.below(64), Math.ceil(input.length / 100));
			holdSame(await read(size), await read(Math.max(1, input.length)), "the same in one piece");
		},
	},
];

function isAscii(input: Uint8Array): boolean {
	return input.every((byte) => byte < 0x80);
}

/** JSON that both sides must read alike: no strange bytes, nothing huge or deep. */
function isPlain(input: Uint8Array, whole: unknown): boolean {
	if (typeof whole !== "object" || whole === null || !isAscii(input) || input.length > 32_768) return false;
	return input.filter((byte) => byte === 0x7b || byte === 0x5b).length < 150;
}
