import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { applySuppressions } from "../apply.ts";
import { readIgnore } from "../read.ts";
import { bytesOf, found, imageReport, now } from "../report-fixture.ts";
import type { Suppressions } from "../types.ts";
import { entryFields, readIgnoreFile } from "./index.ts";

const good = readFileSync(new URL("testdata/good.yaml", import.meta.url));
const file = ".plimsollignore.yaml";

async function read(text: string | Uint8Array): Promise<Suppressions> {
	return readIgnore(typeof text === "string" ? bytesOf(text) : text, file, now);
}

/** A file with one entry that is sound but for what these lines say. */
function entry(over: Readonly<Record<string, string | null>>): string {
	const fields = { id: "CVE-2026-1000", reason: "Not reached.", owner: "Ada", expires: "2027-01-01", ...over };
	const written = Object.entries(fields).filter(([, value]) => value !== null);
	return `version: 1\nignore:\n  - ${written.map(([name, value]) => `${name}: ${value ?? ""}`).join("\n    ")}\n`;
}

describe("a sound file", () => {
	it("is read whole", async () => {
		const { statements, problems } = await read(good);
		expect(problems).toEqual([]);
		expect(statements).toMatchObject([
			{
				place: "line 4",
				vulnerabilities: ["CVE-2026-1000", "GHSA-AAAA-BBBB-CCCC"],
				reason: "The cipher is switched off by our policy.",
				owner: "security@shop.example",
				expires: "2027-06-30",
				status: "accepted",
			},
			{ place: "line 16", status: "not_affected", justification: "component_not_present" },
			{ place: "line 22", status: "fixed", expires: "2030-01-01" },
		]);
		expect(statements[1]).not.toHaveProperty("expires");
	});

	it("suppresses what it names, with reason, owner and date", async () => {
		const findings = [
			found(),
			found({ purl: "pkg:npm/%40shop/cart@2.1.0" }),
			found({ purl: "pkg:npm/%40shop/cart@3.0.0" }),
			found({
				purl: "pkg:deb/debian/openssl@3.0.11-1~deb12u2?arch=amd64",
				name: "openssl",
				source: { name: "openssl", version: "3.0.11-1~deb12u2" },
			}),
			found({ purl: "pkg:deb/debian/zlib1g@1" }),
			found({ paths: ["opt/status"] }),
			found({ id: "CVE-2026-1001" }),
		];
		const report = applySuppressions(imageReport(findings), await read(good), now);
		const wanted = [true, true, false, true, false, false, true];
		expect(report.findings.map(({ suppressed }) => suppressed !== undefined)).toEqual(wanted);
		expect(report.findings[0]?.suppressed).toEqual({
			by: file,
			reason: "The cipher is switched off by our policy.",
			status: "accepted",
			owner: "security@shop.example",
			expires: "2027-06-30",
		});
		const elsewhere = imageReport(findings, { name: "other.example/shop/web:1.2" });
		expect(applySuppressions(elsewhere, await read(good), now).summary.suppressed).toBe(1);
	});

	it.each([
		["libssl3", true],
		["libssl*", true],
		["openssl", false],
		["pkg:deb/debian/libssl3", true],
		["pkg:deb/debian/libssl*", true],
		["pkg:deb/debian/lib*@3.0.*", true],
		["pkg:deb/debian/lib*@3.1.*", false],
		["pkg:deb/*", false],
		["pkg:deb/**", true],
		["pkg:deb/debian/*", true],
		["pkg:rpm/**", false],
		["pkg:deb/debian/libssl3?arch=arm64", false],
		["pkg:deb/debian/openssl?arch=source", true],
	])("package %s: %j", async (text, expected) => {
		const source = { name: "openssl", version: "3.0.11-1~deb12u2" };
		const report = imageReport([found({ source })]);
		const { summary } = applySuppressions(report, await read(entry({ package: JSON.stringify(text) })), now);
		expect(summary.suppressed).toBe(expected ? 1 : 0);
	});

	it.each([
		["2026-11-24", true],
		["2026-11-23", false],
	])("holds until the end of its last day: %s", async (expires, expected) => {
		const report = applySuppressions(imageReport([found()]), await read(entry({ expires })), now);
		expect(report.findings[0]?.suppressed !== undefined).toBe(expected);
	});
});

