import { describe, expect, it } from "vitest";
import type { Advisory, Affected, Rating, SeverityVector, Vulnerability } from "#model";
import { rate } from "./severity.ts";

const high: SeverityVector = { type: "CVSS_V3", vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H" };
const medium: SeverityVector = { type: "CVSS_V3", vector: "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:N/A:N" };
const critical: SeverityVector = { type: "CVSS_V3", vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" };

interface Given {
	readonly advisory?: Partial<Advisory>;
	readonly affected?: Partial<Affected>;
	readonly ratings?: readonly Rating[];
	readonly lent?: readonly SeverityVector[];
	readonly sole?: boolean;
}

function rated({ advisory = {}, affected = {}, ratings = [], lent = [], sole = true }: Given) {
	const lists = { aliases: [], upstream: [], related: [], references: [] };
	const known: Vulnerability = { id: "CVE-2026-1", cwes: [], references: [], ratings };
	return rate(
		{
			advisory: { id: "A-1", modified: "2026-01-01T00:00:00Z", severity: [], ...lists, ...advisory },
			affected: [{ ecosystem: "npm", name: "a", ranges: [], versions: [], ...affected }],
			identity: { id: "CVE-2026-1", aliases: ["A-1"], sole },
			known: [known],
		},
		{ severities: () => lent.map((vector) => ({ ...vector, source: "B-1" })) },
	);
}

const nvd: Rating = { source: "nvd", vectors: [critical] };
const redhat: Rating = { source: "redhat", severity: "low", vectors: [high] };

describe("the severity of a vulnerability comes from", () => {
	it.each<[string, Given, string, string | null]>([
		[
			"the feed's word for the package",
			{ affected: { severityWord: "low" }, advisory: { severity: [high] } },
			"low",
			"A-1",
		],
		[
			"the rater that the feed names",
			{ affected: { ratedBy: "redhat" }, advisory: { severity: [high] }, ratings: [nvd, redhat] },
			"low",
			"redhat",
		],
		["the advisory's vector", { advisory: { severity: [high], severityWord: "low" }, ratings: [nvd] }, "high", "A-1"],
		["the advisory's word", { advisory: { severityWord: "moderate" }, ratings: [nvd], lent: [high] }, "medium", "A-1"],
		["other records' vectors", { ratings: [nvd], lent: [medium] }, "medium", "B-1"],
		["NVD before others", { ratings: [{ ...redhat, source: "amazon" }, nvd] }, "critical", "nvd"],
		["any rater", { ratings: [redhat] }, "low", "redhat"],
		["a rater's vector where it has no word", { ratings: [{ source: "ghsa", vectors: [medium] }] }, "medium", "ghsa"],
		[
			"the next rater where one says unknown",
			{ ratings: [{ source: "nvd", severity: "unknown", vectors: [] }, redhat] },
			"low",
			"redhat",
		],
		[
			"the word of an advisory on several, when nobody else speaks",
			{ advisory: { severityWord: "high" }, sole: false },
			"high",
			"A-1",
		],
		[
			"others before the word of an advisory on several",
			{ advisory: { severityWord: "high", severity: [high] }, sole: false, ratings: [redhat] },
			"low",
			"redhat",
		],
		["nobody", {}, "unknown", null],
		["nobody whose word says nothing", { affected: { severityWord: "not yet assigned" } }, "unknown", null],
	])("%s", (_, given, severity, source) => {
		expect(rated(given)).toMatchObject({ severity, source });
	});

	it("lists every vector, whoever gave it, once", () => {
		const { cvss } = rated({ advisory: { severity: [high] }, lent: [medium], ratings: [nvd, nvd] });
		expect(cvss.map(({ source, score }) => `${source} ${score}`)).toEqual(["A-1 7.5", "B-1 5.5", "nvd 9.8"]);
	});
});
