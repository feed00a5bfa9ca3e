import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Affected } from "#model";
import { all, inPieces, ofKind, testdata, unusable, utf8 } from "../feed-fixture.ts";
import { readRedHatVex, readRepositoryToCpe } from "./index.ts";

/** An entry in one line: `name <fixed|state module arches @products erratum word`. */
function line({ name, ranges, state, only, vendorIds, severityWord }: Affected): string {
	const fixed = ranges[0]?.events[1]?.fixed;
	const parts = [
		name,
		fixed === undefined ? state : `<${fixed}`,
		only?.module,
		only?.arches?.join("+"),
		`@${only?.products?.map((cpe) => cpe.replace("redhat:", "")).join(" ")}`,
		vendorIds?.join(),
		severityWord,
	];
	return parts.filter((part) => part !== undefined).join(" ");
}

function linesOf(bytes: Uint8Array): string[] {
	const items = readRedHatVex(bytes, "cve-2024-0001.json");
	expect(ofKind(items, "malformed")).toEqual([]);
	return ofKind(items, "advisory").flatMap(({ affected }) => affected.map(line));
}

describe("readRedHatVex", () => {
	it("reads the older form", () => {
		expect(linesOf(testdata(import.meta.url, "good"))).toEqual([
			"openssl <1:3.0.7-27.el9 aarch64+x86_64 @cpe:/a:enterprise_linux:9::appstream cpe:/o:enterprise_linux:9::baseos RHSA-2024:0001",
			// Its purl has no epoch, its name has. No product gets an architecture that it has not.
			"openssl-libs <1:3.0.7-27.el9 aarch64+i686+x86_64 @cpe:/o:enterprise_linux:9::baseos RHSA-2024:0001",
			"openssl-libs <1:3.0.7-27.el9 aarch64+x86_64 @cpe:/a:enterprise_linux:9::appstream RHSA-2024:0001",
			// A source whose packages are not listed stays.
			"openssl <1:3.0.7-18.el9_2 src @cpe:/o:rhel_eus:9.2::baseos RHSA-2024:0002",
			"nodejs <1:18.20.4-1.module+el8.10.0+22214+9beb89d6 nodejs:18 x86_64 @cpe:/a:enterprise_linux:8::appstream RHSA-2024:0003",
			"nodejs-docs <1:18.20.4-1.module+el8.10.0+22214+9beb89d6 nodejs:18 @cpe:/a:enterprise_linux:8::appstream RHSA-2024:0003",
			"openssl wont_fix src @cpe:/o:enterprise_linux:7 low",
			"openssl098e end_of_life src @cpe:/o:enterprise_linux:7",
			"nodejs deferred nodejs:16 src @cpe:/o:enterprise_linux:8",
			"compat-openssl10 affected src @cpe:/o:enterprise_linux:8",
			"firefox-flatpak affected src @cpe:/o:enterprise_linux:8",
			"openssl under_investigation src @cpe:/o:enterprise_linux:8",
		]);
	});

	it("tells what Red Hat knows of the CVE", () => {
		const items = readRedHatVex(testdata(import.meta.url, "good"), "cve-2024-0001.json");
		expect(ofKind(items, "vulnerability").map(({ vulnerability }) => vulnerability)).toEqual([
			{
				id: "CVE-2024-0001",
				title: "openssl: made for this test",
				description: "A flaw was made for this test.",
				published: "2024-08-08T00:00:00Z",
				modified: "2026-09-16T20:59:13Z",
				cwes: ["CWE-125"],
				references: [],
				ratings: [
					{
						source: "redhat",
						severity: "medium",
						vectors: [{ type: "CVSS_V3", vector: "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:N/A:H" }],
					},
				],
			},
		]);
		expect(ofKind(items, "advisory").map(({ advisory }) => advisory)).toEqual([
			{
				id: "CVE-2024-0001",
				aliases: [],
				upstream: [],
				related: [],
				summary: "openssl: made for this test",
				modified: "2026-09-16T20:59:13Z",
				published: "2024-08-08T00:00:00Z",
				severity: [],
				severityWord: "moderate",
				references: [
					"https://access.redhat.com/security/cve/CVE-2024-0001",
					"https://bugzilla.redhat.com/show_bug.cgi?id=1",
				],
			},
		]);
		expect(ofKind(items, "advisory")[0]?.affected[0]).toMatchObject({
			ecosystem: "Red Hat",
			versions: [],
			ratedBy: "redhat",
		});
	});

	it("reads the newer form, which has neither branches nor architectures", () => {
		const file = vex(
			{ "rhel-9.6.z": "cpe:/a:redhat:enterprise_linux:9", "rhel-9.4.0.z": "cpe:/a:redhat:rhel_eus:9.4" },
			{
				"glibc-0:2.34-168.el9_6.23.src": "pkg:rpm/redhat/glibc@2.34-168.el9_6.23?arch=src&epoch=0",
				"bind-utils-32:9.16.23-29.el9_6": "pkg:rpm/redhat/bind-utils@9.16.23-29.el9_6?epoch=32",
				"bind-32:9.16.23-29.el9_6.src": "pkg:rpm/redhat/bind@9.16.23-29.el9_6?arch=src&epoch=32",
				"nodejs-1:20.1-1.module+el9":
					"pkg:rpm/redhat/nodejs@20.1-1.module%2Bel9?epoch=1&rpmmod=nodejs:20:9040020240807145403:rhel9",
				glibc: "pkg:rpm/redhat/glibc?arch=src",
				libxml2: "pkg:rpm/redhat/libxml2",
			},
			{
				fixed: [
					"rhel-9.6.z:glibc-0:2.34-168.el9_6.23.src",
					"rhel-9.6.z:bind-utils-32:9.16.23-29.el9_6",
					"rhel-9.6.z:bind-32:9.16.23-29.el9_6.src",
					"rhel-9.6.z:nodejs-1:20.1-1.module+el9",
				],
				known_affected: ["rhel-9.4.0.z:glibc", "rhel-9.4.0.z:libxml2"],
				known_not_affected: ["rhel-9.6.z:libxml2"],
			},
		);
		expect(linesOf(file)).toEqual([
			"glibc <2.34-168.el9_6.23 src @cpe:/a:enterprise_linux:9",
			"bind-utils <32:9.16.23-29.el9_6 @cpe:/a:enterprise_linux:9",
			"nodejs <1:20.1-1.module+el9 nodejs:20 @cpe:/a:enterprise_linux:9",
			"glibc affected src @cpe:/a:rhel_eus:9.4",
			"libxml2 affected @cpe:/a:rhel_eus:9.4",
		]);
	});

	it("reads components of the oldest form, which have no purl, in products of RHEL", () => {
		const file = vex(
			{ red_hat_enterprise_linux_8: "cpe:/o:redhat:enterprise_linux:8", fuse_7: "cpe:/a:redhat:jboss_fuse:7" },
			{ samba: null, "nodejs:18/nodejs": null, "org.example:artifact": null },
			{
				known_affected: [
					"red_hat_enterprise_linux_8:samba",
					"fuse_7:samba",
					"red_hat_enterprise_linux_8:nodejs:18/nodejs",
				],
				under_investigation: ["red_hat_enterprise_linux_8:org.example:artifact"],
				fixed: ["red_hat_enterprise_linux_8:samba"],
			},
		);
		expect(linesOf(file)).toEqual([
			"samba affected src @cpe:/o:enterprise_linux:8",
			"nodejs affected nodejs:18 src @cpe:/o:enterprise_linux:8",
		]);
	});

	it("keeps modules and errata apart that fix a package in the same version", () => {
		const purl = "pkg:rpm/redhat/perl@5.32.1-1";
		const file = vex(
			{ p: "cpe:/a:redhat:enterprise_linux:8::appstream" },
			{
				"perl-5.32.1-1": purl,
				"a/perl-5.32.1-1": `${purl}?rpmmod=perl:5.32:1:2`,
				"b/perl-5.32.1-1": `${purl}?rpmmod=perl:5.30:1:2`,
			},
			{ fixed: ["p:perl-5.32.1-1", "p:a/perl-5.32.1-1", "p:b/perl-5.32.1-1"] },
		);
		expect(linesOf(file)).toEqual([
			"perl <5.32.1-1 @cpe:/a:enterprise_linux:8::appstream",
			"perl <5.32.1-1 perl:5.32 @cpe:/a:enterprise_linux:8::appstream",
			"perl <5.32.1-1 perl:5.30 @cpe:/a:enterprise_linux:8::appstream",
		]);
	});

	it("names what is broken in a file and reads the rest", () => {
		const items = readRedHatVex(testdata(import.meta.url, "hostile"), "x\u001b[2J");
		expect(ofKind(items, "advisory").flatMap(({ affected }) => affected.map(line))).toEqual([
			"ok <1-1 x86_64 @cpe:/o:enterprise_linux:9",
			"__proto__ <1-1 @cpe:/o:enterprise_linux:9",
		]);
		expect(ofKind(items, "vulnerability")[0]?.vulnerability).toMatchObject({ cwes: [], ratings: [] });
		expect(ofKind(items, "malformed")).toEqual([
			{ kind: "malformed", name: "x?[2J", problem: "a CPE is malformed, and 9 more" },
		]);
	});

	it.each([
		["an empty file", testdata(import.meta.url, "empty"), "it is not JSON in UTF-8"],
		["a file that was cut short", testdata(import.meta.url, "truncated"), "it is not JSON in UTF-8"],
		["another document", utf8("{}"), "document is not an object"],
		["a list", utf8("[]"), "the file is not an object"],
		["no CVE", utf8('{"document":{"tracking":{"id":"RHSA-2024:1"}}}'), "document.tracking.id is not a CVE"],
		[
			"several vulnerabilities",
			utf8('{"document":{"tracking":{"id":"CVE-2024-0001"}},"vulnerabilities":[1,2]}'),
			"vulnerabilities has 2 entries",
		],
		[
			"endless branches",
			vexText(`{"branches":${'[{"branches":'.repeat(1000)}[]${"}]".repeat(1000)}}`),
			"deeper than 20 levels",
		],
		["deep nesting", utf8("[".repeat(1_000_000)), "it is not JSON in UTF-8"],
	])("names %s", (_, bytes, problem) => {
		const items = readRedHatVex(bytes, "cve.json");
		expect(items).toHaveLength(1);
		expect(items[0]).toMatchObject({ kind: "malformed", name: "cve.json" });
		expect(ofKind(items, "malformed")[0]?.problem).toContain(problem);
	});

	it("gives nothing for a file that was deleted", () => {
		const text = '{"document":{"tracking":{"id":"CVE-2024-0001","status":"deleted"}}}';
		expect(readRedHatVex(utf8(text), "cve.json")).toEqual([]);
	});

	it("is quick with many products, and says the same in few entries", () => {
		const products = Object.fromEntries(
			Array.from({ length: 200 }, (_, n) => [`P${n}`, `cpe:/a:redhat:rhel_eus:9.${n}::appstream`]),
		);
		const arches = ["aarch64", "ppc64le", "s390x", "x86_64"];
		const names = Array.from({ length: 50 }, (_, n) => `kernel-${n}`);
		const components = Object.fromEntries(
			names.flatMap((name) =>
				arches.map((arch) => [`${name}-0:5-1.${arch}`, `pkg:rpm/redhat/${name}@5-1?arch=${arch}`]),
			),
		);
		const fixed = Object.keys(products).flatMap((product) =>
			Object.keys(components).map((component) => `${product}:${component}`),
		);
		const bytes = vex(products, components, { fixed });
		const started = performance.now();
		const [item] = ofKind(readRedHatVex(bytes, "cve.json"), "advisory");
		expect(performance.now() - started).toBeLessThan(5000);
		expect(item?.affected).toHaveLength(50);
		expect(item?.affected[0]?.only).toMatchObject({ arches, products: expect.objectContaining({ length: 200 }) });
	});

	it("says of each package of each product what the file says, however entries are joined", () => {
		const fact = fc.record({
			product: fc.nat(3),
			name: fc.constantFrom("a", "b"),
			evr: fc.constantFrom("1-1", "2-1"),
			arch: fc.constantFrom("x86_64", "aarch64", "i686"),
		});
		fc.assert(
			fc.property(fc.array(fact, { maxLength: 20 }), (facts) => {
				const products = Object.fromEntries([0, 1, 2, 3].map((n) => [`p${n}`, `cpe:/o:redhat:enterprise_linux:${n}`]));
				const id = ({ name, evr, arch }: (typeof facts)[number]) => `${name}-${evr}.${arch}`;
				const components = Object.fromEntries(
					facts.map((one) => [id(one), `pkg:rpm/redhat/${one.name}@${one.evr}?arch=${one.arch}`]),
				);
				const fixed = facts.map((one) => `p${one.product}:${id(one)}`);
				const items = readRedHatVex(vex(products, components, { fixed }), "cve.json");
				const said = ofKind(items, "advisory").flatMap(({ affected }) =>
					affected.flatMap(({ name, ranges, only }) =>
						(only?.products ?? []).flatMap((cpe) =>
							(only?.arches ?? []).map((arch) => `${cpe.at(-1)} ${name} ${ranges[0]?.events[1]?.fixed} ${arch}`),
						),
					),
				);
				const expected = new Set(facts.map(({ product, name, evr, arch }) => `${product} ${name} ${evr} ${arch}`));
				expect(said.toSorted()).toEqual([...expected].toSorted());
			}),
		);
	});
});

