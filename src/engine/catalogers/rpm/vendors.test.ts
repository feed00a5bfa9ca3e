import { describe, expect, it } from "vitest";
import { settleVendors, thirdPartyOf } from "./vendors.ts";

describe("thirdPartyOf", () => {
	it.each([
		"AlmaLinux",
		"Amazon Linux",
		"Amazon.com, Inc.",
		"CentOS",
		"Fedora Project",
		"Microsoft Corporation",
		"Oracle America",
		"Red Hat, Inc.",
		"Rocky Enterprise Software Foundation",
		"SUSE LLC <https://www.suse.com/>",
		"VMware, Inc.",
		"openSUSE",
		"http://openeuler.org",
	])("takes %s for a distribution", (vendor) => {
		expect(thirdPartyOf(vendor, "1.el9")).toBeUndefined();
	});

	it.each([
		["MongoDB Inc.", "MongoDB Inc."],
		["Docker <support@docker.com>", "Docker <support@docker.com>"],
		["Remi's RPM repository <https://rpms.remirepo.net/>", "Remi's RPM repository <https://rpms.remirepo.net/>"],
		["obs://build.opensuse.org/home:someone", "obs://build.opensuse.org/home:someone"],
		["Not Red Hat, Inc.", "Not Red Hat, Inc."],
		["red hat", "red hat"],
		["x".repeat(500), "x".repeat(80)],
		["   ", "no vendor named"],
		["Evil\u001b[31m\r\nInc.\u202e", "Evil [31m Inc."],
		["\u0000", "no vendor named"],
	])("takes %s for a third party", (vendor, name) => {
		expect(thirdPartyOf(vendor, "1.el9")).toBe(name);
	});

	it("takes a package that names nobody for a third party's, unless Amazon built it", () => {
		expect([thirdPartyOf(null, "1.el9"), thirdPartyOf("", "1.el9")]).toEqual(["no vendor named", "no vendor named"]);
		expect(thirdPartyOf(null, "1.amzn2023.0.1")).toBeUndefined();
	});

	it("draws no conclusion where no package names anybody", () => {
		const pkg = { type: "rpm", name: "a", version: "1-1", path: "p" } as const;
		const marked = { ...pkg, thirdParty: "no vendor named" };
		expect(settleVendors([marked], false)).toEqual([pkg]);
		expect(settleVendors([marked], true)).toEqual([marked]);
	});
});
