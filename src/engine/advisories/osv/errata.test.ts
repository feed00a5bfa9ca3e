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
