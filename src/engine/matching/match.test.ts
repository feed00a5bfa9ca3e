import { describe, expect, it } from "vitest";
import type { Advisory, Affected } from "#model";
import type { AdvisoryMatch, AdvisoryStore } from "../ports.ts";
import { deb } from "../versions/deb/index.ts";
import { matchPackage } from "./match.ts";
import { orderingOf } from "./ordering.ts";

const high = { type: "CVSS_V3", vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H" } as const;
const critical = { type: "CVSS_V3", vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" } as const;

function record(
	id: string,
	fields: Partial<Advisory>,
	fixed: string | null,
	entry: Partial<Affected> = {},
): AdvisoryMatch {
	return {
		feed: "osv",
		advisory: {
			id,
			aliases: [],
			upstream: [],
			related: [],
			modified: "2024-01-01T00:00:00Z",
			severity: [],
			references: [],
			...fields,
		},
		affected: {
			ecosystem: "Debian:12",
			name: "curl",
			ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, ...(fixed ? [{ fixed }] : [])] }],
			versions: [],
			...entry,
		},
	};
}

function matches(records: readonly AdvisoryMatch[], lent: ReturnType<AdvisoryStore["severities"]> = []) {
	const store: AdvisoryStore = {
		snapshot: { digest: "", builtAt: "2024-01-01T00:00:00Z", sources: [] },
		kind: "full",
		lookup: (ecosystem, name) => (ecosystem === "Debian:12" && name === "curl" ? records : []),
		severities: (ids) => (ids.includes("CVE-2024-0001") ? lent : []),
		vulnerability: () => null,
		products: () => [],
		close: () => undefined,
	};
	const query = {
		lookups: [{ ecosystem: "Debian:12", name: "curl", version: "7.88.1-10" }],
		circumstances: { module: null, products: [] },
		ordering: orderingOf(deb),
		identifiers: ["aliases", "upstream"] as const,
	};
	return matchPackage(query, store).matches;
}

describe("matchPackage", () => {
	it("names a finding by its CVE and keeps the advisory as an alias", () => {
		const [found] = matches([record("DSA-1-1", { upstream: ["CVE-2024-0001"] }, "7.88.1-10+deb12u1")]);
		expect(found).toMatchObject({
			id: "CVE-2024-0001",
			aliases: ["DSA-1-1"],
			fixedVersion: "7.88.1-10+deb12u1",
			state: "fixed",
		});
	});

	it("keeps the advisory's own name where there is no CVE", () => {
		expect(matches([record("DSA-2-1", {}, null)])).toMatchObject([
			{ id: "DSA-2-1", aliases: [], state: "affected", fixedVersion: null },
		]);
	});

	it("makes one finding of each CVE of an erratum", () => {
		const found = matches([record("DSA-3-1", { upstream: ["CVE-2024-0001", "CVE-2024-0002"] }, "9")]);
		expect(found.map((match) => match.id)).toEqual(["CVE-2024-0001", "CVE-2024-0002"]);
	});

	it("says nothing of a version that is fixed already", () => {
		expect(matches([record("DSA-4-1", {}, "7.88.1-9")])).toEqual([]);
	});

	it("takes the higher fix when two advisories speak of one CVE, whichever comes first", () => {
		const first = record("DSA-5-1", { upstream: ["CVE-2024-0001"] }, "7.88.1-10+deb12u1");
		const second = record("DSA-5-2", { upstream: ["CVE-2024-0001"] }, "7.88.1-10+deb12u2");
		for (const records of [
			[first, second],
			[second, first],
		]) {
			expect(matches(records)).toMatchObject([{ fixedVersion: "7.88.1-10+deb12u2" }]);
		}
	});

	it("judges all entries that one record has for a package together", () => {
		const spread = record("X-1", {}, "8");
		const found = matches([
			spread,
			{
				...spread,
				affected: {
					...spread.affected,
					ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "7.99" }, { fixed: "9" }] }],
				},
			},
		]);
		expect(found).toMatchObject([{ fixedVersion: "9" }]);
	});
});

