/**
 * `npm run bench`: a cold and a second scan of an image of about 1 GB from a local registry, beside
 * `gzip -dc | tar t` over the same layers in the same run. Prints a table and keeps it in `test/bench/results/`.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { startRegistry } from "../e2e/support/docker-registry.ts";
import { testdata, testdataPresent } from "../quality/testdata.ts";
import { benchLayout, needed } from "./image.ts";
import { measure, median, type Run } from "./measure.ts";

const root = join(import.meta.dirname, "../..");
const cache = join(root, ".cache/bench");
const cli = [process.execPath, join(root, "bin/plimsoll.js")];
const rounds = 5;

/** What Part 1 asked for; the bench shows them beside the figures, a person judges. */
const targets = { wallRatio: 0.6, peakMb: 200, versionMs: 100 };

interface Row {
	readonly what: string;
	readonly run: Run;
}

await main();

async function main(): Promise<void> {
	const missing = needed.filter((name) => !onPath(name));
	if (missing.length > 0) throw new Error(`The bench needs these Debian packages: ${missing.join(" ")}.`);
	if (!testdataPresent) throw new Error("The bench needs the test data (PLIMSOLL_TESTDATA or ../shared/testdata).");
	mkdirSync(cache, { recursive: true });
	const layout = benchLayout(cache);
	const work = mkdtempSync(join(tmpdir(), "plimsoll-bench-"));
	const registry = await startRegistry();
	try {
		const reference = `${registry.host}/bench/debian:1`;
		execFileSync("skopeo", [
			"copy",
			"--quiet",
			"--dest-tls-verify=false",
			`oci:${layout}:bench`,
			`docker://${reference}`,
		]);
		const db = join(work, "db");
		execFileSync(cli[0] ?? "", [
			...cli.slice(1),
			"db",
			"update",
			"--quiet",
			"--source",
			join(testdata, "osv"),
			"--db",
			db,
		]);
		const rows = measureScans(layout, reference, db, work);
		publish(rows, layout);
	} finally {
		await registry.stop();
		rmSync(work, { recursive: true, force: true });
	}
}

function measureScans(layout: string, reference: string, db: string, work: string): readonly Row[] {
	const blobs = layerFiles(layout);
	const baseline = ["bash", "-c", 'for f in "$@"; do gzip -dc "$f" | tar -t; done', "baseline", ...blobs];
	const scan = [...cli, "scan", reference, "--db", db, "--format", "json", "--quiet"];
	const list: Record<string, Run[]> = { baseline: [], cold: [], second: [], version: [] };
	for (let round = 0; round < rounds; round += 1) {
		const env = { ...process.env, XDG_CACHE_HOME: join(work, `cache-${round}`) };
		list["baseline"]?.push(measure(baseline));
		list["cold"]?.push(measure(scan, env));
		list["second"]?.push(measure(scan, env));
		list["version"]?.push(measure([...cli, "version"]));
		process.stderr.write(`bench: round ${round + 1} of ${rounds}\n`);
	}
	return [
		{ what: "gzip -dc | tar -t, layer after layer", run: median(list["baseline"] ?? []) },
		{ what: "plimsoll scan, cold", run: median(list["cold"] ?? []) },
		{ what: "plimsoll scan, second", run: median(list["second"] ?? []) },
		{ what: "plimsoll version", run: median(list["version"] ?? []) },
	];
}

function publish(rows: readonly Row[], layout: string): void {
	const [baseline, cold, , version] = rows.map((row) => row.run);
	const unpacked = layerFiles(layout).reduce((sum, file) => sum + unpackedBytes(file), 0);
	const ratio = (cold?.wall ?? Number.NaN) / (baseline?.wall ?? Number.NaN);
	const lines = [
		`${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), Node ${process.version}, median of ${rounds} runs`,
		`image: ${layerFiles(layout).length} layers, ${Math.round(unpacked / 1e6)} MB unpacked, from a docker-registry on loopback`,
		"",
		`${"".padEnd(38)}${"wall s".padStart(8)}${"cpu s".padStart(8)}${"peak MB".padStart(9)}`,
		...rows.map(
			({ what, run }) =>
				what.padEnd(38) +
				[run.wall.toFixed(2).padStart(8), run.cpu.toFixed(2).padStart(8), run.peakMb.toFixed(0).padStart(9)].join(""),
		),
		"",
		`cold scan / baseline: ${ratio.toFixed(2)} of the wall time (asked: ≤ ${targets.wallRatio}); peak ${cold?.peakMb.toFixed(0)} MB (asked: ≤ ${targets.peakMb})`,
		`plimsoll version: ${((version?.wall ?? 0) * 1000).toFixed(0)} ms (asked: < ${targets.versionMs})`,
	];
	const text = `${lines.join("\n")}\n`;
	process.stdout.write(text);
	const results = join(import.meta.dirname, "results");
	mkdirSync(results, { recursive: true });
	writeFileSync(join(results, "scan.txt"), text);
}

/** The layers' files in the layout, in the order of the manifest. */
function layerFiles(layout: string): string[] {
	const index = JSON.parse(readFileSync(join(layout, "index.json"), "utf8")) as { manifests: { digest: string }[] };
	const blob = (digest: string) => join(layout, "blobs", digest.replace(":", "/"));
	const manifest = JSON.parse(readFileSync(blob(index.manifests[0]?.digest ?? ""), "utf8")) as {
		layers: { digest: string }[];
	};
	return manifest.layers.map((layer) => blob(layer.digest));
}

function unpackedBytes(file: string): number {
	return Number(execFileSync("bash", ["-c", 'gzip -dc "$1" | wc -c', "size", file], { encoding: "utf8" }));
}

function onPath(program: string): boolean {
	try {
		execFileSync("bash", ["-c", 'command -v "$1"', "which", program], { stdio: "ignore" });
		return true;
	} catch {
		return false;
	}
}
