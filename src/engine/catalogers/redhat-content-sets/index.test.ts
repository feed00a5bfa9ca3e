import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { runCataloger, testdata, utf8 } from "../testing.ts";
import { redhatContentSets } from "./index.ts";

const path = "root/buildinfo/content_manifests/ubi9-container-9.4-1181.json";

function read(content: Uint8Array | string) {
	const bytes = typeof content === "string" ? utf8(content) : content;
	return runCataloger(redhatContentSets, { path, bytes, chunk: 13 });
}

describe("redhat-content-sets", () => {
	it.each([
		["root/buildinfo/content_manifests/ubi8-container-8.9-1028.json", true],
		["usr/share/buildinfo/content-sets.json", true],
		["usr/share/buildinfo/content_manifest.json", true],
		["usr/share/buildinfo/labels.json", false],
		["usr/share/buildinfo/.json", false],
		["usr/share/buildinfo/deeper/content-sets.json", false],
		["root/buildinfo/Dockerfile-ubi8-8.9-1028", false],
		["root/buildinfo/labels.json", false],
		["opt/root/buildinfo/content_manifests/a.json", false],
	])("wants %s: %s", (path, wanted) => {
		expect(redhatContentSets.wants({ path, size: 1, mode: 0o644 })).toBe(wanted);
	});

	it("reads the content sets, each once", () => {
		expect(read(testdata(import.meta.url, "good"))).toEqual({
			packages: [],
			contentSets: [
				"rhel-9-for-x86_64-baseos-rpms",
				"rhel-9-for-x86_64-appstream-rpms",
				"rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_4",
			],
			warnings: [],
		});
	});

	it.each([
		["empty", testdata(import.meta.url, "empty"), "is empty"],
		["truncated", testdata(import.meta.url, "truncated"), "is no JSON text"],
		["UTF-16", new Uint8Array([0xff, 0xfe, 0x7b, 0, 0x7d, 0]), "is no JSON text"],
		["binary", new Uint8Array(5000), "is no JSON text"],
		["nested beyond reason", utf8("[".repeat(1_000_000)), "is no JSON text"],
		["a text where the list should be", utf8('{"content_sets":"a"}'), "has content sets that are no list"],
	])("warns of a manifest that is %s", (_, bytes, fault) => {
		const { packages, contentSets, warnings } = read(bytes);
		expect([packages, contentSets]).toEqual([[], undefined]);
		expect(warnings).toMatchObject([{ code: "package_file_malformed", path }]);
		expect(warnings[0]?.message).toContain(`The content manifest ${fault}: `);
	});

	it.each(["null", "{}", "[]", "1", '{"content_sets":null}', '{"content_sets":[]}', '{"labels":{"a":"b"}}'])(
		"finds nothing in %s, without a warning",
		(text) => {
			expect(read(text)).toEqual({ packages: [], warnings: [] });
		},
	);

	it("keeps the good content sets of a hostile manifest and counts the rest", () => {
		const { contentSets, warnings } = read(testdata(import.meta.url, "hostile"));
		expect(contentSets).toEqual(["rhel-8-for-x86_64-baseos-rpms", "rhel-8-for-x86_64-appstream-rpms"]);
		expect(warnings[0]?.message).toContain("has 8 of 10 content sets that are none");
	});

	it("takes no endless lists", () => {
		const text = JSON.stringify({ content_sets: Array.from({ length: 20_000 }, (_, at) => `set-${at}`) });
		const { contentSets, warnings } = read(text);
		expect(contentSets).toHaveLength(10_000);
		expect(warnings).toHaveLength(1);
	});

	test("any bytes are answered, with at most one warning", () => {
		const good = testdata(import.meta.url, "good");
		const law = fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 8 }), (changes) => {
			const bytes = Uint8Array.from(good);
			for (const [at, value] of changes) bytes[at] = value;
			const { contentSets = [], warnings } = read(bytes);
			expect(warnings.length).toBeLessThanOrEqual(1);
			for (const set of contentSets) expect(set).toMatch(/^[A-Za-z0-9][\w.+:-]*$/);
		});
		fc.assert(law, { numRuns: 300, seed: 20_261_123 });
	});
});
