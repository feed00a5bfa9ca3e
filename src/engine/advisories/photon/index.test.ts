import { describe, expect, it } from "vitest";
import { all, inPieces, ofKind, testdata, unusable, utf8 } from "../feed-fixture.ts";
import { readPhoton } from "./index.ts";

const modified = "2026-11-23T00:00:00Z";
const read = (files: Record<string, Uint8Array>) =>
	readPhoton(
		Object.entries(files).map(([release, bytes]) => ({ release, bytes: inPieces(bytes, 20) })),
		{ modified },
	);

describe("readPhoton", () => {
	it("gives one advisory a CVE, and its rating", async () => {
		const items = await all(read({ "5.0": testdata(import.meta.url, "good") }));
		const range = (...fixed: string[]) =>
			fixed.map((version) => ({ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: version }] }));
		const lists = { aliases: [], upstream: [], related: [], severity: [], references: [] };
		const entry = { ecosystem: "Photon OS:5.0", versions: [], ratedBy: "photon" };
		const rated = (id: string, severity: string) => ({
			kind: "vulnerability",
			vulnerability: { id, cwes: [], references: [], ratings: [{ source: "photon", severity, vectors: [] }] },
		});
		expect(items).toEqual([
			{
				kind: "advisory",
				advisory: { id: "CVE-2019-3828", modified, ...lists },
				affected: [{ ...entry, name: "ansible", ranges: range("2.7.6-2.ph5") }],
			},
			rated("CVE-2019-3828", "medium"),
			{
				kind: "advisory",
				advisory: { id: "CVE-2023-0286", modified, ...lists },
				affected: [{ ...entry, name: "openssl", ranges: range("3.0.8-1.ph5", "3.0.8-3.ph5") }],
			},
			rated("CVE-2023-0286", "critical"),
			{
				kind: "advisory",
				advisory: { id: "CVE-2024-0001", modified, ...lists },
				affected: [
					{
						...entry,
						name: "linux",
						ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }] }],
						state: "affected",
					},
				],
			},
		]);
	});

	it("joins releases", async () => {
		const bytes = utf8('[{"cve_id":"CVE-2024-0001","pkg":"a","res_ver":"1-1"}]');
		const items = await all(read({ "5.0": bytes, "4.0": bytes }));
		expect(ofKind(items, "advisory").map(({ affected }) => affected.map(({ ecosystem }) => ecosystem))).toEqual([
			["Photon OS:4.0", "Photon OS:5.0"],
		]);
	});

	it("names broken entries and reads the rest", async () => {
		const items = await all(read({ "5.0": testdata(import.meta.url, "hostile") }));
		expect(ofKind(items, "advisory").map(({ advisory, affected }) => [advisory.id, affected[0]?.name])).toEqual([
			["CVE-2024-0006", "__proto__"],
			["CVE-2024-0007", "a"],
		]);
		expect(ofKind(items, "vulnerability")).toEqual([]);
		expect(ofKind(items, "malformed").map(({ name, problem }) => `${name}: ${problem}`)).toEqual([
			"Photon OS 5.0: [0]: the entry is not an object",
			"Photon OS 5.0: [1]: cve_id is not a CVE",
			"Photon OS 5.0: [2]: pkg is empty",
			"Photon OS 5.0: [3]: pkg holds control characters",
			"Photon OS 5.0: [4]: res_ver is no version",
			"Photon OS 5.0: [5]: res_ver is not a string",
			"Photon OS 5.0: [6]: the entry is not an object",
		]);
	});

	it.each([
		["an empty file", testdata(import.meta.url, "empty"), "it is empty"],
		["a file that was cut short", testdata(import.meta.url, "truncated"), "it ends early"],
		["something else", utf8("<html></html>"), "it is no JSON object or array"],
	])("refuses %s", async (_, bytes, problem) => {
		expect(await unusable(read({ "5.0": bytes }))).toBe(`The Photon OS 5.0 feed cannot be used: ${problem}.`);
	});
});
