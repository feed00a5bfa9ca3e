import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { engineErrorCodes } from "#engine";
import { warningCodes } from "#model";
import { exitCodeOf } from "./errors.ts";
import { exitCodes } from "./exit-codes.ts";

const root = new URL("../../", import.meta.url);
const page = readFileSync(new URL("docs/errors.md", root), "utf8");

/** Rows of the table under a heading, as arrays of cells. */
function rowsUnder(heading: string): readonly (readonly string[])[] {
	const [, after = ""] = page.split(`## ${heading}\n`);
	const [section = ""] = after.split("\n## ");
	return section
		.split("\n")
		.filter((line) => line.startsWith("| ") && !line.startsWith("| Code"))
		.map((line) =>
			line
				.slice(1, -1)
				.split(/(?<!\\)\|/)
				.map((cell) => cell.trim()),
		);
}

function codeIn(cell = ""): string {
	return cell.replaceAll("`", "");
}

describe("docs/errors.md", () => {
	it("explains every error code of the engine, with its exit code", () => {
		const rows = rowsUnder("What stops a scan or an update");
		expect(rows.map(([code]) => codeIn(code)).sort()).toEqual([...engineErrorCodes].sort());
		for (const [code, exit] of rows) {
			const error = Object.assign(new Error("x"), { name: "EngineError", code: codeIn(code), hint: "y" });
			expect(String(exitCodeOf(error)), code).toBe(exit);
		}
	});

	it("explains every warning, with its kind", () => {
		const rows = rowsUnder("Warnings in a report");
		expect(Object.fromEntries(rows.map(([code, kind]) => [codeIn(code), kind]))).toEqual(warningCodes);
	});

	it("names every exit code", () => {
		expect(rowsUnder("Exit codes").map(([code]) => Number(code))).toEqual(Object.values(exitCodes));
	});

	it("tells for every code what it means and what to do", () => {
		for (const heading of ["What stops a scan or an update", "Warnings in a report"]) {
			for (const cells of rowsUnder(heading)) {
				expect(cells).toHaveLength(4);
				for (const cell of cells) expect(cell).not.toBe("");
			}
		}
	});
});
