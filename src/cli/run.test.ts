import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EngineError, type EngineErrorCode } from "#engine";
import type { Report } from "#model";
import { CliError } from "./errors.ts";
import { run } from "./run.ts";
import { findingOf, reportOf, type TestWorld, testContext } from "./testing/test-context.ts";

async function call(line: string | readonly string[], world: TestWorld = {}) {
	const { context, stdout, stderr, calls } = testContext(world);
	const code = await run(typeof line === "string" ? line.split(" ").filter(Boolean) : line, context);
	return { code, stdout: stdout(), stderr: stderr(), calls };
}

const partialWarning = { code: "packages_unsupported", message: "RPM packages were not looked at." } as const;
const partial = reportOf([], { status: "partial", warnings: [partialWarning] });

describe("wrong usage", () => {
	it.each([
		["", /^Usage: plimsoll/],
		["db", /^Usage: plimsoll db/],
		["sacn x", /^plimsoll: unknown command 'sacn' \(Did you mean scan\?\)\. See `plimsoll --help`\.\n$/],
		["sail", /unknown command 'sail'/],
		["serve --role captain", /--role does not know "captain"/],
		["serve --role all --role api", /--role all is everything/],
		["scan", /missing required argument 'target'.*See `plimsoll scan --help`/],
		["scan a b", /More than one target/],
		["scan a --sarif", /unknown option '--sarif'/],
		[
			"scan a --format yaml",
			/--format does not know "yaml"\. Available: table, json, sarif, cyclonedx, spdx, csv, html, trivy-json\./,
		],
		["scan a --severity high,hihg", /--severity does not know the severity "hihg"\. Severities: critical, high/],
		["scan a --severity ,", /--severity is empty/],
		["scan a --fail-on bad", /--fail-on does not know/],
		["scan a --platform linux", /--platform does not understand "linux"/],
		["scan a --output /nowhere/at/all/x.json", /\/nowhere\/at\/all\/x\.json cannot be written/],
		["scan a --output /", /cannot be written: it is a folder/],
		["db update --ecosystem ,", /--ecosystem is empty/],
		["version please", /too many arguments/],
	])("%j is told in words and exits with 2, before anything is opened", async (line, expected) => {
		const result = await call(line);
		expect(result.stderr).toMatch(expected);
		expect(result.stdout).toBe("");
		expect(result.code).toBe(2);
		expect(result.calls).toEqual([]);
	});
});

it("settings that cannot be used are told in one line, and nothing is opened", async () => {
	const settingsError = new CliError("usage", "plimsoll.yaml:\nno", "Correct it");
	for (const line of ["scan a", "db status", "db update"]) {
		const { code, stderr, calls } = await call(line, { settingsError });
		expect([code, stderr, calls]).toEqual([2, "plimsoll: plimsoll.yaml: no. Correct it.\n", []]);
	}
});

it.each([
	["scan a", reportOf([]), 3],
	["scan a --fail-on low", reportOf([findingOf("high")]), 1],
	["version", reportOf([]), 3],
])("%j: a result that was not written whole is no clean one", async (line, report, code) => {
	const result = await call(line, { report, stdoutFailure: new Error("ENOSPC: no space left on device, write") });
	expect(result.code).toBe(code);
	expect(result.stderr).toContain("plimsoll: The result could not be written to the standard output: ENOSPC");
});

describe("help and version", () => {
	it.each(["--help", "help", "scan --help", "help scan", "db --help", "db update --help", "version --help"])(
		"%j is a result",
		async (line) => {
			const result = await call(line);
			expect(result.stdout).toMatch(/^Usage: plimsoll/);
			expect(result.stderr).toBe("");
			expect(result.code).toBe(0);
		},
	);

	it("lists all commands, and the exit codes of a scan", async () => {
		const all = await call("--help");
		for (const command of ["scan", "db", "version"]) expect(all.stdout).toMatch(new RegExp(`^  ${command}\\b`, "m"));
		expect((await call("scan --help")).stdout).toContain("Exit codes: 0 clean");
	});

	it.each(["version", "--version"])("%s prints the version without loading engine or settings", async (line) => {
		const loadEngine = () => Promise.reject(new Error("not needed"));
		const { context, stdout } = testContext({ settingsError: new Error("not needed") });
		expect(await run([line], { ...context, loadEngine })).toBe(0);
		expect(stdout()).toBe("plimsoll 0.1.0\n");
	});
});

