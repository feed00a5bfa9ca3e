import { describe, expect, test } from "vitest";
import { type InstalledPackage, makesPartial, type OperatingSystem, type ReportLayer } from "#model";
import { distributionNames } from "./ecosystems.ts";
import { findingsOf, judgeable, matcherOver } from "./findings.ts";
import type { Inventory } from "./inventory/merge.ts";
import { some } from "./leftovers.ts";
import type { AdvisoryStore } from "./ports.ts";
import { advisories } from "./scan-fixture.ts";

const debian: OperatingSystem = { id: "debian", versionId: "12.7", prettyName: "Debian GNU/Linux 12 (bookworm)" };
const fedora: OperatingSystem = { id: "fedora", versionId: "41" };
const store = advisories("Debian:12 curl <8", "npm a");

function pkg(type: InstalledPackage["type"], text: string, more: Partial<InstalledPackage> = {}): InstalledPackage {
	const [name = "", version = ""] = text.split("@");
	return { type, name, version, path: `p/${name}`, paths: [`p/${name}`], layer: 0, ...more };
}

function inventory(packages: readonly InstalledPackage[], os: OperatingSystem | null = debian): Inventory {
	return { os, packages, contentSets: [], unread: [], warnings: [] };
}

/** Which of them are judged, by which advisories, and the one warning about the others with what it means for the status. */
function judge(
	packages: readonly InstalledPackage[],
	os: OperatingSystem | null = debian,
	osOwned: "drop" | "keep" = "drop",
) {
	const { judged, warnings } = judgeable(inventory(packages, os), store, osOwned);
	return {
		judged: judged.map((one) => `${one.pkg.name} by ${one.ecosystems.join(" or ")}`),
		said: warnings.map((warning) => [warning.code, makesPartial(warning) ? "partial" : "note", warning.message]),
	};
}

describe("judged are", () => {
	test.each([
		["an OS package", pkg("deb", "curl@7"), debian, "curl by Debian:12"],
		["a language package", pkg("npm", "a@1.0.0"), debian, "a by npm"],
		["a language package of an image without an OS", pkg("npm", "a@1.0.0"), null, "a by npm"],
		["a language package on an unsupported OS", pkg("golang", "x/y@v1.0.0"), fedora, "x/y by Go"],
		[
			"a package whose source has the sound version",
			pkg("deb", "x@1-", { source: { name: "y", version: "1" } }),
			debian,
			"x by Debian:12",
		],
	])("%s", (_what, one, os, expected) => {
		expect(judge([one], os)).toEqual({ judged: [expected], said: [] });
	});

	test("a package that an OS package owns, when both are to speak", () => {
		const owned = pkg("npm", "a@1.0.0", { ownedBy: "node-a" });
		expect(judge([owned], debian, "keep")).toEqual({ judged: ["a by npm"], said: [] });
	});
});