describe("mistakes", () => {
	it.each([
		["", 'line 1: it is empty; it needs "version: 1" and a list "ignore".'],
		["# nothing\n", 'line 1: it is empty; it needs "version: 1" and a list "ignore".'],
		["- a\n", 'line 1: it is not a map with "version: 1" and a list "ignore".'],
		["ignore: []\n", 'line 1: "version: 1" is missing.'],
		["version: 2\nignore: []\n", "line 1: version is not 1, the only one there is."],
		["version: 1\n", 'line 1: "ignore" is not a list.'],
		["version: 1\nignore: {}\n", 'line 2: "ignore" is not a list.'],
		["version: 1\nignore:\n  - CVE-1\n", "line 3: an entry of ignore is not a map of fields."],
		["version: 1\nignore: []\nignores: []\n", 'line 3: unknown field "ignores": did you mean "ignore"?.'],
		[
			"version: 1\nvulnerabilities: []\nignore: []\n",
			'line 2: unknown field "vulnerabilities": known are version, ignore.',
		],
		[entry({ id: null }), "line 3: id is missing."],
		[entry({ id: "" }), "line 3: id is not a text."],
		[entry({ id: "[]" }), "line 3: id is empty."],
		[entry({ id: "CVE-2026-*" }), 'line 3: "CVE-2026-*" is not an identifier such as CVE-2026-1234.'],
		[entry({ id: "[CVE-1, a b]" }), 'line 3: "a b" is not an identifier such as CVE-2026-1234.'],
		[entry({ id: "[[CVE-1]]" }), "line 3: id is not a text."],
		[entry({ reason: null }), "line 3: reason is missing."],
		[entry({ reason: '""' }), "line 4: reason is not a text."],
		[entry({ owner: "~" }), "line 5: owner is not a text."],
		[entry({ onwer: "Ada" }), 'line 7: unknown field "onwer": did you mean "owner"?.'],
		[entry({ packages: "a" }), 'line 7: unknown field "packages": did you mean "package"?.'],
		[entry({ severity: "low" }), `line 7: unknown field "severity": known are ${entryFields.join(", ")}.`],
		[entry({ package: "pkg:deb" }), 'line 7: package "pkg:deb": it is not a package URL.'],
		[entry({ package: "pkg:*" }), 'line 7: package "pkg:*": it is not a package URL.'],
		[
			entry({ package: "pkg:oci/web" }),
			'line 7: package "pkg:oci/web": it names an image, which belongs in the field image.',
		],
		[
			entry({ package: "pkg:npm/a*?arch=x" }),
			'line 7: package "pkg:npm/a*?arch=x": a package URL with wildcards has no qualifiers.',
		],
		[entry({ package: "'lib[a]'" }), 'line 7: package "lib[a]": only *, ** and ? are understood in it.'],
		[entry({ paths: "'{a,b}'" }), 'line 7: paths "{a,b}": only *, ** and ? are understood in it.'],
		[entry({ paths: "{a: b}" }), "line 7: paths is not a text."],
		[entry({ image: "[]" }), "line 7: image is empty."],
		[
			entry({ expires: null }),
			"line 3: expires is missing (a date, or permanent: true with status: not_affected or fixed).",
		],
		[entry({ expires: "31.12.2026" }), "line 6: expires is not a date of the form 2026-12-31."],
		[entry({ expires: "2026-02-30" }), "line 6: expires is not a date of the form 2026-12-31."],
		[
			entry({ expires: "2027-11-26" }),
			"line 6: expires is more than 366 days ahead; an accepted risk is looked at once a year.",
		],
		[entry({ permanent: "true" }), "line 7: expires and permanent contradict each other; line 7: an accepted risk"],
		[
			entry({ expires: null, permanent: "true" }),
			"line 6: an accepted risk is looked at again: give expires, or say why it is none by status.",
		],
		[entry({ expires: null, permanent: "yes", status: "fixed" }), "permanent is either true or left out"],
		[entry({ status: "affected" }), "line 7: status is none of accepted, not_affected, fixed."],
		[
			entry({ justification: "component_not_present" }),
			"line 7: a justification belongs to status: not_affected only.",
		],
		[
			entry({ status: "not_affected", justification: "because" }),
			"line 8: justification is none of component_not_present, ",
		],
		[
			`${entry({ id: null })}  - id: CVE-2\n  - x\n  - y\n`,
			"line 3: id is missing; line 6: reason is missing; line 6: owner is missing; and 3 more.",
		],
	])("%j", async (text, message) => {
		await expect(read(text)).rejects.toMatchObject({
			code: "suppression_malformed",
			message: expect.stringContaining(
				`${file} cannot be used: ${message}`.replace(/^.*: permanent is/, "permanent is"),
			),
		});
	});

	it.each([
		[{ expires: "2027-11-25" }],
		[{ expires: "2099-01-01", status: "not_affected" }],
		[{ expires: null, permanent: "true", status: "fixed" }],
		[{ image: "[nginx, registry.example/**]", paths: "a/**" }],
	])("none: %j", async (over) => {
		expect((await read(entry(over))).statements).toHaveLength(1);
	});

	it("keeps names that objects have, too, apart", async () => {
		await expect(read(entry({ constructor: "x" }))).rejects.toThrow('unknown field "constructor"');
		const text = `${entry({})}    __proto__: x\n`;
		await expect(read(text)).rejects.toThrow(`${file} cannot be used: line 7: unknown field "__proto__": known are `);
	});

	it("a text from the file does not reach the terminal as it is", async () => {
		await expect(read(entry({ '"\\e[31m"': "x" }))).rejects.toThrow('unknown field "[31m"');
	});

	it("needs no text at all to fail", () => {
		expect(() => readIgnoreFile(null, file, now)).toThrow(/it is empty/);
	});
});
