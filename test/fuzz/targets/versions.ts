/** Version schemes: every folder of `versions/`, with its own cases as seeds. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { apk } from "../../../src/engine/versions/apk/index.ts";
import { composer } from "../../../src/engine/versions/composer/index.ts";
import { cran } from "../../../src/engine/versions/cran/index.ts";
import { deb } from "../../../src/engine/versions/deb/index.ts";
import { gem } from "../../../src/engine/versions/gem/index.ts";
import { golang } from "../../../src/engine/versions/golang/index.ts";
import { hex } from "../../../src/engine/versions/hex/index.ts";
import { maven } from "../../../src/engine/versions/maven/index.ts";
import { nuget } from "../../../src/engine/versions/nuget/index.ts";
import { pep440 } from "../../../src/engine/versions/pep440/index.ts";
import { release } from "../../../src/engine/versions/release/index.ts";
import { rpm } from "../../../src/engine/versions/rpm/index.ts";
import { semver } from "../../../src/engine/versions/semver/index.ts";
import type { VersionScheme } from "../../../src/engine/versions/types.ts";
import { engine, textOf, texts } from "../inputs.ts";
import { type FuzzTarget, hold } from "../target.ts";

/** Texts of one input that are compared with each other. */
const most = 6;

function versionTarget<V>(scheme: VersionScheme<V>, folder: string): FuzzTarget {
	return {
		name: `versions/${folder}`,
		seeds: () => seedsOf(folder),
		words: [
			"\n",
			".",
			"-",
			"~",
			"+",
			"^",
			":",
			"0",
			"a",
			"rc1",
			"alpha",
			"v",
			"1:",
			">=",
			"<",
			"~>",
			"||",
			",",
			"*",
			"[1,2)",
			"!=",
		],
		mostBytes: 2048,
		run(input) {
			const lines = textOf(input).split("\n", most);
			const versions = lines.map((line) => scheme.parse(line)).filter((version) => version !== null);
			holdOrder(scheme, versions, lines);
			for (const a of lines) {
				for (const b of lines) {
					const answer = scheme.satisfies?.(a, b);
					hold(
						answer === undefined || answer === null || typeof answer === "boolean",
						() => `satisfies gives ${String(answer)}`,
					);
					const ab = scheme.compareMalformed?.(a, b) ?? null;
					const ba = scheme.compareMalformed?.(b, a) ?? null;
					hold(ab === null || ba === null || ab === -ba, () => `${shown(a, b)}: malformed ${ab} and ${ba}`);
				}
			}
		},
	};
}

/** Reflexive, antisymmetric, transitive. */
function holdOrder<V>(scheme: VersionScheme<V>, versions: readonly V[], lines: readonly string[]): void {
	const orders = versions.map((a) => versions.map((b) => scheme.compare(a, b)));
	const at = (i: number, j: number): number => orders[i]?.[j] ?? Number.NaN;
	for (let i = 0; i < versions.length; i++) {
		hold(at(i, i) === 0, () => `not equal to itself: ${shown(...lines)}`);
		for (let j = 0; j < versions.length; j++) {
			hold([-1, 0, 1].includes(at(i, j)), () => `compare gives ${at(i, j)}: ${shown(...lines)}`);
			hold(at(i, j) === -at(j, i), () => `not antisymmetric: ${shown(...lines)}`);
			for (let k = 0; k < versions.length; k++) {
				const breaks = at(i, j) <= 0 && at(j, k) <= 0 && at(i, k) !== (at(i, j) === 0 && at(j, k) === 0 ? 0 : -1);
				hold(!breaks, () => `not transitive: ${shown(...lines)}`);
			}
		}
	}
}

function shown(...list: readonly string[]): string {
	return JSON.stringify(list.map((text) => text.slice(0, 60)));
}

/** Some cases at a time, and the constraints of the test beside them. */
function seedsOf(folder: string): readonly Uint8Array[] {
	const cases = readFileSync(join(engine, "versions", folder, "cases.txt"), "utf8");
	const versions = cases
		.split("\n")
		.filter((line) => line !== "" && !line.startsWith("#"))
		.flatMap((line) => line.replace(/^! /, "").split(/ [<=>] /));
	const seeds = Array.from({ length: Math.ceil(versions.length / 3) }, (_, at) => versions.slice(at * 3, at * 3 + 3));
	const test = join(engine, "versions", folder, "constraint.test.ts");
	const constraints = existsSync(test) ? readFileSync(test, "utf8").matchAll(/"([^"\n]{1,60})"/g) : [];
	return texts(...seeds.map((lines) => lines.join("\n")), ...[...constraints].map(([, text = ""]) => `1.2.3\n${text}`));
}

export const versionTargets: readonly FuzzTarget[] = [
	versionTarget(apk, "apk"),
	versionTarget(composer, "composer"),
	versionTarget(cran, "cran"),
	versionTarget(deb, "deb"),
	versionTarget(gem, "gem"),
	versionTarget(golang, "golang"),
	versionTarget(hex, "hex"),
	versionTarget(maven, "maven"),
	versionTarget(nuget, "nuget"),
	versionTarget(pep440, "pep440"),
	versionTarget(release, "release"),
	versionTarget(rpm, "rpm"),
	versionTarget(semver, "semver"),
];
