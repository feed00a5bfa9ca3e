import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { entryFields, mostDays } from "./ignore-file/index.ts";
import { mostIgnoreBytes, mostVexBytes } from "./limits.ts";
import { readIgnore } from "./read.ts";
import { bytesOf, now } from "./report-fixture.ts";
import { justificationLabels } from "./vex-words.ts";

const page = readFileSync(new URL("../../../docs/suppression.md", import.meta.url), "utf8");

test("the example in docs/suppression.md is a sound ignore file", async () => {
	const [, example = ""] = /```yaml\n(.*?)```/s.exec(page) ?? [];
	const { statements, problems } = await readIgnore(bytesOf(example), ".plimsollignore.yaml", now);
	expect(problems).toEqual([]);
	expect(statements.map(({ status }) => status)).toEqual(["accepted", "not_affected"]);
});

test("the page names every field of an entry and no other, every justification and the limits", () => {
	const section = /## The ignore file\n(.*?)\n## /s.exec(page)?.[1] ?? "";
	const named = [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = ""]) => name);
	expect(named).toHaveLength(entryFields.length);
	expect(new Set(named)).toEqual(new Set(entryFields));
	for (const label of justificationLabels) expect(section).toContain(`\`${label}\``);
	expect(section).toContain(`after ${mostDays} days`);
	expect(page).toContain(`VEX ${mostVexBytes / 1024 / 1024} MB, ignore files ${mostIgnoreBytes / 1024 / 1024} MB`);
});
