import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openAdvisories } from "../advisories/database/reader.ts";
import { type BoltTree, boltFile } from "../advisories/trivy-db/bolt-fixture.ts";
import { EngineError } from "../errors.ts";
import { buildTrivyDb } from "./build-trivy-db.ts";
import { folderOf } from "./database-sources.ts";

const root = mkdtempSync(join(tmpdir(), "plimsoll-trivy-db-"));
afterAll(() => rmSync(root, { recursive: true }));
let folders = 0;

const metadata = { Version: 2, UpdatedAt: "2026-11-01T06:00:00.123Z", NextUpdate: "2026-11-02T06:00:00Z" };

function source(content: BoltTree | Uint8Array, about: unknown = metadata): string {
	const folder = join(root, `source-${folders++}`);
	mkdirSync(folder);
	writeFileSync(join(folder, "trivy.db"), content instanceof Uint8Array ? content : boltFile(content));
	if (about !== null) writeFileSync(join(folder, "metadata.json"), JSON.stringify(about));
	return join(folder, "trivy.db");
}

async function imported(content: BoltTree) {
	const dir = join(root, `db-${folders++}`);
	const { signal } = new AbortController();
	const built = await buildTrivyDb({
		file: source(content),
		name: "a mirror",
		dir,
		signal,
		onRecords: () => undefined,
	});
	const store = openAdvisories(folderOf(dir, "trivy-db"));
	return { built, store, dir };
}

const json = JSON.stringify;

