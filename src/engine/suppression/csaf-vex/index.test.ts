import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { OperatingSystem } from "#model";
import { applySuppressions } from "../apply.ts";
import { readJson } from "../json.ts";
import { bytesOf, found, imageReport, now } from "../report-fixture.ts";
import type { Suppressions } from "../types.ts";
import { csafVex } from "./index.ts";
import { osOfCpe } from "./platform.ts";

const good = readFileSync(new URL("testdata/good", import.meta.url));

function read(content: Uint8Array | object): Suppressions {
	return csafVex.read(readJson(content instanceof Uint8Array ? content : bytesOf(content), "vex.json"), "vex.json");
}

/** A document on CVE-2026-1000 with these products and what is said of them. */
function document(tree: object, vulnerability: object, head: object = {}): object {
	return {
		document: {
			category: "csaf_vex",
			csaf_version: "2.0",
			publisher: { name: "Ada" },
			tracking: { current_release_date: "2026-10-01T00:00:00Z" },
			...head,
		},
		product_tree: tree,
		vulnerabilities: [{ cve: "CVE-2026-1000", ...vulnerability }],
	};
}

function product(id: string, helper: object = { purl: "pkg:deb/debian/libssl3" }): object {
	return { name: id, product_id: id, product_identification_helper: helper };
}

function suppressed(content: Suppressions, report = imageReport([found()])) {
	return applySuppressions(report, content, now).findings[0]?.suppressed ?? null;
}

const rhel8: OperatingSystem = { id: "rhel", versionId: "8.10" };
const rhel9: OperatingSystem = { id: "rhel", versionId: "9.2" };
const libs = found({
	purl: "pkg:rpm/redhat/openssl-libs@3.0.7-6.el9_2?arch=x86_64&epoch=1",
	source: { name: "openssl", version: "1:3.0.7-6.el9_2" },
});

describe("a document as a distributor writes it", () => {
	it("names what it could not apply, and why", () => {
		expect(read(good).problems).toEqual([
			"vex.json: 1 product is for a platform that cannot be told from an image, so what the file says of it was not applied: BaseOS-9.0.0.Z.EUS:openssl.src.",
			"vex.json: 1 product is named neither by a package URL nor as an image, so what the file says of it was not applied: openssl-by-name.",
			"vex.json: 1 statement is about a package inside another package; what else uses that package is not known, so it was not applied: libssl3:openssl.src.",
			"vex.json: 1 product is named by a range of versions, which is not read, so what the file says of it was not applied: libssl3-old.",
		]);
	});

	it("leaves out the names that bug trackers give", () => {
		for (const { vulnerabilities } of read(good).statements)
			expect(vulnerabilities).toEqual(["CVE-2026-1000", "GHSA-AAAA-BBBB-CCCC"]);
	});

	it("holds for a package on the release that its platform names, and on no other", () => {
		const by = "vex.json (Example Linux Security)";
		expect(suppressed(read(good), imageReport([libs], { os: rhel9 }))).toEqual({
			by,
			reason: "The product contains the fix.",
			status: "fixed",
		});
		// Said of the source package on RHEL 8, by a flag for a group of products; the severity is no reason.
		expect(suppressed(read(good), imageReport([libs], { os: rhel8 }))).toEqual({
			by,
			reason: "The vulnerable code is not in the product.",
			status: "not_affected",
			justification: "vulnerable_code_not_present",
		});
		for (const os of [
			null,
			{ id: "rhel", versionId: "7.9" },
			{ id: "rhel", versionId: "90" },
			{ id: "centos", versionId: "8" },
		])
			expect(suppressed(read(good), imageReport([libs], { os }))).toBeNull();
	});

	it("holds for a package in the image that it is installed on, and in no other", () => {
		expect(suppressed(read(good))).toEqual({
			by: "vex.json (Example Linux Security)",
			reason: "The server is not started in this image.",
			status: "not_affected",
		});
		expect(suppressed(read(good), imageReport([found()], { digest: "" }))).toBeNull();
	});
});

describe("products", () => {
	const notAffected = { product_status: { known_not_affected: ["A"] } };
	it.each([
		["by a package URL", { full_product_names: [product("A")] }, true],
		[
			"by several, as in 2.1",
			{ full_product_names: [product("A", { purls: ["pkg:npm/x", "pkg:deb/debian/libssl3"] })] },
			true,
		],
		["in branches", { branches: [{ branches: [{ branches: [{ product: product("A") }] }] }] }, true],
		[
			"of all versions",
			{ branches: [{ category: "product_version_range", name: "vers:all/*", product: product("A") }] },
			true,
		],
		[
			"in a range of versions",
			{ branches: [{ category: "product_version_range", name: "vers:deb/<3", branches: [{ product: product("A") }] }] },
			false,
		],
		["of an image", { full_product_names: [product("A", { purl: "pkg:oci/web" })] }, true],
		["of another image", { full_product_names: [product("A", { purl: "pkg:oci/api" })] }, false],
		["by CPE", { full_product_names: [product("A", { cpe: "cpe:/o:debian:debian_linux:12" })] }, false],
		["that is not in the tree", { full_product_names: [product("B")] }, false],
		[
			"that is part of itself",
			{
				relationships: [{ full_product_name: product("A"), product_reference: "A", relates_to_product_reference: "A" }],
			},
			false,
		],
		[
			"of an image on a platform that no image tells",
			{
				full_product_names: [product("B", { purl: "pkg:oci/web" }), product("C", { cpe: "cpe:/a:shop:shop:4" })],
				relationships: [
					{ full_product_name: { product_id: "A" }, product_reference: "B", relates_to_product_reference: "C" },
				],
			},
			false,
		],
		[
			"of an image with a digest on any platform",
			{
				full_product_names: [
					product("B", { purl: `pkg:oci/web@sha256:${"a".repeat(64)}` }),
					product("C", { cpe: "cpe:/a:shop:shop:4" }),
				],
				relationships: [
					{ full_product_name: { product_id: "A" }, product_reference: "B", relates_to_product_reference: "C" },
				],
			},
			true,
		],
	])("%s", (_what, tree, expected) => {
		const content = read(document(tree, notAffected));
		expect(suppressed(content) !== null).toBe(expected);
		expect(content.problems.length + content.statements.flatMap(({ scopes }) => scopes).length).toBeGreaterThan(0);
	});
});

