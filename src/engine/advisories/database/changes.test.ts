import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Advisory, Affected, Vulnerability } from "#model";
import { tempFolder } from "../bucket-fixture.ts";
import { type AdvisoryChanges, changesBetween } from "./changes.ts";
import { compareSnapshots } from "./changes-thread.ts";
import { createDatabase, type DatabaseWriter } from "./writer.ts";

const osv = { feed: "osv", part: "npm" };
const nvd = { feed: "nvd", part: "2026" };

function advisory(id: string, more: Partial<Advisory> = {}): Advisory {
	const modified = "2026-01-01T00:00:00Z";
	return { id, modified, aliases: [], upstream: [], related: [], severity: [], references: [], ...more };
}

function affects(name: string, fixed: string, ecosystem = "npm"): Affected {
	return { ecosystem, name, versions: [], ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed }] }] };
}

function known(id: string, more: Partial<Vulnerability> = {}): Vulnerability {
	return { id, cwes: [], references: [], ratings: [], ...more };
}

type Fill = (writer: DatabaseWriter) => void;

async function database(fill: Fill): Promise<string> {
	const folder = await tempFolder();
	const writer = createDatabase(join(folder, "building.sqlite"));
	fill(writer);
	const path = join(folder, "snapshot #1?.sqlite");
	writer.finish(path, { builtAt: "2026-01-01T00:00:00Z", kind: "full", source: "test" });
	return path;
}

const base: Fill = (writer) => {
	writer.add(osv, advisory("GHSA-1", { aliases: ["CVE-1"] }), [affects("a", "1.0.0"), affects("b", "1.0.0")]);
	writer.add(osv, advisory("GHSA-2"), [affects("b", "2.0.0")]);
	writer.addVulnerability(
		nvd,
		known("CVE-1", { title: "one", epss: { score: 0.1, percentile: 0.2, date: "2026-01-01" } }),
	);
};

const nothing = { everything: false, packages: [], vulnerabilities: [], scores: [], ecosystems: [], products: false };
const onPackages = (...names: readonly string[]) => names.map((name) => ({ ecosystem: "npm", name }));

async function changes(then: Fill, before: Fill = base): Promise<AdvisoryChanges> {
	return changesBetween(await database(before), await database(then));
}

