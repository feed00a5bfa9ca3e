import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { serverErrors } from "#server";
import { storeErrorCodes } from "#store";

const page = readFileSync(new URL("../../../docs/errors.md", import.meta.url), "utf8");

/** Code and second column of the table under a heading. */
function rowsUnder(heading: string): Readonly<Record<string, string>> {
	const [section = ""] = (page.split(`## ${heading}\n`)[1] ?? "").split("\n## ");
	const rows = section.split("\n").filter((line) => line.startsWith("| `"));
	const cells = rows.map((line) => line.split("|").map((cell) => cell.trim()));
	for (const row of cells) expect(row.every((cell, at) => at === 0 || at === row.length - 1 || cell !== "")).toBe(true);
	return Object.fromEntries(cells.map(([, code = "", second = ""]) => [code.replaceAll("`", ""), second]));
}

test("docs/errors.md explains every error of the API, with its status", () => {
	const statuses = Object.fromEntries(Object.entries(serverErrors).map(([code, status]) => [code, String(status)]));
	expect(rowsUnder("What the API answers")).toEqual(statuses);
});

test("docs/errors.md explains what keeps the service from starting", () => {
	const codes = [...storeErrorCodes, "cannot_listen", "data_folder_unusable"];
	expect(Object.keys(rowsUnder("What keeps the service from starting")).toSorted()).toEqual(codes.toSorted());
});
