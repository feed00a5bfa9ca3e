/** The translators of the feeds besides OSV. */
import { runtimeProducts } from "#model";
import { readAmazon } from "../../../src/engine/advisories/amazon/index.ts";
import { readDebianTracker } from "../../../src/engine/advisories/debian-tracker/index.ts";
import { readEpss } from "../../../src/engine/advisories/epss/index.ts";
import { readKev } from "../../../src/engine/advisories/kev/index.ts";
import { readNvd } from "../../../src/engine/advisories/nvd/index.ts";
import { readOracle } from "../../../src/engine/advisories/oracle/index.ts";
import { readPhoton } from "../../../src/engine/advisories/photon/index.ts";
import { readRedHatVex, readRepositoryToCpe } from "../../../src/engine/advisories/redhat-vex/index.ts";
import { readSecdb } from "../../../src/engine/advisories/secdb/index.ts";
import { jsonTexts, testdataOf } from "../inputs.ts";
import { holdFeedItem } from "../rules.ts";
import type { FuzzTarget } from "../target.ts";
import { feedTarget, refusal } from "./feed.ts";

const modified = "2026-01-01T00:00:00Z";
const secdbs = ["Alpine", "Wolfi", "Chainguard"] as const;
const xmlWords = [
	"<",
	">",
	"/>",
	"<!--",
	"-->",
	"<![CDATA[",
	"]]>",
	"<!DOCTYPE a [",
	"<!ENTITY a 'b'>",
	"&amp;",
	"&#0;",
	"&a;",
	"<?xml",
];

export const feedTargets: readonly FuzzTarget[] = [
	feedTarget({
		name: "advisories/kev",
		seeds: () => testdataOf("advisories/kev"),
		words: ["vulnerabilities", "cveID", "CVE-2024-1000", "dateAdded", "dueDate", "count", "Known", "2024-01-01"],
		format: "json",
		read: readKev,
	}),
	feedTarget({
		name: "advisories/epss",
		// A line of its own kind of wrong takes some twenty microseconds, and most lines are.
		mostBytes: 16 * 1024,
		seeds: () => testdataOf("advisories/epss"),
		words: [
			"#model_version:v2025.03.14,score_date:2026-01-01T00:00:00Z\n",
			"cve,epss,percentile\n",
			"CVE-2024-1000,0.5,0.9\n",
			"\r\n",
			"1e-5",
		],
		read: readEpss,
	}),
	feedTarget({
		name: "advisories/nvd",
		seeds: () => testdataOf("advisories/nvd"),
		words: [
			"vulnerabilities",
			"cve",
			"configurations",
			"nodes",
			"cpeMatch",
			"criteria",
			"versionEndExcluding",
			"cpe:2.3:a:nodejs:node.js:*:*:*:*:*:*:*:*",
			"metrics",
			"vectorString",
			"\\:",
		],
		format: "json",
		read: (bytes) => readNvd(bytes, { products: runtimeProducts }),
	}),
	feedTarget({
		name: "advisories/amazon",
		seeds: () => testdataOf("advisories/amazon"),
		words: [...xmlWords, "<update>", "</update>", "<package ", "<reference ", 'epoch="0"', "<updates>"],
		read: (bytes) => readAmazon(bytes, { release: "2023" }),
	}),
	feedTarget({
		name: "advisories/oracle",
		seeds: () => testdataOf("advisories/oracle"),
		words: [
			...xmlWords,
			"<definition ",
			"</definition>",
			'<criteria operator="OR">',
			"</criteria>",
			"<criterion ",
			"is earlier than 0:1.2-3.el9",
			"<platform>",
		],
		read: readOracle,
	}),
	feedTarget({
		name: "advisories/photon",
		seeds: () => testdataOf("advisories/photon"),
		words: ["cve_id", "CVE-2024-1000", "pkg", "res_ver", "aff_ver", "cve_score", "status", "NA", "Not Affected"],
		format: "json",
		read: (bytes) => readPhoton([{ release: "5.0", bytes }], { modified }),
	}),
	feedTarget({
		name: "advisories/debian-tracker",
		seeds: () => testdataOf("advisories/debian-tracker"),
		words: [
			"releases",
			"bookworm",
			"status",
			"resolved",
			"open",
			"fixed_version",
			"urgency",
			"nodsa",
			"CVE-2024-1000",
			"TEMP-0-0",
			"0",
		],
		format: "json",
		read: (bytes) => readDebianTracker(bytes, { modified }),
	}),
	feedTarget({
		name: "advisories/redhat-vex:products",
		seeds: () =>
			jsonTexts({
				data: {
					"rhel-9-for-x86_64-baseos-rpms": { cpes: ["cpe:/o:redhat:enterprise_linux:9::baseos"] },
					b: { cpes: [] },
				},
			}),
		words: ["data", "cpes", "cpe:/a:redhat:"],
		format: "json",
		read: readRepositoryToCpe,
	}),
	{
		name: "advisories/redhat-vex",
		seeds: () => testdataOf("advisories/redhat-vex"),
		words: [
			"product_tree",
			"branches",
			"relationships",
			"product_status",
			"known_affected",
			"fixed",
			"product_id",
			"purl",
			"cpe",
			"pkg:rpm/redhat/a@1?arch=src",
			"remediations",
			"threats",
			"scores",
		],
		format: "json",
		run(input) {
			for (const item of readRedHatVex(input, "cve-2024-1000.json")) holdFeedItem(item);
		},
	},
	{
		name: "advisories/secdb",
		seeds: () => testdataOf("advisories/secdb"),
		words: [
			"packages",
			"pkg",
			"secfixes",
			"distroversion",
			"v3.19",
			"CVE-2024-1000",
			"GHSA-aaaa-bbbb-cccc",
			"0",
			"name",
		],
		format: "json",
		async run(input, random) {
			const files = [{ distribution: random.pick(secdbs), name: "main.json", bytes: input }];
			await refusal(["advisories_source_unusable"], async () => {
				for await (const item of readSecdb(files, { modified })) holdFeedItem(item);
			});
		},
	},
];
