import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linkOf, webAddress, webAddresses } from "./links.ts";
import { momentOf } from "./moments.ts";
import { hashOf, unique, uuidOf } from "./stable-id.ts";

describe("unique", () => {
	it("numbers what stood before", () => {
		expect(unique(["a", "b", "a", "a"])).toEqual(["a", "b", "a~2", "a~3"]);
		expect(unique(["a", "a", "a~2"], ".")).toEqual(["a", "a.2", "a~2"]);
		expect(unique(["a", "a", "a~2"])).toEqual(["a", "a~3", "a~2"]);
	});

	it("gives as many different texts as it was given texts", () => {
		const texts = fc.array(fc.constantFrom("a", "a~2", "a~3", "b", "a~2~2"), { maxLength: 30 });
		fc.assert(
			fc.property(texts, (some) => {
				const made = unique(some);
				return made.length === some.length && new Set(made).size === some.length;
			}),
			{ numRuns: 5_000 },
		);
	});
});

describe("identifiers", () => {
	it("are made from content", () => {
		expect(uuidOf("a")).toBe(uuidOf("a"));
		expect(uuidOf("a")).not.toBe(uuidOf("b"));
		expect(uuidOf("a")).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
		expect(hashOf("a", "b")).not.toBe(hashOf("ab"));
	});
});

describe("momentOf", () => {
	it.each([
		["2026-05-04T10:15:00Z", "2026-05-04T10:15:00Z"],
		["2026-05-04T10:15:00.5+02:00", "2026-05-04T10:15:00.5+02:00"],
		["2026-05-04", "2026-05-04T00:00:00.000Z"],
		["2026-05-04T10:15Z", "2026-05-04T10:15:00.000Z"],
		["2026-13-40T10:15:00Z", undefined],
		["yesterday", undefined],
		["", undefined],
		[undefined, undefined],
	])("%s", (text, moment) => {
		expect(momentOf(text)).toBe(moment);
	});
});

describe("links", () => {
	it.each([
		["CVE-2026-1", "https://nvd.nist.gov/vuln/detail/CVE-2026-1"],
		["GHSA-a-b-c", "https://github.com/advisories/GHSA-a-b-c"],
		["TEMP-0290435-0B57B5", "https://security-tracker.debian.org/tracker/TEMP-0290435-0B57B5"],
		["RHSA-2024:1234", "https://access.redhat.com/errata/RHSA-2024%3A1234"],
		["GO-2024-1", "https://osv.dev/vulnerability/GO-2024-1"],
		[`../"><script>`, "https://osv.dev/vulnerability/..%2F%22%3E%3Cscript%3E"],
	])("%s is told at %s", (id, link) => {
		expect(linkOf(id)).toBe(link);
	});

	it("takes web pages only, as a browser would ask for them", () => {
		expect(webAddress(`https://a.example/x?y="z"`)).toBe("https://a.example/x?y=%22z%22");
		for (const text of [
			"javascript:alert(1)",
			"data:text/html,x",
			"ftp://a.example",
			"a.example",
			"https://",
			" https://a",
		]) {
			expect(webAddress(text), text).toBeNull();
		}
		expect(webAddresses(["https://a.example", "https://a.example/", "x"])).toEqual(["https://a.example/"]);
	});
});
