import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { osvRecord, tempFolder, writeBucket } from "./advisories/bucket-fixture.ts";
import { openAdvisories } from "./advisories/database/reader.ts";
import { findingsOf, judgeable, matcherOver } from "./findings.ts";
import { scan } from "./scan.ts";
import { all, contentOf, dpkgStatus, now, npmPackage, openLayout, osRelease, scanDeps } from "./scan-fixture.ts";
import { buildImage } from "./testing/index.ts";
import { updateAdvisories } from "./update.ts";

/** A database made from zips as `db update` makes it. */
async function databaseOf(bucket: Parameters<typeof writeBucket>[1], ecosystems: readonly string[] | null = null) {
	const dir = join(await tempFolder(), "db");
	const fetch = () => Promise.reject(new Error("no network is needed"));
	const source = await writeBucket(await tempFolder(), bucket);
	const result = await updateAdvisories({ source, dir, kind: "full", fetch, clock: () => now, ecosystems });
	return { dir, result };
}

function affected(ecosystem: string, name: string, versions: readonly string[], ...events: readonly object[]) {
	const type = ecosystem === "npm" ? "SEMVER" : "ECOSYSTEM";
	return { package: { ecosystem, name }, versions, ...(events.length > 0 ? { ranges: [{ type, events }] } : {}) };
}

const until = (fixed: string) => [{ introduced: "0" }, { fixed }];

test.each([
	["npm", affected("npm", "a", ["1.0.0", "1.1.0", "2.0.0", "3.0.0-rc.1"], ...until("2.0.0")), ["2.0.0", "3.0.0-rc.1"]],
	["npm", affected("npm", "a", ["1.0.0"]), ["1.0.0"]],
	["npm", affected("npm", "a", ["one", "1.0.0"], ...until("2.0.0")), ["one"]],
	["npm", affected("npm", "a", ["1.0.0", "5.0.0"], { introduced: "2.0.0" }), ["1.0.0"]],
	["npm", affected("npm", "a", ["1.0.0", "1.0.1"], { introduced: "0" }, { last_affected: "1.0.0" }), ["1.0.1"]],
	[
		"Debian",
		affected("Debian:12", "a", ["1:1.0-1", "1:1.0-1~deb12u1", "1:2.0-1"], ...until("1:1.0-1")),
		["1:1.0-1", "1:2.0-1"],
	],
	["Alpine", affected("Alpine:v3.20", "a", ["1.0-r9", "1.0-r10"], ...until("1.0-r10")), ["1.0-r10"]],
	["Go", affected("Go", "a", ["1.0.0", "1.2.0"], ...until("1.1.0")), ["1.2.0"]],
])("%s: listed versions that the ranges cover are not stored, all others are: %j", async (feed, one, kept) => {
	const { dir } = await databaseOf({ [feed]: [osvRecord("X-1", { affected: [one] })] });
	const store = openAdvisories(dir);
	const found = store.lookup(one.package.ecosystem, "a");
	store.close();
	expect(found.map((match) => match.affected.versions)).toEqual([kept]);
	expect(found[0]?.affected.ranges).toHaveLength(one.ranges?.length ?? 0);
});

test("versions of a package with many ranges and no fix in sight are judged in a moment", async () => {
	const events = Array.from({ length: 400 }, (_, at) => [{ introduced: `${at + 1}.0.0` }, { fixed: `${at + 1}.5.0` }]);
	const versions = Array.from({ length: 800 }, (_, at) => `0.0.${at + 1}`);
	const one = affected("npm", "a", versions, ...events.flat());
	one.ranges?.push({ type: "SEMVER", events: [{ introduced: "0" }] });
	const started = performance.now();
	const { dir } = await databaseOf({ npm: [osvRecord("X-1", { affected: [one] })] });
	// The search for the lowest fix of each version takes some minutes.
	expect(performance.now() - started).toBeLessThan(10_000);
	const store = openAdvisories(dir);
	expect(store.lookup("npm", "a")[0]?.affected.versions).toEqual([]);
	store.close();
}, 20_000);

test("what was left out of the file does not change what is found", async () => {
	const versions = Array.from({ length: 60 }, (_, at) => `1.${at}.0`);
	const one = affected("npm", "a", [...versions, "7.0.0"], { introduced: "1.10.0" }, { fixed: "1.50.0" });
	const { dir } = await databaseOf({ npm: [osvRecord("X-1", { affected: [one] })] });
	const store = openAdvisories(dir);
	const affectedOf = (version: string) => {
		const pkg = { type: "npm", name: "a", version, path: "p", paths: ["p"], layer: 0 } as const;
		const { judged } = judgeable(
			{ os: null, packages: [pkg], contentSets: [], unread: [], warnings: [] },
			store,
			"drop",
		);
		return findingsOf(judged, null, [], matcherOver(store)).findings.length;
	};
	expect([...versions, "7.0.0"].map(affectedOf)).toEqual([...versions, "7.0.0"].map(() => 1));
	expect(["1.60.0", "6.9.9", "0.9.0"].map(affectedOf)).toEqual([0, 0, 0]);
	expect(store.lookup("npm", "a")[0]?.affected.versions).toHaveLength(21);
	store.close();
	const [file = ""] = readdirSync(dir, { recursive: true, encoding: "utf8" }).filter((name) =>
		/sha256|\.db$|\.sqlite$/.test(name),
	);
	const bodies = new DatabaseSync(join(dir, file), { readOnly: true }).prepare("SELECT body FROM affected").all();
	expect(JSON.stringify(bodies)).not.toContain("1.20.0");
	expect(JSON.stringify(bodies)).toContain("1.55.0");
});

test("all feeds that there is a row for are taken, unless some are chosen; no other ever is", async () => {
	const record = (ecosystem: string) => [
		osvRecord(`X-${ecosystem}`, { affected: [affected(ecosystem, "a", ["1.0.0"])] }),
	];
	const bucket = { npm: record("npm"), Go: record("Go"), Android: record("Android"), "Debian:12": record("Debian:12") };
	const feeds = async (chosen: readonly string[] | null) =>
		(await databaseOf(bucket, chosen)).result.feeds.map(({ part }) => part);
	expect(await feeds(null)).toEqual(["Debian:12", "Go", "npm"]);
	expect(await feeds(["npm"])).toEqual(["npm"]);
});

test("a scan with a real database, end to end", async () => {
	const deb = affected("Debian:12", "curl", [], ...until("8"));
	const { dir, result } = await databaseOf({
		npm: [osvRecord("GHSA-1", { aliases: ["CVE-2026-0001"] })],
		Debian: [osvRecord("DEBIAN-CVE-2026-0002", { upstream: ["CVE-2026-0002"], affected: [deb] })],
	});
	const image = buildImage({
		layers: [{ tar: [osRelease, dpkgStatus("curl@7", "wget@1")] }, { tar: [npmPackage("left-pad@1.0.0")] }],
	});
	const { target } = await openLayout(contentOf(image));
	const store = openAdvisories(dir);
	const report = await scan(target, all, scanDeps(store));
	store.close();
	expect(report.findings.map(({ id, package: { name }, fixedVersion }) => [id, name, fixedVersion])).toEqual([
		["CVE-2026-0002", "curl", "8"],
		["CVE-2026-0001", "left-pad", "1.3.0"],
	]);
	expect(report).toMatchObject({ status: "complete", packageCount: 3, advisories: { digest: result.digest } });
});