describe("scan", () => {
	it("asks the engine for what the flags say, and closes everything", async () => {
		const line =
			"scan shop/web:1 --platform linux/arm64/v8 --list-packages --keep-os-owned --offline --db /my/db --no-cache --insecure --ca-file /ca.pem";
		const result = await call(line);
		expect(result.code).toBe(0);
		expect(result.calls).toEqual([
			{ type: "openTarget", text: "shop/web:1", network: { insecure: true, caFile: "/ca.pem" } },
			{ type: "openAdvisories", dir: "/my/db" },
			{
				type: "scan",
				request: {
					platform: { os: "linux", architecture: "arm64", variant: "v8" },
					osOwned: "keep",
					listPackages: true,
				},
			},
			{ type: "closed", what: "advisories" },
			{ type: "closed", what: "target" },
		]);
	});

	it("scans all platforms with the settings' folders when nothing else is said", async () => {
		const { calls } = await call("scan shop/web");
		expect(calls).toContainEqual({ type: "openAdvisories", dir: "/data/db" });
		expect(calls).toContainEqual({ type: "openCache", dir: "/data/cache" });
		expect(calls).toContainEqual({
			type: "scan",
			request: { platform: "all", osOwned: "drop", listPackages: false },
		});
	});

	it("prints results on stdout and progress as lines on stderr", async () => {
		const result = await call("scan shop/web");
		expect(result.stdout).toBe("table of 0, any columns\n");
		expect(result.stderr).toBe(
			[
				"plimsoll: scanning shop/web: 1 image, 2 layers, 4.0 MB",
				"plimsoll: 25 %, 1.0 MB of 4.0 MB, layer 1 of 2",
				"plimsoll: 50 %, 2.0 MB of 4.0 MB, layer 1 of 2",
				"plimsoll: 75 %, 3.0 MB of 4.0 MB, layer 1 of 2",
				"plimsoll: 100 %, 4.0 MB of 4.0 MB, layer 1 of 2",
				"plimsoll: matching 143 packages",
				"",
			].join("\n"),
		);
	});

	it("is silent with --quiet", async () => {
		expect((await call("scan shop/web --quiet")).stderr).toBe("");
	});

	it("filters what is listed and hands on how many are hidden, children included", async () => {
		const child = reportOf([findingOf("high", "2"), findingOf("high"), findingOf("low", "2")]);
		const report = reportOf([], { kind: "index", manifests: [child, child] });
		const result = await call("scan a --quiet --format json --severity LOW,high --ignore-unfixed", { report });
		expect(JSON.parse(result.stdout)).toEqual({
			listed: 4,
			filter: { severities: ["high", "low"], fixableOnly: true, hidden: 2 },
		});
		const unfiltered = await call("scan a --quiet --format json", { report });
		expect(JSON.parse(unfiltered.stdout)).toEqual({ listed: 6 });
	});
});

