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
