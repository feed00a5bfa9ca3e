import { existsSync, readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runCataloger, testdata, utf8 } from "../testing.ts";
import { r } from "./index.ts";

const path = "usr/local/lib/R/site-library/tidysample/DESCRIPTION";

function read(content: Uint8Array | string, at = path) {
	return runCataloger(r, { path: at, bytes: typeof content === "string" ? utf8(content) : content, chunk: 17 });
}

describe("r", () => {
	it.each([
		["usr/lib/R/library/stats/DESCRIPTION", true],
		["app/renv/library/R-4.3/x86_64-pc-linux-gnu/dplyr/DESCRIPTION", true],
		["DESCRIPTION", false],
		["usr/lib/R/library/stats/DESCRIPTION.txt", false],
	])("wants %s: %s", (at, wanted) => {
		expect(r.wants({ path: at, size: 1, mode: 0o644 })).toBe(wanted);
	});

	it("reads name, version and what is needed to run", () => {
		expect(read(testdata(import.meta.url, "good"))).toEqual({
			packages: [
				{
					type: "cran",
					name: "tidysample",
					version: "1.2-3",
					requires: ["data.table", "methods", "rlang", "utils"],
					path,
				},
			],
			warnings: [],
		});
	});

	it.each(["empty", "truncated", "hostile"])("warns of one that is %s", (name) => {
		const { packages, warnings } = read(testdata(import.meta.url, name));
		expect(packages).toEqual([]);
		expect(warnings).toMatchObject([{ code: "package_file_malformed", path }]);
	});

	it.each([
		["sources", "Package: a\nVersion: 1.0\n", "src/a/DESCRIPTION"],
		["a file of another kind", "This folder is the description of …", "usr/share/library/x/DESCRIPTION"],
		["an empty file elsewhere", "", "srv/DESCRIPTION"],
	])("says nothing of %s", (_, text, at) => {
		expect(read(text, at)).toEqual({ packages: [], warnings: [] });
	});

	it.each([
		["1", 1],
		["1.0", 1],
		["1-0", 1],
		["2022.11.1", 1],
		["1.", 0],
		["1..2", 0],
		["v1", 0],
		["1.0rc1", 0],
		["", 0],
	])("takes the version %j: %i", (version, count) => {
		expect(read(`Package: ab\nVersion: ${version}\nBuilt: R 4\n`).packages).toHaveLength(count);
	});

	it("is not misled by continued lines and Windows line ends", () => {
		const text =
			"Title: x\r\n Package: no\r\n\tVersion: 0\r\nPackage: yes\r\nVersion: 1.0\r\nVersion: 2.0\r\nBuilt: R 4\r\n";
		expect(read(text).packages).toMatchObject([{ name: "yes", version: "1.0" }]);
	});

	it("does not hold a file over 1 MiB", () => {
		const { warnings } = runCataloger(r, { path, bytes: new Uint8Array(1024 * 1024 + 1) });
		expect(warnings).toMatchObject([{ code: "file_too_large" }]);
	});

	it("never throws", () => {
		const field = fc.constantFrom("Package", "Version", "Built", "Depends", "\t", ":", "\n", "1.0", "ab", "\r\n");
		fc.assert(fc.property(fc.array(fc.oneof(field, fc.string())), (parts) => void read(parts.join(""))));
	});

	const library = "/usr/lib/R/library";
	const present = existsSync(library);
	it.skipIf(!present)(`reads R's own library${present ? "" : " (skipped: R is not installed)"}`, () => {
		for (const name of readdirSync(library).filter((folder) => existsSync(`${library}/${folder}/DESCRIPTION`))) {
			const at = `${library}/${name}/DESCRIPTION`;
			expect(read(new Uint8Array(readFileSync(at)), at.slice(1))).toMatchObject({ packages: [{ name }], warnings: [] });
		}
	});
});
