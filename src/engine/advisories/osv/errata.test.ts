import { describe, expect, it } from "vitest";
import { translateOsv } from "./index.ts";

function erratum(summary: string, ...fixed: readonly string[]) {
	const record = translateOsv({
		id: "ALSA-1",
		modified: "2026-01-01T00:00:00Z",
		summary,
		affected: fixed.map((version) => ({
			package: { ecosystem: "AlmaLinux:8", name: "nodejs" },
			ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: version }] }],
		})),
	});
	if ("problem" in record) throw new Error(record.problem);
	return record;
}

describe("errata of Enterprise Linux rebuilds", () => {
	it.each([
		["Important: nodejs:18 security update", "important"],
		["Moderate: kernel security update", "moderate"],
		["None: libxml2 update", "none"],
		["kernel bug fix update", undefined],
		["Note: kernel", undefined],
	])("tells the severity of %j", (summary, word) => {
		expect(erratum(summary, "1-1.el8").advisory.severityWord).toBe(word);
	});

	it.each([
		["Important: nodejs:18 security update", "nodejs:18"],
		["container-tools:rhel8 bug fix update", "container-tools:rhel8"],
		["Moderate: postgresql:15 security, bug fix", "postgresql:15"],
		["container-tools bug fix update", "*"],
	])("tells the module stream of %j", (summary, stream) => {
		expect(erratum(summary, "1-1.module_el8.5.0+2628+c731dc97").affected).toMatchObject([{ only: { module: stream } }]);
	});

	it("leaves packages outside modules alone", () => {
		expect(erratum("Important: nodejs:18 security update", "1-1.el8_4").affected[0]).not.toHaveProperty("only");
	});

	it("drops what was built for another release", () => {
		const { affected } = erratum("Low: x", "1-1.el10_2", "1-2.el8", "1-3.el9");
		expect(affected.map(({ ranges }) => ranges[0]?.events[1]?.fixed)).toEqual(["1-2.el8"]);
	});
});

describe("Red Hat's and Ubuntu's records", () => {
	const record = (fields: object, ...packages: readonly (readonly [ecosystem: string, fixed: string])[]) => {
		const translated = translateOsv({
			id: "X-1",
			modified: "2026-01-01T00:00:00Z",
			...fields,
			affected: packages.map(([ecosystem, fixed]) => ({
				package: { ecosystem, name: "nodejs" },
				ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed }] }],
			})),
		});
		if ("problem" in translated) throw new Error(translated.problem);
		return translated;
	};

	it("of a product are looked up in one place and keep the product, the module too", () => {
		const { affected } = record(
			{ summary: "Red Hat Security Advisory: nodejs:18 security update" },
			["Red Hat:enterprise_linux:9::appstream", "1:18.1-1.module+el9.2.0+1+a"],
			["Red Hat:rhel_eus:9.2::appstream", "1:16.1-1.el9_2"],
		);
		expect(affected.map(({ ecosystem, only }) => [ecosystem, only])).toEqual([
			["Red Hat", { module: "nodejs:18", products: ["cpe::redhat:enterprise_linux:9::appstream"] }],
			["Red Hat", { products: ["cpe::redhat:rhel_eus:9.2::appstream"] }],
		]);
	});

	it("keep Ubuntu's priority as the package's own severity", () => {
		const severity = [
			{ type: "Ubuntu", score: "low" },
			{ type: "CVSS_V3", score: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" },
		];
		expect(record({ severity }, ["Ubuntu:22.04:LTS", "1"]).affected[0]?.severityWord).toBe("low");
		expect(record({ severity }, ["npm", "1"]).affected[0]).not.toHaveProperty("severityWord");
	});
});
