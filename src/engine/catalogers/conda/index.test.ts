import { describe, expect, it } from "vitest";
import { assertSurvivesMutations } from "../mutations-fixture.ts";
import { runCataloger, testdata, utf8 } from "../testing.ts";
import { conda } from "./index.ts";

const path = "opt/conda/envs/x/conda-meta/numpy-1.26.4-py311h64a7726_0.json";

function read(content: Uint8Array | string, at = path) {
	return runCataloger(conda, { path: at, bytes: typeof content === "string" ? utf8(content) : content, chunk: 13 });
}

describe("conda", () => {
	it.each([
		[path, true],
		["opt/conda/conda-meta/ca-certificates-2024.2.2-hbcca054_0.json", true],
		["conda-meta/a-1-0.json", true],
		["opt/conda/conda-meta/history", false],
		["opt/conda/conda-meta/state.json", false],
		["opt/conda/conda-meta/a-1.json", false],
		["opt/conda/xconda-meta/a-1-0.json", false],
		["opt/conda/conda-meta/deeper/a-1-0.json", false],
		["opt/conda/pkgs/a-1-0/info/index.json", false],
	])("wants %s: %s", (at, wanted) => {
		expect(conda.wants({ path: at, size: 1, mode: 0o644 })).toBe(wanted);
	});

	it("reads a record", () => {
		expect(read(testdata(import.meta.url, "good"))).toEqual({
			packages: [
				{ type: "conda", name: "numpy", version: "1.26.4", requires: ["libblas", "python", "python_abi"], path },
			],
			warnings: [],
		});
	});

	it.each(["empty", "truncated"])("tells of a record that is %s by its file's name", (name) => {
		expect(read(testdata(import.meta.url, name))).toEqual({
			packages: [{ type: "conda", name: "numpy", version: "1.26.4", path }],
			warnings: [],
		});
	});

	it("finds the version behind a name with hyphens", () => {
		const at = "opt/conda/conda-meta/ca-certificates-2024.2.2-hbcca054_0.json";
		expect(read("", at).packages).toMatchObject([{ name: "ca-certificates", version: "2024.2.2" }]);
	});

	it("does not fall for a hostile record", () => {
		expect(read(testdata(import.meta.url, "hostile"))).toEqual({
			packages: [{ type: "conda", name: "numpy", version: "1.26.4", requires: ["fine"], path }],
			warnings: [],
		});
	});

	it.each([
		["neither", "null"],
		["an odd name", '{"name":"a b","version":"1"}'],
		["deep nesting", "[".repeat(200_000)],
	])("warns of a record with %s, where the file's name tells nothing either", (_, content) => {
		const at = "opt/conda/conda-meta/ -1-0.json";
		const { packages, warnings } = runCataloger(conda, { path: at, bytes: utf8(content) });
		expect(packages).toEqual([]);
		expect(warnings).toMatchObject([{ code: "package_file_malformed", path: at }]);
	});

	it("gives up on a record over 64 MiB", () => {
		const sink = conda.open({ path, size: 64 * 1024 * 1024 + 1, mode: 0o644 });
		expect(sink.end().warnings).toMatchObject([{ code: "file_too_large", path }]);
	});

	it("survives damage to any byte", () => {
		assertSurvivesMutations(testdata(import.meta.url, "good"), (damaged) => {
			expect(runCataloger(conda, { path, bytes: damaged }).packages).toHaveLength(1);
		});
	});
});
