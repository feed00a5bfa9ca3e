import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { limits } from "./limits.ts";
import { type OsvRecord, translateOsv } from "./translate.ts";

function read(fields: Record<string, unknown>): OsvRecord {
	const record = translateOsv({ id: "X-1", modified: "2026-01-01T00:00:00Z", ...fields });
	if ("problem" in record) throw new Error(record.problem);
	return record;
}

function problemOf(fields: Record<string, unknown>): string | null {
	const record = translateOsv({ id: "X-1", modified: "2026-01-01T00:00:00Z", ...fields });
	return "problem" in record ? record.problem : null;
}

const pkg = { ecosystem: "npm", name: "a" };
const range = { type: "SEMVER", events: [{ introduced: "0" }] };

describe("translateOsv", () => {
	it("reads every field that the model has", () => {
		const record = translateOsv({
			schema_version: "1.7.3",
			id: "GHSA-aaaa-bbbb-cccc",
			modified: "2026-02-03T04:05:06.789Z",
			published: "2026-01-01T00:00:00Z",
			aliases: ["CVE-2026-1"],
			upstream: ["CVE-2026-2"],
			related: ["CVE-2026-3"],
			summary: "Bad\n  things\u0007happen",
			details: "long",
			severity: [{ type: "CVSS_V3", score: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" }],
			affected: [
				{
					package: { ecosystem: "Debian:12", name: "curl", purl: "pkg:deb/debian/curl" },
					ranges: [
						{ type: "GIT", repo: "https://example.org/r", events: [{ introduced: "0" }] },
						{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: "1:7.88.1-10" }] },
						{ type: "SEMVER", events: [{ introduced: "1.0.0" }, { last_affected: "1.4.0" }, { limit: "2.0.0" }] },
					],
					versions: ["7.88.0-1"],
					severity: [{ type: "CVSS_V4", score: "CVSS:4.0/AV:N" }],
					ecosystem_specific: { urgency: "Not yet assigned" },
				},
			],
			references: [{ type: "WEB", url: "https://example.org/a" }, { url: "javascript:alert(1)" }, { type: "WEB" }],
			database_specific: { severity: "MODERATE" },
		});
		expect(record).toEqual({
			advisory: {
				id: "GHSA-aaaa-bbbb-cccc",
				aliases: ["CVE-2026-1"],
				upstream: ["CVE-2026-2"],
				related: ["CVE-2026-3"],
				summary: "Bad things happen",
				modified: "2026-02-03T04:05:06.789Z",
				published: "2026-01-01T00:00:00Z",
				severity: [{ type: "CVSS_V3", vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" }],
				severityWord: "moderate",
				references: ["https://example.org/a"],
			},
			affected: [
				{
					ecosystem: "Debian:12",
					name: "curl",
					ranges: [
						{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: "1:7.88.1-10" }] },
						{ type: "SEMVER", events: [{ introduced: "1.0.0" }, { lastAffected: "1.4.0" }, { limit: "2.0.0" }] },
					],
					versions: ["7.88.0-1"],
					severity: [{ type: "CVSS_V4", vector: "CVSS:4.0/AV:N" }],
					severityWord: "not yet assigned",
				},
			],
		});
	});

	it("takes absent and null lists as empty", () => {
		const { advisory, affected } = read({ aliases: null, affected: null, severity: null, references: null });
		expect([advisory.aliases, advisory.upstream, advisory.severity, advisory.references, affected]).toEqual([
			[],
			[],
			[],
			[],
			[],
		]);
	});

	it("keeps a withdrawn date", () => {
		expect(read({ withdrawn: "2026-03-01T00:00:00Z" }).advisory.withdrawn).toBe("2026-03-01T00:00:00Z");
	});

	it("writes dates with an offset in UTC", () => {
		expect(read({ modified: "2026-03-01T01:30:00+02:00" }).advisory.modified).toBe("2026-02-28T23:30:00.000Z");
	});

	it("leaves out packages that only GIT ranges speak of, and entries without a package", () => {
		const git = { type: "GIT", repo: "https://example.org/r", events: [{ introduced: "0" }] };
		expect(read({ affected: [{ package: pkg, ranges: [git] }, { ranges: [git] }] }).affected).toEqual([]);
	});

	it("splits an old event that holds both ends", () => {
		const old = { type: "SEMVER", events: [{ fixed: "2.0.0", introduced: "1.0.0" }] };
		expect(read({ affected: [{ package: pkg, ranges: [old] }] }).affected[0]?.ranges[0]?.events).toEqual([
			{ introduced: "1.0.0" },
			{ fixed: "2.0.0" },
		]);
	});

	it("reads Ubuntu's own severity type as a word", () => {
		expect(read({ severity: [{ type: "Ubuntu", score: "negligible" }] }).advisory.severityWord).toBe("negligible");
	});

	it.each<[string, Record<string, unknown>]>([
		["id is not a string", { id: 7 }],
		["id is empty", { id: "" }],
		["id holds control characters", { id: "X\u001b[2J" }],
		["modified is not a string", { modified: undefined }],
		["modified is not a date of RFC 3339", { modified: "yesterday" }],
		["modified is not a date of RFC 3339", { modified: "2026-13-01T00:00:00Z" }],
		["withdrawn is not a string", { withdrawn: true }],
		["aliases is not a list", { aliases: "CVE-1" }],
		["aliases[1] is not a string", { aliases: ["CVE-1", {}] }],
		["upstream is not a list", { upstream: {} }],
		["affected is not a list", { affected: {} }],
		["affected[0] is not an object", { affected: ["npm"] }],
		["affected[0].package is not an object", { affected: [{ package: "npm" }] }],
		["affected[0].package.name is not a string", { affected: [{ package: { ecosystem: "npm" } }] }],
		["affected[0].package.ecosystem is not a string", { affected: [{ package: { name: "a" } }] }],
		["affected[0].ranges is not a list", { affected: [{ package: pkg, ranges: range }] }],
		[
			"affected[0].ranges[0].type is not one of SEMVER, ECOSYSTEM, GIT",
			{ affected: [{ package: pkg, ranges: [{ ...range, type: "NEW" }] }] },
		],
		[
			"affected[0].ranges[0].events[0] is none of introduced, fixed, last_affected, limit",
			{ affected: [{ package: pkg, ranges: [{ type: "SEMVER", events: [{ patched: "1" }] }] }] },
		],
		[
			"affected[0].ranges[0].events[0].fixed is not a string",
			{ affected: [{ package: pkg, ranges: [{ type: "SEMVER", events: [{ fixed: 1 }] }] }] },
		],
		["affected[0].versions[0] is not a string", { affected: [{ package: pkg, versions: [1] }] }],
		[
			`affected[0].versions[0] has 5000 characters, more than ${limits.version}`,
			{ affected: [{ package: pkg, versions: ["1".repeat(5000)] }] },
		],
		[
			"affected has 4000 fixes, 8000 events and 4000 versions of one package",
			{
				affected: Array.from({ length: 4000 }, (_, i) => ({
					package: pkg,
					ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed: `1.0.${i}` }] }],
					versions: [`2.0.${i}`],
				})),
			},
		],
		["aliases has 20001 entries, more than 20000", { aliases: Array.from({ length: 20_001 }, () => "A") }],
	])("%s", (problem, fields) => {
		expect(problemOf(fields)).toBe(problem);
	});

	it.each([[null], ["text"], [[]], [7]])("refuses %j as a record", (json) => {
		expect(translateOsv(json)).toEqual({ problem: "the record is not an object" });
	});

	it("is lenient where only display is at stake", () => {
		const { advisory } = read({
			summary: 7,
			references: "https://example.org",
			severity: [{ type: "CVSS_V9", score: "x" }, "CVSS:3.1/…", { type: "CVSS_V3", score: 9.8 }],
			database_specific: { severity: ["HIGH"] },
		});
		expect(advisory).toEqual({
			id: "X-1",
			aliases: [],
			upstream: [],
			related: [],
			modified: "2026-01-01T00:00:00Z",
			severity: [],
			references: [],
		});
	});

	it("cuts a long summary between characters", () => {
		const summary = read({ summary: "🚢".repeat(5000) }).advisory.summary ?? "";
		expect([...summary]).toHaveLength(limits.summary);
		expect(summary.isWellFormed()).toBe(true);
		expect(summary.endsWith("🚢…")).toBe(true);
	});

	it("survives nesting that would overflow a recursive reader", () => {
		const deep: unknown = JSON.parse(`{"a":${"[".repeat(200_000)}${"]".repeat(200_000)}}`);
		expect(problemOf({ database_specific: deep, affected: [{ package: pkg, ranges: [range] }] })).toBeNull();
		expect(problemOf({ affected: (deep as { a: unknown }).a })).toBe("affected[0] is not an object");
	});

	it("never throws, whatever the JSON", () => {
		const field = fc.constantFrom(
			"id",
			"modified",
			"affected",
			"aliases",
			"ranges",
			"events",
			"package",
			"severity",
			"type",
		);
		const { json } = fc.letrec((tie) => ({
			json: fc.oneof({ maxDepth: 5 }, fc.string(), fc.integer(), fc.constant(null), tie("list"), tie("object")),
			list: fc.array(tie("json"), { maxLength: 3 }),
			object: fc.dictionary(fc.oneof(field, fc.string()), tie("json"), { maxKeys: 5 }),
		}));
		fc.assert(
			fc.property(json, (value) => {
				const result = translateOsv(value);
				return "problem" in result ? result.problem !== "" : result.advisory.id !== "";
			}),
		);
	});
});
