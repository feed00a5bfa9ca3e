import { describe, expect, it } from "vitest";
import { endOfLife, releaseKey } from "./eol.ts";
import { apkLastDays } from "./eol-apk.ts";
import { debLastDays, esmLastDays } from "./eol-deb.ts";
import { rpmLastDays } from "./eol-rpm.ts";

describe("endOfLife", () => {
	it.each([
		["debian", "10.13", "2024-06-30"],
		["debian", "trixie/sid", undefined],
		["debian", "99", undefined],
		["debian", "11.11", "2026-08-31"],
		["debian", "14", undefined],
		["debian", "", undefined],
		["alpine", "3.9.6", "2020-11-01"],
		["alpine", "3.23.0", "2027-11-01"],
		["alpine", "3.21_alpha20240807", undefined],
		["alpine", "3", undefined],
		["alpine", "2.7.9", "2015-11-01"],
		["alpine", "3.24.1", "2028-06-01"],
		["alpine", "edge", undefined],
		["ubuntu", "22.04", "2027-06-01"],
		["ubuntu", "10.04", "2015-04-30"],
		["ubuntu", "9.10", "2011-04-30"],
		["ubuntu", "25.10", "2026-07-09"],
		["ubuntu", "26.04", "2031-05-29"],
		["rocky", "10.1", "2035-05-31"],
		["almalinux", "9.4", "2032-05-31"],
		["rhel", "10.0", "2035-05-31"],
		["rhel", "7.9", "2024-06-30"],
		["ol", "9.4", "2032-06-30"],
		["ol", "7.9", "2024-12-31"],
		["amzn", "2", "2026-06-30"],
		["amzn", "2023", "2029-06-30"],
		["amzn", "2023.6.20241121", "2029-06-30"],
		["amzn", "2018.03", "2023-12-31"],
		["amzn", "2022", undefined],
		["sles", "15", "2019-12-31"],
		["sles", "15.7", "2031-07-31"],
		["sles", "12.5", "2024-10-31"],
		["opensuse-leap", "15.6", "2026-04-30"],
		["opensuse-leap", "42.3", "2019-07-01"],
		["opensuse-leap", "15", undefined],
		["opensuse-tumbleweed", "20261101", undefined],
		["fedora", "39", "2024-11-26"],
		["mariner", "2.0.20240123", "2025-07-31"],
		["azurelinux", "3.0", "2027-08-31"],
		["photon", "1.0", "2022-02-28"],
		["photon", "5.0", undefined],
		["openeuler", "22.03-LTS-SP3", "2025-12-31"],
		["openeuler", "22.03", undefined],
		["mageia", "8", "2023-11-30"],
		["wolfi", "20230201", undefined],
		["constructor", "1", undefined],
		["debian", "constructor", undefined],
	])("of %s %s is %s", (id, versionId, expected) => {
		expect(endOfLife({ id, versionId })).toBe(expected);
	});

	it.each([
		["8", "CentOS Linux 8 (Core)", "2021-12-31"],
		["8", "CentOS Stream 8", "2024-05-31"],
		["8", undefined, undefined],
		["7.9.2009", "CentOS Linux 7 (Core)", "2024-06-30"],
		["9", "CentOS Stream 9", "2027-05-31"],
		["9", undefined, "2027-05-31"],
	])("of CentOS %s called %s is %s", (versionId, prettyName, expected) => {
		const release = { id: "centos", versionId, ...(prettyName ? { prettyName } : {}) };
		expect(endOfLife(release)).toBe(expected);
	});

	it.each([
		["18.04", "2028-04-26"],
		["22.04", "2032-04-21"],
		["23.10", "2024-07-11"],
	])("of Ubuntu %s with ESM is %s", (versionId, expected) => {
		expect(endOfLife({ id: "ubuntu", versionId, extended: "esm" })).toBe(expected);
	});

	it.each([
		["the day before SUPPORT_END", "nixos", "23.11", "2024-07-01", "2024-06-30"],
		["over the turn of a year", "nixos", "1", "2001-01-01", "2000-12-31"],
		["the table's, when the image is older than a prolongation", "amzn", "2", "2025-06-30", "2026-06-30"],
		["the image's, when it is newer than the table", "amzn", "2023", "2030-07-01", "2030-06-30"],
		["the table's, when both mean the same day", "rocky", "9.4", "2032-05-31", "2032-05-31"],
	])("is %s", (_, id, versionId, supportEnd, expected) => {
		expect(endOfLife({ id, versionId, supportEnd })).toBe(expected);
	});

	it("gives later releases later dates", () => {
		const days = (id: string, versions: readonly string[]) =>
			versions.map((versionId) => endOfLife({ id, versionId }) ?? "");
		for (const line of [
			days("alpine", ["3.0", "3.9", "3.10", "3.19", "3.20", "3.23", "3.24"]),
			days("ubuntu", ["14.04", "16.04", "18.04", "20.04", "22.04", "24.04", "26.04"]),
			days("sles", ["12", "12.1", "12.5", "15.6", "15.7"]),
			days("fedora", ["20", "29", "30", "39", "40", "41"]),
			days("opensuse-leap", ["42.1", "42.3", "15.0", "15.6", "16.0"]),
		]) {
			expect(line).not.toContain("");
			expect(line).toEqual(line.toSorted());
		}
	});

	it("holds days of the calendar only", () => {
		const days = [apkLastDays, debLastDays, esmLastDays, rpmLastDays].flatMap((tables) =>
			Object.values(tables).flatMap((table) => Object.values<string>(table)),
		);
		expect(days.length).toBeGreaterThan(180);
		for (const day of days) expect(new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10)).toBe(day);
	});
});

describe("releaseKey", () => {
	it.each([
		["debian", "12.15", "12"],
		["debian", "sid", ""],
		["alpine", "3.18.9", "3.18"],
		["sles", "15", "15.0"],
		["sles", "15.5", "15.5"],
		["opensuse-leap", "15.6", "15.6"],
		["openeuler", "24.03-LTS-SP1", "24.03-LTS-SP1"],
		["rhel", "9.4", "9"],
	])("of %s %s is %j", (id, versionId, expected) => {
		expect(releaseKey(id, versionId)).toBe(expected);
	});
});
