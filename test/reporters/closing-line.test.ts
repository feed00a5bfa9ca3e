import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const vitest = join(root, "node_modules/.bin/vitest");
let project: string;

beforeAll(() => {
	project = mkdtempSync(join(tmpdir(), "plimsoll-reporter-"));
	symlinkSync(join(root, "node_modules"), join(project, "node_modules"));
	writeFileSync(
		join(project, "vitest.config.ts"),
		`import { ClosingLine } from ${JSON.stringify(join(root, "test/reporters/closing-line.ts"))};
		export default { test: { reporters: [new ClosingLine({ skipsFail: process.env.CI === "true" })] } };`,
	);
	const files = {
		passes: `test("one", () => {}); describe("group", () => { test("two", () => {}); });`,
		fails: `test("wrong", () => { throw new Error("wrong"); }); test("right", () => {});`,
		skips: `test.skipIf(true)("layer (needs the test data)", () => {}); test("tool", (context) => context.skip("needs skopeo"));`,
		breaks: `throw new Error("does not load");`,
		hook: `describe("group", () => { beforeAll(() => { throw new Error("no set-up"); }); test("never run", () => {}); });`,
		leaks: `test("leaks", () => { void Promise.reject(new Error("nobody waits")); });`,
	};
	for (const [name, body] of Object.entries(files)) {
		mkdirSync(join(project, name));
		const source = `import { beforeAll, describe, test } from "vitest";\n${body}\n`;
		writeFileSync(join(project, name, `${name}.test.ts`), source);
	}
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

function run(files: readonly string[], ci: boolean): { status: number | null; lines: readonly string[] } {
	const { CI: _, ...env } = process.env;
	const done = spawnSync(vitest, ["run", ...files.map((file) => `${file}/`)], {
		cwd: project,
		encoding: "utf8",
		env: { ...env, NO_COLOR: "1", ...(ci ? { CI: "true" } : {}) },
	});
	return { status: done.status, lines: done.stdout.trimEnd().split("\n") };
}

test.each([
	{ files: ["passes"], ci: true, status: 0, last: "2 passed, 0 failed" },
	{ files: ["passes", "fails"], ci: false, status: 1, last: "3 passed, 1 failed" },
	{ files: ["passes", "skips"], ci: false, status: 0, last: "2 passed, 0 failed, 2 skipped" },
	{ files: ["passes", "skips"], ci: true, status: 1, last: "2 passed, 0 failed, 2 skipped" },
	{ files: ["passes", "breaks"], ci: false, status: 1, last: "2 passed, 1 failed" },
	{ files: ["passes", "hook"], ci: false, status: 1, last: "2 passed, 1 failed, 1 skipped" },
	{ files: ["leaks"], ci: false, status: 1, last: "1 passed, 1 failed" },
])("$files with CI=$ci ends with: $last", ({ files, ci, status, last }) => {
	const done = run(files, ci);
	expect(done.lines.at(-1)).toBe(last);
	expect(done.status).toBe(status);
});

test("skipped tests are named with their reasons", () => {
	const { lines } = run(["skips"], true);
	expect(lines).toContain("skipped: skips/skips.test.ts > layer (needs the test data)");
	expect(lines).toContain("skipped: skips/skips.test.ts > tool (needs skopeo)");
	expect(lines).toContain("No test may be skipped here: CI=true. Install what the lines above name.");
});
