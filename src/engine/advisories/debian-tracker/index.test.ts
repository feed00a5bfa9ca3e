import { describe, expect, it } from "vitest";
import { all, inPieces, ofKind, testdata, unusable, utf8 } from "../feed-fixture.ts";
import { readDebianTracker } from "./index.ts";

const modified = "2026-11-23T00:00:00Z";
const read = (bytes: Uint8Array, size = 100) => all(readDebianTracker(inPieces(bytes, size), { modified }));

describe("readDebianTracker", () => {
	it.each([1, 1000])("gives one advisory a vulnerability, with all packages, in pieces of %i bytes", async (size) => {
		const items = await read(testdata(import.meta.url, "good"), size);
		const entry = (release: string, name: string, fixed: string | null, more: Record<string, string>) => ({
			ecosystem: `Debian:${release}`,
			name,
			ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, ...(fixed === null ? [] : [{ fixed }])] }],
			versions: [],
			...more,
			ratedBy: "debian",
		});
		const advisory = (id: string, summary?: string) => ({
			id,
			aliases: [],
			upstream: [],
			related: [],
			...(summary ? { summary } : {}),
			modified,
			severity: [],
			references: [`https://security-tracker.debian.org/tracker/${id}`],
		});
		const freed =
			"Calling the OpenSSL API function SSL_free_buffers may cause memory to be accessed that was previously freed in some situations";
		expect(items).toEqual([
			{
				kind: "advisory",
				advisory: advisory("CVE-2024-4741", freed),
				affected: [
					entry("12", "openssl", "3.0.14-1~deb12u1", {}),
					entry("13", "openssl", null, { severityWord: "low", state: "deferred" }),
					entry("sid", "openssl", "3.2.2-1", {}),
					entry("12", "edk2", null, { state: "under_investigation" }),
					entry("10", "edk2", null, { state: "end_of_life" }),
					entry("11", "edk2", null, { severityWord: "medium", state: "wont_fix" }),
				],
			},
			{
				kind: "advisory",
				advisory: advisory("CVE-2007-6755", "Dual_EC_DRBG"),
				affected: [
					entry("12", "openssl", null, { severityWord: "negligible", state: "affected" }),
					entry("14", "openssl", null, { state: "affected" }),
				],
			},
			{
				kind: "advisory",
				advisory: advisory("TEMP-0841856-B18BAF"),
				affected: [entry("sid", "tcpdump", null, { severityWord: "negligible", state: "affected" })],
			},
		]);
	});

	it("names what is broken and reads the rest", async () => {
		const items = await read(testdata(import.meta.url, "hostile"));
		expect(
			ofKind(items, "advisory").map(({ advisory, affected }) => [advisory.id, advisory.summary, affected[0]?.name]),
		).toEqual([
			["CVE-2024-0004", undefined, "d"],
			["CVE-2024-0011", "a b", "__proto__"],
		]);
		expect(ofKind(items, "malformed").map(({ name, problem }) => `${name}: ${problem}`)).toEqual([
			"a: the package is not an object",
			"b CVE-2024-0001: the entry is not an object",
			": the package is empty",
			"c?[31m: the package holds control characters",
			"d not-an-id: its name is neither CVE-… nor TEMP-…",
			"e CVE-2024-0005: releases.bookworm.status is none of open, resolved, undetermined",
			"f CVE-2024-0006: releases.bookworm.fixed_version is no version",
			"g CVE-2024-0007: releases.bookworm.fixed_version is no version",
			"h CVE-2024-0008: releases is not an object",
			"j CVE-2024-0010: releases.bookworm is not an object",
			"release zurg: it is none of Debian's releases",
			"release : it is none of Debian's releases",
			"release __proto__: it is none of Debian's releases",
		]);
	});

	it.each([
		["an empty file", testdata(import.meta.url, "empty"), "it is empty"],
		["a file that was cut short", testdata(import.meta.url, "truncated"), "it ends early"],
		["something else", utf8("<html></html>"), "it is no JSON object or array"],
	])("refuses %s", async (_, bytes, problem) => {
		const items = readDebianTracker(bytes, { modified });
		expect(await unusable(items)).toBe(`The Debian security tracker feed cannot be used: ${problem}.`);
	});
});