describe("severity", () => {
	const about = { upstream: ["CVE-2024-0001"] };

	it("is the record's own vector first", () => {
		const [found] = matches(
			[record("D-1", { ...about, severity: [high] }, null)],
			[{ ...critical, source: "CVE-2024-0001" }],
		);
		expect(found).toMatchObject({ severity: "high", severitySource: "D-1" });
		expect(found?.cvss.map((cvss) => cvss.score)).toEqual([7.5, 9.8]);
	});

	it("is lent by another record of the same vulnerability", () => {
		const [found] = matches([record("D-1", about, null)], [{ ...critical, source: "GHSA-x" }]);
		expect(found).toMatchObject({ severity: "critical", severitySource: "GHSA-x" });
	});

	it("is not one vector for all CVEs of an erratum", () => {
		const found = matches([
			record("D-1", { upstream: ["CVE-2024-0002", "CVE-2024-0003"], severity: [critical] }, null),
		]);
		expect(found.map((match) => match.severity)).toEqual(["unknown", "unknown"]);
	});

	it("is the feed's word when there is no vector, and unknown when there is no word", () => {
		expect(matches([record("D-1", { ...about, severityWord: "moderate" }, null)])).toMatchObject([
			{ severity: "medium", severitySource: "D-1" },
		]);
		expect(matches([record("D-1", about, null)])).toMatchObject([{ severity: "unknown", severitySource: null }]);
	});
});

describe("a package that is looked up in several places", () => {
	const query = (more: Partial<Parameters<typeof matchPackage>[0]>) => ({
		lookups: [
			{ ecosystem: "Ubuntu:Pro:22.04:LTS", name: "curl", version: "7.88.1-10" },
			{ ecosystem: "Ubuntu:22.04:LTS", name: "curl", version: "7.88.1-10" },
		],
		circumstances: { module: null, products: [] },
		ordering: orderingOf(deb),
		identifiers: ["aliases", "upstream"] as const,
		...more,
	});
	const store = (found: Readonly<Record<string, readonly AdvisoryMatch[]>>): AdvisoryStore => ({
		snapshot: { digest: "", builtAt: "2024-01-01T00:00:00Z", sources: [] },
		kind: "full",
		lookup: (ecosystem) => found[ecosystem] ?? [],
		severities: () => [],
		vulnerability: () => null,
		products: () => [],
		close: () => undefined,
	});
	const pro = [record("CVE-2024-0001", {}, "7.88.1-9")];
	const plain = [record("CVE-2024-0001", {}, null), record("CVE-2024-0002", {}, "8")];
	const both = store({ "Ubuntu:Pro:22.04:LTS": pro, "Ubuntu:22.04:LTS": plain });

	it("has the findings of all of them", () => {
		expect(matchPackage(query({}), both).matches.map(({ id }) => id)).toEqual(["CVE-2024-0001", "CVE-2024-0002"]);
	});

	it("is judged by the first that a record speaks of it in, where that decides", () => {
		const { matches } = matchPackage(query({ firstEcosystemDecides: true }), both);
		expect(matches.map(({ id }) => id)).toEqual(["CVE-2024-0002"]);
	});

	it("is compared only with builds of its own flavour", () => {
		const flavourOf = (version: string) => (version.includes("fips") ? "fips" : null);
		const fips = [record("CVE-2024-0003", {}, "10:9-1_fips"), record("CVE-2024-0004", {}, null)];
		const found = matchPackage(query({ flavourOf }), store({ "Ubuntu:22.04:LTS": [...plain, ...fips] })).matches;
		expect(found.map(({ id }) => id)).toEqual(["CVE-2024-0001", "CVE-2024-0002", "CVE-2024-0004"]);
	});

	it.each([
		["A-1", "A-2"],
		["A-2", "A-1"],
	])("has the severity of whoever is nearest to it, whichever record comes first (%s, %s)", (vector, word) => {
		const alias = { upstream: ["CVE-2024-0009"] };
		const records = [
			record(vector, { ...alias, severity: [critical] }, "8"),
			record(word, alias, "8", { severityWord: "negligible" }),
		].toSorted((a, b) => (a.advisory.id < b.advisory.id ? -1 : 1));
		const [found] = matchPackage(query({}), store({ "Ubuntu:22.04:LTS": records })).matches;
		expect(found).toMatchObject({
			severity: "negligible",
			severitySource: word,
			aliases: expect.arrayContaining(["A-1", "A-2"]),
		});
	});
});