describe("between two snapshots", () => {
	test.each<readonly [string, Fill, Partial<AdvisoryChanges>]>([
		["nothing differs when both say the same", base, {}],
		[
			"nothing differs when records come in another order and are dated anew",
			(writer) => {
				writer.addVulnerability(
					nvd,
					known("CVE-1", {
						title: "one",
						modified: "2026-06-01T00:00:00Z",
						epss: { score: 0.1, percentile: 0.2, date: "2026-01-01" },
					}),
				);
				writer.add(osv, advisory("GHSA-2", { modified: "2026-06-01T00:00:00Z" }), [affects("b", "2.0.0")]);
				writer.add(osv, advisory("GHSA-1", { aliases: ["CVE-1"] }), [affects("a", "1.0.0"), affects("b", "1.0.0")]);
			},
			{},
		],
		[
			"a record that is new touches its packages",
			(writer) => {
				base(writer);
				writer.add(osv, advisory("GHSA-3"), [affects("c", "1.0.0"), affects("a", "9.0.0")]);
			},
			{ packages: onPackages("a", "c") },
		],
		[
			"an entry that says otherwise touches its package alone",
			(writer) => {
				base(writer);
				writer.add(osv, advisory("GHSA-1", { aliases: ["CVE-1"], modified: "2026-02-01T00:00:00Z" }), [
					affects("a", "1.0.1"),
					affects("b", "1.0.0"),
				]);
			},
			{ packages: onPackages("a") },
		],
		[
			"a record that says otherwise of itself touches all its packages",
			(writer) => {
				base(writer);
				writer.add(osv, advisory("GHSA-1", { aliases: ["CVE-1"], summary: "new", modified: "2026-02-01T00:00:00Z" }), [
					affects("a", "1.0.0"),
					affects("b", "1.0.0"),
				]);
			},
			{ packages: onPackages("a", "b") },
		],
		[
			"a record that is gone touches its packages",
			(writer) => {
				writer.add(osv, advisory("GHSA-1", { aliases: ["CVE-1"] }), [affects("a", "1.0.0"), affects("b", "1.0.0")]);
				writer.addVulnerability(
					nvd,
					known("CVE-1", { title: "one", epss: { score: 0.1, percentile: 0.2, date: "2026-01-01" } }),
				);
			},
			{ packages: onPackages("b") },
		],
		[
			"a record that was withdrawn touches its packages",
			(writer) => {
				base(writer);
				writer.add(
					osv,
					advisory("GHSA-2", { modified: "2026-02-01T00:00:00Z", withdrawn: "2026-02-01T00:00:00Z" }),
					[],
				);
			},
			{ packages: onPackages("b") },
		],
		[
			"EPSS and KEV alone are scores",
			(writer) => {
				base(writer);
				writer.addVulnerability(nvd, known("CVE-1", { title: "one", kev: { added: "2026-01-01", ransomware: false } }));
			},
			{ scores: ["CVE-1"] },
		],
		[
			"another title or rating is the vulnerability's",
			(writer) => {
				base(writer);
				writer.addVulnerability(nvd, known("CVE-1", { title: "two" }));
			},
			{ vulnerabilities: ["CVE-1"] },
		],
		[
			"a vector that is lent to an alias is the alias's, too",
			(writer) => {
				base(writer);
				const severity = [{ type: "CVSS_V3", vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" }] as const;
				writer.add(osv, advisory("OTHER-1", { aliases: ["CVE-1"], severity }), []);
			},
			{ vulnerabilities: ["CVE-1", "OTHER-1"] },
		],
		[
			"an ecosystem that appears is named",
			(writer) => {
				base(writer);
				writer.add(osv, advisory("DSA-1"), [affects("curl", "8", "Debian:12")]);
			},
			{ packages: [{ ecosystem: "Debian:12", name: "curl" }], ecosystems: ["Debian:12"] },
		],
		[
			"what content sets stand for is told apart",
			(writer) => {
				base(writer);
				writer.addProducts({ feed: "redhat", part: "vex" }, "rhel-9", ["cpe:/o:redhat:enterprise_linux:9"]);
			},
			{ products: true },
		],
	])("%s", async (_what, then, expected) => {
		const found = await changes(then);
		expect(found.everything ? found : sorted(found)).toEqual({ ...nothing, ...expected });
	});

	test("entries that a feed counts through differ only where they say otherwise", async () => {
		const feed = { feed: "trivy-db", part: "npm" };
		const entry =
			(id: string, name: string): Fill =>
			(writer) =>
				writer.append(feed, id, "2026-01-01T00:00:00Z", [affects(name, "1.0.0")]);
		const fill =
			(...entries: readonly Fill[]): Fill =>
			(writer) => {
				for (const one of entries) one(writer);
			};
		const found = await changes(
			fill(entry("CVE-0", "0"), entry("CVE-1", "a"), entry("CVE-1", "b")),
			fill(entry("CVE-1", "a"), entry("CVE-1", "b")),
		);
		expect(found).toEqual({ ...nothing, packages: onPackages("0") });
	});
});

test("everything differs from a snapshot that is not there or is none of this version", async () => {
	const newer = await database(base);
	const damaged = `${newer}.old`;
	copyFileSync(newer, damaged);
	writeFileSync(damaged, "no database");
	expect(changesBetween(null, newer)).toEqual({ everything: true });
	expect(changesBetween(`${newer}.gone`, newer)).toEqual({ everything: true });
	expect(changesBetween(damaged, newer)).toEqual({ everything: true });
});

test("a thread gives the same answer, its errors, and stops when it is told to", async () => {
	const [older, newer] = [await database(base), await database(base)];
	const { signal } = new AbortController();
	expect(await compareSnapshots(older, newer, signal)).toEqual(nothing);
	await expect(compareSnapshots(older, `${newer}.gone`, signal)).rejects.toMatchObject({
		code: "advisories_malformed",
	});
	await expect(compareSnapshots(older, newer, AbortSignal.abort())).rejects.toThrow("aborted");
});

function sorted(found: Exclude<AdvisoryChanges, { everything: true }>): AdvisoryChanges {
	const packages = found.packages.toSorted((a, b) => (a.name < b.name ? -1 : 1));
	return { ...found, packages, vulnerabilities: found.vulnerabilities.toSorted() };
}
