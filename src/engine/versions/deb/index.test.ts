import { spawn, spawnSync } from "node:child_process";
import { text as readAll } from "node:stream/consumers";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
	assertParsesAnything,
	assertTotalOrder,
	readVersionCases,
	versionCaseFailures,
} from "../../testing/version-cases.ts";
import { deb } from "./index.ts";

const cases = readVersionCases(new URL("cases.txt", import.meta.url));

/** Few characters, so that long common beginnings, `~`, zeros and the ends of parts meet often. */
const part = fc
	.array(fc.constantFrom("0", "1", "9", "10", "00", "~", ".", "+", "a", "Z", "-", "rc", "deb"), { maxLength: 6 })
	.map((pieces) => pieces.join(""));
const wellFormed = fc
	.tuple(
		fc.constantFrom("", "", "", "0:", "1:", "02:"),
		fc.nat(3),
		part,
		fc.constantFrom("", "", "-0", "-1", "-1~a", "-1+b1"),
	)
	.map(([epoch, first, upstream, revision]) => `${epoch}${first}${upstream}${revision}`)
	.filter((text) => !text.endsWith("-"));
/** What dpkg warns about or refuses, too. No leading hyphen: dpkg takes it for an option. */
const anything = fc
	.array(fc.constantFrom("0", "1", "12", "~", ".", "+", ":", "-", "a", "_", "!", " ", "/", "z"), {
		minLength: 1,
		maxLength: 7,
	})
	.map((pieces) => pieces.join(""))
	.filter((text) => !text.startsWith("-"));

test("cases.txt", () => {
	expect(versionCaseFailures(deb, cases)).toEqual([]);
});

test("a total order", () => {
	assertTotalOrder(deb, wellFormed);
});

test("parse answers any text", () => {
	assertParsesAnything(deb);
});

test("numbers of a million digits neither throw nor hang", () => {
	const huge = "9".repeat(1_000_000);
	const a = deb.parse(`1.${huge}8`);
	const b = deb.parse(`1.${huge}9`);
	expect(a && b && deb.compare(a, b)).toBe(-1);
	expect(deb.parse(`${huge}:1`)).toBeNull();
});

/** Reads `expected-exit-code<TAB>relation<TAB>a<TAB>b` and prints what dpkg answers otherwise. */
const ASK_DPKG = `
tab=$(printf '\\t')
while IFS="$tab" read -r expected relation a b; do
	dpkg --compare-versions "$a" "$relation" "$b" 2>/dev/null
	answer=$?
	[ "$answer" = "$expected" ] || printf '%s\\n' "[$a] $relation [$b]: dpkg exits with $answer, expected $expected"
done
echo done`;

/** dpkg's own exit codes: 0 the relation holds, 1 it does not, 2 a version was refused. */
const HOLDS = 0;
const REFUSED = 2;

function dpkgPresent(): boolean {
	return spawnSync("dpkg", ["--version"]).status === 0;
}

function question(rawA: string, rawB: string): string {
	const a = deb.parse(rawA);
	const b = deb.parse(rawB);
	if (a === null || b === null) return [REFUSED, "eq", rawA, rawB].join("\t");
	const order = deb.compare(a, b);
	const relation = order === 0 ? "eq" : order < 0 ? "lt" : "gt";
	return [HOLDS, relation, rawA, rawB].join("\t");
}

/**
 * The pairs on which dpkg says something else, in words. One shell process reads them all; each costs one run of dpkg,
 * since only the relation that we claim is asked for. A text must hold no tab and no line end, not start with a hyphen
 * (an option for dpkg) and not be empty (dpkg compares that as "no version").
 */
async function dpkgDisagreements(pairs: readonly (readonly [string, string])[]): Promise<readonly string[]> {
	const shell = spawn("sh", ["-c", ASK_DPKG], { stdio: ["pipe", "pipe", "inherit"] });
	shell.stdin.end(`${pairs.map(([a, b]) => question(a, b)).join("\n")}\n`);
	const lines = (await readAll(shell.stdout)).trimEnd().split("\n");
	if (lines.pop() !== "done") throw new Error("the shell that asks dpkg did not come to its end");
	return lines;
}

/** CI must have dpkg: there this test runs and fails without it. */
const mayRun = dpkgPresent() || process.env["CI"] !== undefined;

test.skipIf(!mayRun)(
	"agrees with the real dpkg on 5,600 pairs (skipped where dpkg is not installed)",
	{ timeout: 60_000 },
	async () => {
		expect(dpkgPresent()).toBe(true);
		const generated = [
			...fc.sample(fc.tuple(wellFormed, wellFormed), 4_000),
			...fc.sample(fc.tuple(anything, anything), 1_000),
			...fc.sample(fc.tuple(anything, wellFormed), 600),
		];
		const listed = cases
			.map((one) => (one.kind === "order" ? ([one.a, one.b] as const) : ([one.text, "1"] as const)))
			.filter(([a]) => a !== "" && !a.startsWith("-"));
		expect(await dpkgDisagreements([...listed, ...generated])).toEqual([]);
	},
);