describe("exit codes of a scan", () => {
	const mixed = reportOf([findingOf("high"), findingOf("medium", "2"), findingOf("unknown")]);
	it.each([
		["", 0],
		["--fail-on critical", 1],
		["--fail-on critical --pass-unknown", 0],
		["--fail-on high --pass-unknown", 1],
		["--fail-on medium", 1],
		["--fail-on high --ignore-unfixed --pass-unknown", 0],
		["--fail-on medium --ignore-unfixed", 1],
		["--fail-on high --severity critical", 1],
	])("a complete report with high, fixable medium and unknown: %j is %i", async (flags, code) => {
		expect((await call(`scan a --quiet ${flags}`, { report: mixed })).code).toBe(code);
	});

	it.each([
		["critical", 1, /1 finding of unknown severity may be as bad, so they do not pass; --pass-unknown lets them\.$/m],
		["low", 1, /may be as bad/],
		["unknown", 1, /--fail-on unknown: 1 finding of unknown severity\.$/m],
		["critical --pass-unknown", 0, /1 finding of unknown severity did not count, as --pass-unknown asks\.$/m],
	])("unknown severity alone: --fail-on %s is %i", async (flags, code, words) => {
		const result = await call(`scan a --quiet --fail-on ${flags}`, { report: reportOf([findingOf("unknown")]) });
		expect(result.code).toBe(code);
		expect(result.stderr).toMatch(words);
	});

	it("--fail-on unknown is violated by anything", async () => {
		expect((await call("scan a --fail-on unknown", { report: reportOf([findingOf("negligible")]) })).code).toBe(1);
	});

	it("says which findings violate when they are not listed", async () => {
		const result = await call("scan a --quiet --fail-on high --severity critical", { report: mixed });
		expect(result.stderr).toBe(
			"plimsoll: --fail-on high: violated by 1 finding (1 not listed, because of --severity).\n" +
				"plimsoll: --fail-on high: 1 finding of unknown severity may be as bad, so they do not pass; --pass-unknown lets them.\n",
		);
	});

	it("a partial report never passes a gate, and says why", async () => {
		const result = await call("scan a --quiet --fail-on critical", { report: partial });
		expect(result.code).toBe(1);
		expect(result.stderr).toMatch(
			/^plimsoll: --fail-on critical: the scan is partial.*RPM packages were not looked at\.\n$/,
		);
	});

	it("a partial child makes the gate fail, too", async () => {
		const report = reportOf([], { kind: "index", manifests: [reportOf([]), partial] });
		expect((await call("scan a --quiet --fail-on critical", { report })).code).toBe(1);
	});

	it("a partial report without a gate exits with 0 and says loudly that it is partial, even when quiet", async () => {
		const result = await call("scan a --quiet --format json", { report: partial });
		expect(result.code).toBe(0);
		expect(result.stderr).toBe("plimsoll: the scan is partial: RPM packages were not looked at.\n");
	});

	it.each(["", "--fail-on critical"])("a failed report exits with 3 (%j)", async (flags) => {
		const report = reportOf([], {
			status: "failed",
			warnings: [{ code: "layer_unreadable", message: "No layer could be read." }],
		});
		const result = await call(`scan a --quiet ${flags}`, { report });
		expect(result.code).toBe(3);
		expect(result.stderr).toBe("plimsoll: the scan of shop/web failed: No layer could be read.\n");
	});

	it.each<[EngineErrorCode, number]>([
		["reference_malformed", 2],
		["target_unrecognised", 2],
		["target_not_found", 3],
		["registry_unauthorized", 3],
		["digest_mismatch", 3],
		["advisories_missing", 4],
		["advisories_malformed", 4],
		["advisories_busy", 4],
		["advisories_unwritable", 4],
	])("%s exits with %i and one line", async (code, exit) => {
		const openAdvisories = async () => {
			throw new EngineError(code, "It is\nbroken: \u001b[31mbadly", "Mend it");
		};
		const result = await call("scan a", { engine: { openAdvisories } });
		expect(result.code).toBe(exit);
		expect(result.stderr).toBe("plimsoll: It is broken: [31mbadly. Mend it.\n");
		expect(result.calls).toContainEqual({ type: "closed", what: "target" });
	});

	it("an unknown error exits with 3 and asks for a report; --debug shows stack and causes", async () => {
		const scan = async () => {
			throw new TypeError("x is undefined", { cause: new Error("deep down") });
		};
		const plain = await call("scan a --quiet", { engine: { scan } });
		expect(plain.code).toBe(3);
		expect(plain.stderr).toMatch(/^plimsoll: internal error: TypeError: x is undefined\. .* please report it .*\n$/);
		const debug = await call("scan a --quiet --debug", { engine: { scan } });
		expect(debug.stderr).toMatch(/at .*run\.test\.ts/);
		expect(debug.stderr).toContain("deep down");
	});

	it("stopping exits with 130", async () => {
		const stop = new AbortController();
		const scan = async () => {
			stop.abort();
			throw new EngineError("aborted", "Stopped", "Start it again", stop.signal.reason);
		};
		const result = await call("scan a --quiet", { engine: { scan }, signal: stop.signal });
		expect(result).toMatchObject({ code: 130, stdout: "", stderr: "plimsoll: stopped.\n" });
	});
});