function vexText(tree: string, rest = "{}"): Uint8Array {
	const tracking = '{"id":"CVE-2024-0001","current_release_date":"2026-01-01T00:00:00+00:00"}';
	return utf8(`{"document":{"tracking":${tracking}},"product_tree":${tree},"vulnerabilities":[${rest}]}`);
}

/** A file with all components in all products; purls by component. */
function vex(
	products: Record<string, string>,
	components: Record<string, string | null>,
	status: Record<string, readonly string[]>,
): Uint8Array {
	const product = (id: string, helper: object) => ({
		product: { product_id: id, product_identification_helper: helper },
	});
	const branches = [
		...Object.entries(products).map(([id, cpe]) => product(id, { cpe })),
		...Object.entries(components).map(([id, purl]) =>
			purl === null ? { product: { product_id: id } } : product(id, { purl }),
		),
	];
	const relationships = Object.keys(products).flatMap((of) =>
		Object.keys(components).map((component) => ({
			full_product_name: { product_id: `${of}:${component}` },
			product_reference: component,
			relates_to_product_reference: of,
		})),
	);
	const tree = { branches: [{ category: "vendor", branches }], relationships };
	return vexText(JSON.stringify(tree), JSON.stringify({ product_status: status }));
}

describe("readRepositoryToCpe", () => {
	const read = (text: string) => readRepositoryToCpe(inPieces(utf8(text), 10));

	it("reads the products of content sets", async () => {
		const items = await all(
			read(`{"data":{
				"rhel-9-for-x86_64-baseos-rpms":{"cpes":["cpe:/o:redhat:enterprise_linux:9::baseos","cpe:/o:redhat:rhel:9.4::baseos"],"repo_relative_urls":["a"]},
				"empty":{"cpes":[]},
				"broken":{"cpes":[7]},
				"worse":null
			}}`),
		);
		expect(items).toEqual([
			{
				kind: "products",
				contentSet: "rhel-9-for-x86_64-baseos-rpms",
				cpes: ["cpe:/o:redhat:enterprise_linux:9::baseos", "cpe:/o:redhat:rhel:9.4::baseos"],
			},
			{ kind: "malformed", name: "broken", problem: "cpes[0] is not a string" },
			{ kind: "malformed", name: "worse", problem: "the content set is not an object" },
		]);
	});

	it.each([
		["", "it is empty"],
		['{"data":{"a":', "it ends early"],
		['{"a":1}', "it has no data"],
	])("refuses %j", async (text, problem) => {
		expect(await unusable(read(text))).toBe(`The Red Hat repository-to-cpe feed cannot be used: ${problem}.`);
	});
});