describe("status", () => {
	const tree = { full_product_names: [product("A")] };
	it.each([
		["fixed", true],
		["first_fixed", true],
		["known_not_affected", true],
		["known_affected", false],
		["first_affected", false],
		["last_affected", false],
		["recommended", false],
		["under_investigation", false],
	])("%s suppresses: %j", (status, expected) => {
		expect(suppressed(read(document(tree, { product_status: { [status]: ["A"] } }))) !== null).toBe(expected);
	});

	it("of a document that contradicts itself, what does not suppress counts", () => {
		const product_status = { known_affected: ["A"], fixed: ["A"], known_not_affected: ["A"] };
		expect(suppressed(read(document(tree, { product_status })))).toBeNull();
	});

	it("an impact that is a label is the justification", () => {
		const content = document(tree, {
			product_status: { known_not_affected: ["A"] },
			threats: [{ category: "impact", details: "vulnerable_code_not_in_execute_path" }],
		});
		expect(suppressed(read(content))).toMatchObject({
			justification: "vulnerable_code_not_in_execute_path",
			reason: "The vulnerable code is never executed.",
		});
	});
});

it.each([
	["cpe:/o:redhat:enterprise_linux:9", { id: "rhel", version: "9" }],
	["cpe:/a:redhat:enterprise_linux:9::appstream", { id: "rhel", version: "9" }],
	["cpe:2.3:o:redhat:enterprise_linux:8.6:*:baseos:*:*:*:*:*", { id: "rhel", version: "8.6" }],
	["cpe:/o:suse:sles:15:sp5", { id: "sles", version: "15.5" }],
	["cpe:/o:canonical:ubuntu_linux:22.04::lts", { id: "ubuntu", version: "22.04" }],
	["cpe:/o:redhat:enterprise_linux", null],
	["cpe:2.3:o:redhat:enterprise_linux:*:*", null],
	["cpe:/o:redhat:rhel_eus:9.0::baseos", null],
	["cpe:/h:redhat:enterprise_linux:9", null],
	["redhat:enterprise_linux:9", null],
	["", null],
])("the release that %s names", (cpe, expected) => {
	expect(osOfCpe(cpe)).toEqual(expected);
});

describe("hostile and broken documents", () => {
	it.each([
		[{ csaf_version: "1.2" }, "vex.json cannot be used: it is CSAF 1.2; 2.x is read."],
		[{ csaf_version: "3.0" }, "vex.json cannot be used: it is CSAF 3.0; 2.x is read."],
	])("%j", (head, message) => {
		expect(() => read(document({}, {}, head))).toThrow(message);
	});

	it("other things than texts, lists and objects read as absent", () => {
		const content = read({
			document: { csaf_version: "2.0", publisher: [], tracking: 5 },
			product_tree: {
				branches: [null, 5, { product: [], branches: {} }],
				relationships: [{}, 5],
				product_groups: [{}],
			},
			vulnerabilities: [
				null,
				{},
				{ product_status: { fixed: ["A"] } },
				{ cve: 5, ids: [5], flags: {}, threats: "x", product_status: [] },
				{ cve: "CVE-2026-1000", product_status: { fixed: "A", known_not_affected: [5, {}] } },
			],
		});
		expect(content.statements).toEqual([]);
		expect(content.problems).toHaveLength(2);
	});

	it("products times vulnerabilities are refused before they fill the memory", () => {
		const purls = Array.from({ length: 10_000 }, (_, index) => `pkg:npm/a${index}`);
		const content = document({ full_product_names: [product("A", { purls })] }, {}) as { vulnerabilities: object[] };
		for (let index = 0; index < 10_000; index += 1)
			content.vulnerabilities.push({ cve: `CVE-2026-${index}`, product_status: { fixed: ["A"] } });
		expect(() => read(content)).toThrow("vex.json cannot be used: it names more than 1000000 products.");
	});

	it("groups times flags are refused, too", () => {
		const product_ids = Array.from({ length: 10_000 }, (_, index) => `P${index}`);
		const flags = Array.from({ length: 10_000 }, () => ({ label: "component_not_present", group_ids: ["G"] }));
		const tree = { product_groups: [{ group_id: "G", product_ids }] };
		expect(() => read(document(tree, { flags, product_status: { fixed: ["A"] } }))).toThrow(/more than 1000000/);
	});

	it("chains of relationships end", () => {
		const relationships = Array.from({ length: 50 }, (_, index) => ({
			full_product_name: { product_id: `P${index}` },
			product_reference: `P${index + 1}`,
			relates_to_product_reference: "image",
		}));
		const names = [product("P50"), product("image", { purl: "pkg:oci/web" })];
		const content = read(
			document({ full_product_names: names, relationships }, { product_status: { fixed: ["P0", "P49"] } }),
		);
		// Only the last one is a package in an image; the others are parts of parts.
		expect(content.statements[0]?.scopes).toHaveLength(1);
	});
});