describe("suppressed findings", () => {
	const suppressed = { by: "vex.json", reason: "Not reached.", status: "not_affected" } as const;
	const one = { ...findingOf("high"), suppressed };
	const unknown = { ...findingOf("unknown"), suppressed };
	const low = findingOf("low");

	it("come of the files that are named, which are read before anything else", async () => {
		const result = await call("scan --vex a.json --ignore-file b --vex c.json shop/web --ignore-file d");
		expect(result.calls.slice(0, 2)).toMatchObject([
			{ type: "suppressions", files: { vex: ["a.json", "c.json"], ignore: ["b", "d"] } },
			{ type: "openTarget", text: "shop/web" },
		]);
	});

	it("a file that cannot be used is wrong usage: nothing is scanned", async () => {
		const readSuppressions = async () => {
			throw new EngineError("suppression_malformed", "a.json cannot be used: it is not JSON.", "Correct the file.");
		};
		const result = await call("scan a --vex a.json", { engine: { readSuppressions } });
		expect(result).toMatchObject({
			code: 2,
			calls: [],
			stderr: "plimsoll: a.json cannot be used: it is not JSON. Correct the file.\n",
		});
	});

	it("are marked in what is printed and judged, by the clock", async () => {
		const statements = [] as const;
		const asked: unknown[] = [];
		const applySuppressions = (report: Report, said: unknown, now: Date): Report => {
			asked.push(said, now);
			return { ...report, findings: [one] };
		};
		const readSuppressions = async () => ({ statements, problems: ["x"] });
		const world = { report: reportOf([findingOf("high")]), engine: { applySuppressions, readSuppressions } };
		const result = await call("scan a --quiet --fail-on high", world);
		expect(asked).toEqual([{ statements, problems: ["x"] }, new Date("2026-11-23T18:00:00Z")]);
		expect(result.code).toBe(0);
	});

	it.each([
		["high", [one], 0, "1 finding that would not pass is suppressed and did not count."],
		["high", [one, unknown], 0, "2 findings that would not pass are suppressed and did not count."],
		["high --pass-unknown", [one, unknown], 0, "1 finding that would not pass is suppressed and did not count."],
		["high --ignore-unfixed", [one], 0, ""],
		["critical", [one], 0, ""],
		[
			"low",
			[one, low],
			1,
			"violated by 1 finding.\nplimsoll: --fail-on low: 1 finding that would not pass is suppressed and did not count.",
		],
	])("--fail-on %s passes them: %#", async (flags, findings, code, words) => {
		const result = await call(`scan a --quiet --fail-on ${flags}`, { report: reportOf(findings) });
		expect(result.code).toBe(code);
		expect(result.stderr).toBe(words === "" ? "" : `plimsoll: --fail-on ${flags.split(" ")[0]}: ${words}\n`);
	});

	it("stay in the lists whatever is filtered, and are never among the hidden", async () => {
		const report = reportOf([one, low, findingOf("medium")]);
		const result = await call("scan a --quiet --format json --severity low --ignore-unfixed", { report });
		expect(JSON.parse(result.stdout)).toMatchObject({ listed: 1, filter: { hidden: 2 } });
		const filtered = await call("scan a --quiet --format json --severity low", { report });
		expect(JSON.parse(filtered.stdout)).toMatchObject({ listed: 2, filter: { hidden: 1 } });
	});
});

describe("scan --output", () => {
	let folder: string;
	beforeAll(() => {
		folder = mkdtempSync(join(tmpdir(), "plimsoll-output-"));
	});
	afterAll(() => rmSync(folder, { recursive: true, force: true }));

	it("writes the file whole and nothing on stdout", async () => {
		const file = join(folder, "report.json");
		writeFileSync(file, "x".repeat(1000));
		const result = await call(["scan", "a", "--format", "json", "--output", file], {
			report: reportOf([findingOf("low")]),
		});
		expect(result).toMatchObject({ code: 0, stdout: "" });
		expect(readFileSync(file, "utf8")).toBe('{"listed":1}\n');
		expect(readdirSync(folder)).toEqual(["report.json"]);
	});

	it("leaves the old file when the scan fails", async () => {
		const file = join(folder, "report.json");
		const before = readFileSync(file, "utf8");
		const scan = () => Promise.reject(new EngineError("registry_unreachable", "No answer", "Try again"));
		expect((await call(["scan", "a", "--output", file], { engine: { scan } })).code).toBe(3);
		expect(readFileSync(file, "utf8")).toBe(before);
		expect(readdirSync(folder)).toEqual(["report.json"]);
	});

	it("follows a link instead of replacing it, and writes to what is no regular file", async () => {
		const link = join(folder, "link");
		symlinkSync(join(folder, "report.json"), link);
		await call(["scan", "a", "--output", link]);
		expect(readFileSync(join(folder, "report.json"), "utf8")).toBe("table of 0, any columns\n");
		expect((await call(["scan", "a", "--output", "/dev/null"])).code).toBe(0);
		expect(readFileSync("/dev/null", "utf8")).toBe("");
	});
});