describe("a trivy-db", () => {
	it("becomes a snapshot of its own date, with fixed and unfixed advisories, states and vendors' severities", async () => {
		const { built, store } = await imported({
			"alpine 3.19": { curl: { "CVE-2024-1": json({ FixedVersion: "8.5-r1" }), "CVE-2024-2": json({}) } },
			"debian 12": {
				curl: {
					"CVE-2024-1": json({ FixedVersion: "7.88-2", VendorIDs: ["DSA-1-1"] }),
					"CVE-2024-3": json({ Status: 5, Severity: 1 }),
					"CVE-2024-4": json({ Status: 1 }),
				},
			},
			"data-source": { "debian 12": json({ ID: "debian", Name: "Debian" }) },
			vulnerability: {
				"CVE-2024-1": json({
					Title: "a\nflaw",
					Severity: "HIGH",
					VendorSeverity: { debian: 2, nvd: 3 },
					CVSS: { nvd: { V3Vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H" } },
					CweIDs: ["CWE-79"],
				}),
				"CVE-1999-1": json({ Title: "of nothing here" }),
			},
		});
		expect(built).toMatchObject({ builtAt: "2026-11-01T06:00:00.123Z", records: 5, malformed: 0, unknown: [] });
		expect(store.snapshot.sources.map(({ ecosystem, records }) => `${ecosystem} ${records}`)).toEqual([
			"Alpine:v3.19 1",
			"Debian:12 2",
		]);
		expect(store.lookup("Debian:12", "curl").map(({ advisory, affected }) => [advisory.id, affected])).toEqual([
			[
				"CVE-2024-1",
				{
					ecosystem: "Debian:12",
					name: "curl",
					ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: "7.88-2" }] }],
					versions: [],
					ratedBy: "debian",
					vendorIds: ["DSA-1-1"],
				},
			],
			[
				"CVE-2024-3",
				{
					ecosystem: "Debian:12",
					name: "curl",
					ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }] }],
					versions: [],
					severityWord: "low",
					state: "wont_fix",
					ratedBy: "debian",
				},
			],
		]);
		expect(store.vulnerability("CVE-2024-1")).toMatchObject({
			title: "a flaw",
			cwes: ["CWE-79"],
			ratings: [
				{ source: "debian", severity: "medium", vectors: [] },
				{ source: "nvd", severity: "high", vectors: [{ type: "CVSS_V3" }] },
				{ source: "trivy-db", severity: "high" },
			],
		});
		expect(store.vulnerability("CVE-1999-1")).toBeNull();
		store.close();
	});

	it("keeps modules, architectures, products and the constraints of languages", async () => {
		const { store } = await imported({
			"Oracle Linux 9": {
				curl: { "CVE-2024-1": json({ FixedVersion: "1", Entries: [{ FixedVersion: "2", Arches: ["x86_64"] }] }) },
			},
			"alma 9": { "nodejs:18::npm": { "CVE-2024-2": json({ FixedVersion: "3" }) } },
			"Red Hat": {
				curl: {
					"RHSA-2024:1": json({
						Entries: [
							{ FixedVersion: "4", Affected: [0, 7], Arches: ["x86_64"], Cves: [{ ID: "CVE-2024-3", Severity: 3 }] },
						],
					}),
					"CVE-2024-4": json({ Entries: [{ Status: 6, Affected: [1], Cves: [{ Severity: 2 }] }] }),
				},
			},
			"Red Hat CPE": {
				cpe: { "0": '"cpe:/o:redhat:enterprise_linux:9::baseos"', "1": '"cpe:/a:redhat:x:1"' },
				repository: { "rhel-9-for-x86_64-baseos-rpms": "[0]" },
			},
			"pip::GitHub Security Advisory pip": {
				django_x: {
					"GHSA-1": json({ VulnerableVersions: ["<2"], PatchedVersions: ["2"], UnaffectedVersions: ["<1"] }),
				},
			},
			vulnerability: {},
		});
		const only = (ecosystem: string, name: string) =>
			store.lookup(ecosystem, name).map(({ affected }) => affected.only);
		expect(only("Oracle Linux:9", "curl")).toEqual([{ arches: ["x86_64"] }]);
		expect(only("AlmaLinux:9", "npm")).toEqual([{ module: "nodejs:18" }]);
		expect(
			store
				.lookup("Red Hat", "curl")
				.map(({ advisory, affected }) => [advisory.id, affected.severityWord, affected.only, affected.state]),
		).toEqual([
			["CVE-2024-3", "high", { products: ["cpe:/o:redhat:enterprise_linux:9::baseos"], arches: ["x86_64"] }, undefined],
			["CVE-2024-4", "medium", { products: ["cpe:/a:redhat:x:1"] }, "deferred"],
		]);
		expect(store.products(["rhel-9-for-x86_64-baseos-rpms"])).toEqual(["cpe:/o:redhat:enterprise_linux:9::baseos"]);
		const [found] = [...store.lookup("PyPI", "django_x"), ...store.lookup("PyPI", "django-x")];
		expect(found?.affected.constraints).toEqual({ vulnerable: ["<2"], patched: ["2"], unaffected: ["<1"] });
		store.close();
	});

	it("counts values that are no JSON, and names buckets that are not known", async () => {
		const { built } = await imported({
			"alpine 3.19": { curl: { "CVE-2024-1": "{", "CVE-2024-2": json({ FixedVersion: "1-r1" }) } },
			"templeos 5": { a: { "CVE-2024-1": json({ FixedVersion: "1" }) } },
		});
		expect(built).toMatchObject({ malformed: 1, unknown: ["templeos 5"] });
	});

	it.each<[string, () => string, RegExp]>([
		["no bbolt file", () => source(Buffer.from("hello")), /no bbolt file/],
		["without metadata", () => source({ "alpine 3.19": {} }, null), /metadata.json/],
		["of another schema", () => source({ "alpine 3.19": {} }, { ...metadata, Version: 3 }), /version 3, .*version 2/],
		["without a date", () => source({ "alpine 3.19": {} }, { Version: 2 }), /when it was updated/],
		["empty", () => source({ "alpine 3.19": {} }), /no advisory/],
	])("that is %s is refused, and what was there before stays", async (_, make, message) => {
		const { dir, built } = await imported({ "alpine 3.19": { a: { "CVE-2024-1": json({ FixedVersion: "1-r1" }) } } });
		const { signal } = new AbortController();
		const again = buildTrivyDb({ file: make(), name: "a mirror", dir, signal, onRecords: () => undefined });
		await expect(again).rejects.toThrow(EngineError);
		await expect(again).rejects.toThrow(message);
		const store = openAdvisories(folderOf(dir, "trivy-db"));
		expect(store.snapshot.digest).toBe(built.digest);
		store.close();
		expect(readdirSync(folderOf(dir, "trivy-db")).filter((name) => name.startsWith("building-"))).toEqual([]);
	});
});