describe("left over and said are", () => {
	const vendor = (name: string, thirdParty: string) => pkg("deb", `${name}@1`, { thirdParty });
	const owned = (name: string, ownedBy: string) => pkg("npm", `${name}@1.0.0`, { ownedBy });
	const supported = `(supported: ${distributionNames.join(", ")})`;
	test.each<[string, InstalledPackage[], OperatingSystem | null, [string, string, string]]>([
		[
			"one package of an unknown OS",
			[pkg("deb", "x@1")],
			null,
			[
				"os_unknown",
				"partial",
				"1 OS package could not be judged: the image does not say which operating system it is.",
			],
		],
		[
			"packages of an unsupported OS",
			[pkg("deb", "x@1"), pkg("deb", "y@1")],
			fedora,
			[
				"os_unsupported",
				"partial",
				`2 OS packages could not be judged: fedora 41 has no advisories here ${supported}.`,
			],
		],
		[
			"packages of a foreign family",
			[pkg("apk", "x@1")],
			debian,
			[
				"os_unsupported",
				"partial",
				`1 OS package could not be judged: Debian GNU/Linux 12 (bookworm) has no advisories here ${supported}.`,
			],
		],
		[
			"packages of a release without a number",
			[pkg("deb", "x@1")],
			{ id: "debian", versionId: "trixie/sid" },
			[
				"os_unsupported",
				"partial",
				`1 OS package could not be judged: debian trixie/sid has no advisories here ${supported}.`,
			],
		],
		[
			"one package of another vendor",
			[vendor("docker-ce", "Docker")],
			debian,
			[
				"third_party_packages",
				"note",
				"1 package from other vendors (Docker) could not be judged, the distribution has no advisories for it: docker-ce 1.",
			],
		],
		[
			"packages of other vendors",
			[vendor("gitlab", "GitLab"), vendor("cli", "Docker"), vendor("ce", "Docker")],
			debian,
			[
				"third_party_packages",
				"note",
				"3 packages from other vendors (Docker, GitLab) could not be judged, the distribution has no advisories for them: gitlab 1, cli 1, ce 1.",
			],
		],
		[
			"one package with an owner",
			[owned("a", "node-a")],
			debian,
			[
				"packages_os_owned",
				"note",
				"1 language package came with OS packages (node-a) and is judged by the distribution's advisories.",
			],
		],
		[
			"packages with owners",
			[owned("a", "npm"), owned("b", "npm")],
			debian,
			[
				"packages_os_owned",
				"note",
				"2 language packages came with OS packages (npm) and are judged by the distribution's advisories.",
			],
		],
		[
			"one without a version",
			[pkg("golang", "x/y@")],
			debian,
			["version_unknown", "note", "1 package could not be judged, since the version is not recorded: x/y."],
		],
		[
			"one with a malformed version",
			[pkg("npm", "a@one")],
			debian,
			["version_malformed", "partial", "1 package could not be judged: the version is malformed: a one."],
		],
		[
			"one whose source has a malformed version",
			[pkg("deb", "x@1", { source: { name: "y", version: "2-" } })],
			debian,
			["version_malformed", "partial", "1 package could not be judged: the version is malformed: y 2-."],
		],
		[
			"one whose ecosystem the database lacks",
			[pkg("deb", "x@1")],
			{ id: "debian", versionId: "10" },
			[
				"advisories_missing",
				"partial",
				"1 package could not be judged: the advisory database has no records for Debian:10.",
			],
		],
		[
			"a Java archive that does not tell its group",
			[pkg("maven", "app@1.0")],
			debian,
			[
				"name_incomplete",
				"note",
				"1 Java package could not be judged, since its archive does not tell the group: app 1.0.",
			],
		],
		[
			"a package of a module that its database does not name",
			[pkg("rpm", "nginx@1:1.22.1-4.module_el9.2.0+29+aabbccdd")],
			{ id: "almalinux", versionId: "9.2" },
			[
				"module_unknown",
				"partial",
				"1 package of a module could not be judged, since the package database does not tell which module and stream: nginx 1:1.22.1-4.module_el9.2.0+29+aabbccdd.",
			],
		],
		[
			"a program that only a missing feed knows",
			[pkg("generic", "openssl@1.1.1w")],
			debian,
			["advisories_missing", "partial", "1 package could not be judged: the advisory database has no records for NVD."],
		],
		[
			"packages that no feed speaks of",
			[pkg("conda", "openssl@3.0.0")],
			debian,
			[
				"advisories_missing",
				"partial",
				"1 package could not be judged: the advisory database has no records for conda packages.",
			],
		],
	])("%s", (_what, packages, os, warning) => {
		expect(judge(packages, os)).toEqual({ judged: [], said: [warning] });
	});

	test("several ecosystems that the database lacks, or has without records", () => {
		const empty: AdvisoryStore = {
			...store,
			snapshot: { ...store.snapshot, sources: [{ ecosystem: "npm", records: 0, newest: "" }] },
		};
		const { judged, warnings } = judgeable(inventory([pkg("npm", "a@1.0.0"), pkg("deb", "x@1")]), empty, "drop");
		expect(judged).toEqual([]);
		expect(warnings.map(({ message }) => message)).toEqual([
			"2 packages could not be judged: the advisory database has no records for Debian:12, npm.",
		]);
	});

	test("each under one reason, the first that holds", () => {
		const one = pkg("npm", "a@", { ownedBy: "node-a" });
		expect(judge([one]).said.map(([code]) => code)).toEqual(["packages_os_owned"]);
		expect(judge([one], debian, "keep").said.map(([code]) => code)).toEqual(["version_unknown"]);
		expect(judge([pkg("deb", "x@1", { thirdParty: "Docker" })], fedora).said.map(([code]) => code)).toEqual([
			"os_unsupported",
		]);
	});

	test.each([
		[1, "a"],
		[5, "a, b, c, d, e"],
		[6, "a, b, c, d, e and 1 more"],
		[8, "a, b, c, d, e and 3 more"],
	])("named, up to five of %i", (count, expected) => {
		expect(some("a b c d e f g h".split(" ").slice(0, count))).toBe(expected);
	});
});