describe("db", () => {
	it("update hands on source, folder and ecosystems and tells what came of it", async () => {
		const result = await call("db update --source /feeds --ecosystem npm,Debian --db /my/db --quiet");
		expect(result.code).toBe(0);
		expect(result.calls).toMatchObject([
			{ type: "update", request: { source: "/feeds", dir: "/my/db", ecosystems: ["npm", "Debian"], caFile: null } },
		]);
		expect(result.stdout).toContain("7 records of 2 feeds, 1.5 MB, in 1.5 s");
		expect(result.stderr).toContain("plimsoll: npm: the record bad .json cannot be read: not JSON\n");
	});

	it("update tells of feeds that failed, and fails when the database has nothing of one", async () => {
		const kept = await call("db update --quiet --feeds kev,nvd=/srv/nvd");
		expect(kept.calls).toMatchObject([{ request: { feeds: ["kev", "nvd=/srv/nvd"] } }]);
		expect(kept.stdout).toMatch(/^The advisory database in \S+ was built; 1 of 2 feeds could not be updated: sha256:/);
		expect([kept.code, kept.stderr]).toEqual([
			0,
			expect.stringContaining(
				"plimsoll: kev could not be updated: Fetching it failed: 503. The 1404 records of 2026-11-20 are kept.",
			),
		]);
	});

	it("status tells of each feed when it was read, and which failed", async () => {
		const { stdout } = await call("db status");
		expect(stdout).toMatch(/^ {2}osv\s+7 {2}2026-11-23T18:00:00Z$/m);
		expect(stdout).toMatch(
			/^ {2}kev\s+1404 {2}2026-11-20T18:00:00Z; the last update FAILED: Fetching it failed: 503\.$/m,
		);
	});

	it("update takes the settings' source and all ecosystems", async () => {
		const { calls } = await call("db update");
		expect(calls).toMatchObject([{ request: { source: "https://osv.example", dir: "/data/db", ecosystems: null } }]);
	});

	it("a failed update exits with 4", async () => {
		const updateAdvisories = () =>
			Promise.reject(new EngineError("advisories_download_failed", "No line", "Try again"));
		expect(await call("db update", { engine: { updateAdvisories } })).toMatchObject({
			code: 4,
			stdout: "",
			stderr: "plimsoll: No line. Try again.\n",
		});
	});

	it("status --verify reads all of it and says that it is sound", async () => {
		const { stdout, stderr, code } = await call("db status --verify");
		expect([code, stderr]).toEqual([0, ""]);
		expect(stdout).toMatch(/^check +sound/m);
		expect((await call("db status")).stdout).not.toMatch(/^check/m);
	});

	it("status --verify exits with 4 when the content is not what its digest says", async () => {
		const problems = ["The content of /data/db/2.sqlite is sha256:3, not sha256:2."];
		const verifySnapshot = async () => ({ digest: "sha256:2", actual: "sha256:3", problems }) as const;
		const { stdout, stderr, code } = await call("db status --verify", { engine: { verifySnapshot } });
		expect(code).toBe(4);
		expect(stdout).toMatch(/^check +DAMAGED/m);
		expect(stderr).toBe(
			"plimsoll: The advisory database in /data/db is damaged: The content of /data/db/2.sqlite is sha256:3, not sha256:2. Run `plimsoll db update`.\n",
		);
	});

	it("status tells age and contents", async () => {
		const { stdout, code } = await call("db status");
		expect(code).toBe(0);
		expect(stdout).toContain("2026-11-21T18:00:00Z (2 days old)");
		expect(stdout).toMatch(/Debian:12\s+31204\s+2026-11-21/);
	});
});
