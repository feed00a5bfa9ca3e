import { describe, expect, test } from "vitest";
import type { InstalledPackage, OperatingSystem } from "#model";
import type { Inventory } from "./inventory/merge.ts";
import { judging } from "./judge.ts";
import { advisories } from "./scan-fixture.ts";
import { identify } from "./subject.ts";

const debian: OperatingSystem = { id: "debian", versionId: "12.7", eol: "2030-01-01", idLike: ["x"] };
const rhel: OperatingSystem = { id: "rhel", versionId: "9.4" };

function pkg(type: InstalledPackage["type"], text: string, more: Partial<InstalledPackage> = {}): InstalledPackage {
	const [name = "", version = ""] = text.split("@");
	return { type, name, version, path: "p", paths: ["p"], layer: 0, ...more };
}

function keyOf(one: InstalledPackage, os: OperatingSystem | null, more: Partial<Inventory> = {}): string | undefined {
	const inventory = { os, packages: [one], contentSets: [], unread: [], warnings: [], ...more };
	return identify(inventory)[0]?.key.toString("hex");
}

describe("the same subject are", () => {
	test.each([
		["a language package in images of two systems", keyOf(pkg("npm", "a@1"), debian), keyOf(pkg("npm", "a@1"), rhel)],
		[
			"a package in two places",
			keyOf(pkg("deb", "a@1"), debian),
			keyOf(pkg("deb", "a@1", { layer: 3, paths: ["q"], requires: ["b"] }), debian),
		],
		[
			"packages of a system whose end of life became known",
			keyOf(pkg("deb", "a@1"), debian),
			keyOf(pkg("deb", "a@1"), { id: "debian", versionId: "12.7" }),
		],
		[
			"packages that two vendors built",
			keyOf(pkg("deb", "a@1", { thirdParty: "A" }), debian),
			keyOf(pkg("deb", "a@1", { thirdParty: "B" }), debian),
		],
	])("%s", (_what, one, other) => {
		expect(one).toBe(other);
	});
});

describe("different subjects are", () => {
	test.each([
		[
			"packages of two releases",
			keyOf(pkg("deb", "a@1"), debian),
			keyOf(pkg("deb", "a@1"), { ...debian, versionId: "11" }),
		],
		[
			"packages of two architectures",
			keyOf(pkg("deb", "a@1", { arch: "amd64" }), debian),
			keyOf(pkg("deb", "a@1", { arch: "arm64" }), debian),
		],
		[
			"one of a module and one of none",
			keyOf(pkg("rpm", "a@1", { modularity: "a:1" }), rhel),
			keyOf(pkg("rpm", "a@1"), rhel),
		],
		[
			"packages of two sets of products",
			keyOf(pkg("rpm", "a@1"), rhel, { contentSets: ["x"] }),
			keyOf(pkg("rpm", "a@1"), rhel),
		],
		[
			"one that an OS package owns and one that none does",
			keyOf(pkg("npm", "a@1", { ownedBy: "b" }), debian),
			keyOf(pkg("npm", "a@1"), debian),
		],
	])("%s", (_what, one, other) => {
		expect(one).not.toBe(other);
	});
});

test("a subject is judged the same after it was written as JSON and read again", () => {
	const judge = judging(advisories("Debian:12 curl <8", "npm a"));
	const inventory = { os: debian, packages: [pkg("deb", "curl@7")], contentSets: [], unread: [], warnings: [] };
	for (const { subject } of identify(inventory)) {
		const before = judge(subject);
		expect(before.matches).toHaveLength(1);
		expect(before.names).toEqual([{ ecosystem: "Debian:12", name: "curl" }]);
		expect(judge(JSON.parse(JSON.stringify(subject)) as typeof subject)).toEqual(before);
	}
});

test("an ecosystem without advisories is asked for by name all the same", () => {
	const judge = judging(advisories("npm a"));
	expect(judge({ type: "pypi", name: "Some_Name", version: "1" })).toEqual({
		names: [{ ecosystem: "PyPI", name: "some-name" }],
		matches: [],
		undecided: [],
		leftover: "unadvised",
		isGap: true,
	});
});