describe("findings", () => {
	const layers: ReportLayer[] = [
		{ index: 0, digest: "sha256:0", diffId: "", createdBy: "ADD", size: 1 },
		{ index: 1, digest: "sha256:1", diffId: "", createdBy: "COPY", size: 1 },
	];
	const find = (packages: readonly InstalledPackage[], from: AdvisoryStore) =>
		findingsOf(judgeable(inventory(packages), from, "drop").judged, debian, layers, matcherOver(from));

	test("are on the source package, told of the installed one, with the layer it came in", () => {
		const one = pkg("deb", "libcurl4@7.1-1", { source: { name: "curl", version: "7.1" }, layer: 1 });
		const { findings, warnings } = find([one], store);
		expect(warnings).toEqual([]);
		expect(findings).toMatchObject([
			{
				id: "CVE-2026-1000",
				severity: "high",
				fixedVersion: "8",
				state: "fixed",
				package: { name: "libcurl4", version: "7.1-1", source: { name: "curl", version: "7.1" } },
				origin: { layer: { index: 1, digest: "sha256:1", createdBy: "COPY" }, kind: "unknown", paths: ["p/libcurl4"] },
			},
		]);
	});

	test("come worst first, then by package, then by identifier", () => {
		const base = advisories("npm b", "npm a", "npm a", "npm c");
		const words = ["LOW", "HIGH", "HIGH", "CRITICAL"];
		const lookup: AdvisoryStore["lookup"] = (ecosystem, name) =>
			base.lookup(ecosystem, name).map((found) => {
				const severityWord = words[Number(found.advisory.id.slice(-1))] ?? "";
				return { ...found, advisory: { ...found.advisory, severityWord } };
			});
		const packages = ["a", "b", "c"].map((name) => pkg("npm", `${name}@1.0.0`));
		const { findings } = find(packages, { ...base, lookup });
		expect(findings.map((one) => `${one.severity} ${one.package.name} ${one.id.slice(-1)}`)).toEqual([
			"critical c 3",
			"high a 1",
			"high a 2",
			"low b 0",
		]);
	});

	test("that cannot be decided are counted and named", () => {
		const bad = advisories("npm a <one", "npm b <two");
		const message = (count: string) =>
			expect.stringMatching(new RegExp(`^${count} could not be judged, .*CVE-2026-1000 on a \\("one"\\)`));
		const one = find([pkg("npm", "a@1.0.0")], bad);
		expect(one.warnings).toEqual([{ code: "advisory_version_malformed", message: message("1 advisory") }]);
		const two = find([pkg("npm", "a@1.0.0"), pkg("npm", "b@1.0.0")], bad);
		expect(two.warnings).toEqual([{ code: "advisory_version_malformed", message: message("2 advisories") }]);
	});

	test("of a package version are looked up once, whatever image asks", () => {
		const asked: string[] = [];
		const counting: AdvisoryStore = {
			...store,
			lookup: (ecosystem, name) => {
				asked.push(`${ecosystem} ${name}`);
				return store.lookup(ecosystem, name);
			},
		};
		const match = matcherOver(counting);
		const packages = [pkg("npm", "a@1.0.0"), pkg("npm", "a@1.0.0", { layer: 1 }), pkg("npm", "a@2.0.0")];
		const { judged } = judgeable(inventory(packages), counting, "drop");
		for (const _ of [1, 2]) expect(findingsOf(judged, null, layers, match).findings).toHaveLength(3);
		expect(asked).toEqual(["npm a", "npm a"]);
	});
});
