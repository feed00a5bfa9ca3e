import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** The shared test-data pack: real advisories, images and reference findings. Never copied into the repository. */
export const testdata = resolve(
	process.env["PLIMSOLL_TESTDATA"] ?? join(import.meta.dirname, "../../../shared/testdata"),
);

export const testdataPresent = existsSync(join(testdata, "osv"));

/** Why tests that need the pack are skipped, for their names. */
export const testdataAbsence = testdataPresent
	? ""
	: " (skipped: no test data at PLIMSOLL_TESTDATA or ../shared/testdata)";

/** One reference finding; `fixed` is as the reference scanner prints it: a version, a list, or constraints. */
export interface ReferenceFinding {
	readonly target: string;
	readonly name: string;
	readonly version: string;
	readonly id: string;
	readonly fixed: string;
}

export function referenceFindings(image: string): readonly ReferenceFinding[] {
	return rows(`${image}.tsv`).map(([target = "", name = "", version = "", id = "", fixed = ""]) => ({
		target,
		name,
		version,
		id,
		fixed,
	}));
}

export interface ReferencePackage {
	readonly target: string;
	readonly type: string;
	readonly name: string;
	readonly version: string;
	readonly sourceName: string;
	readonly sourceVersion: string;
}

export function referencePackages(image: string): readonly ReferencePackage[] {
	return rows(`${image}.packages.tsv`).map(
		([target = "", type = "", name = "", version = "", sourceName = "", sourceVersion = ""]) => ({
			target,
			type,
			name,
			version,
			sourceName,
			sourceVersion,
		}),
	);
}

function rows(file: string): string[][] {
	const text = readFileSync(join(testdata, "expected", file), "utf8");
	return text
		.split("\n")
		.filter(Boolean)
		.map((line) => line.split("\t"));
}
