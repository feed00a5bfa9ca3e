import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

/**
 * A linter that sees nothing says that all is well: `import/no-cycle` falls silent when a tsconfig is not found, and
 * type-aware rules when their engine is missing. So real breaches are planted in a copy of the house (the repository's
 * own folders would not do: what git ignores is not linted), and the configuration must report each of them.
 */
const root = join(import.meta.dirname, "..");
const breaches: Readonly<Record<string, string>> = {
	"a.ts": [
		`import { b } from "./b.ts";`,
		`import { Kind } from "./kind.ts";`,
		"export const a = async (x: any): Promise<number> => x + b;",
		"void a(1).then((n) => n!);",
		"a(1);",
		"export const name = (kind: Kind): string => {",
		`	switch (kind) { case "one": return "1"; }`,
		`	return "";`,
		"};",
		"export default name;",
	].join("\n"),
	"b.ts": [
		`import { a } from "./a.ts";`,
		"export const b = 1;",
		"[1].forEach(async () => { await a(1); });",
		"console.log(b == 1);",
	].join("\n"),
	"kind.ts": `export type Kind = "one" | "two";\n`,
};
const expected = [
	"eslint(eqeqeq)",
	"eslint(no-console)",
	"import(no-cycle)",
	"import(no-default-export)",
	"typescript(consistent-type-imports)",
	"typescript(no-explicit-any)",
	"typescript(no-floating-promises)",
	"typescript(no-misused-promises)",
	"typescript(no-non-null-assertion)",
	"typescript(switch-exhaustiveness-check)",
];

let house: string;

beforeAll(() => {
	house = mkdtempSync(join(tmpdir(), "plimsoll-lint-"));
	for (const file of [".oxlintrc.json", "package.json", "tsconfig.base.json", "src/model/tsconfig.json"]) {
		mkdirSync(dirname(join(house, file)), { recursive: true });
		copyFileSync(join(root, file), join(house, file));
	}
	symlinkSync(join(root, "node_modules"), join(house, "node_modules"));
	writeFileSync(join(house, "src/model/fine.ts"), "export const fine = 1;\n");
});

afterAll(() => rmSync(house, { recursive: true, force: true }));

function lint(): { status: number | null; files: number; codes: readonly string[] } {
	const run = spawnSync(join(root, "node_modules/.bin/oxlint"), ["--format", "json"], { cwd: house, encoding: "utf8" });
	const { diagnostics, number_of_files: files } = JSON.parse(run.stdout) as {
		diagnostics: { code: string }[];
		number_of_files: number;
	};
	return { status: run.status, files, codes: [...new Set(diagnostics.map(({ code }) => code))].sort() };
}

test("oxlint passes code without a breach, and reports every planted one", () => {
	expect(lint()).toEqual({ status: 0, files: 1, codes: [] });
	for (const [file, source] of Object.entries(breaches)) writeFileSync(join(house, "src/model", file), source);
	const { status, files, codes } = lint();
	expect({ status, files }).toEqual({ status: 1, files: 4 });
	expect(codes).toEqual(expect.arrayContaining(expected));
});
