import { describe, expect, it } from "vitest";
import { foldEcosystem } from "./fold.ts";

describe("an ecosystem of a feed", () => {
	it.each([
		["npm", "npm"],
		["Debian:12", "Debian:12"],
		["Ubuntu:22.04:LTS", "Ubuntu:22.04:LTS"],
		["Red Hat", "Red Hat"],
		["SUSE:Linux Enterprise Server 15 SP5", "SUSE:15 SP5"],
		["SUSE:Linux Enterprise Module for Basesystem 15 SP5", "SUSE:15 SP5"],
		["SUSE:Linux Enterprise Server 15 SP4-LTSS", "SUSE:15 SP4"],
		["SUSE:Linux Enterprise Micro 5.5", "SUSE:Micro 5.5"],
		["SUSE:Linux Enterprise Module for Python 3 15 SP5", "SUSE:15 SP5"],
		["SUSE:Linux Enterprise Module for Web and Scripting 12", "SUSE:12"],
		["SUSE:Linux Enterprise Server 11 SP4 LTSS EXTREME CORE", "SUSE:11 SP4"],
		["SUSE:Package Hub 15 SP5", "SUSE:15 SP5"],
		["SUSE:Manager Server 4.3", null],
		["openSUSE:Leap 15.6", "openSUSE:Leap 15.6"],
	])("%s is stored under %s, whether folded once or twice", (from, to) => {
		expect(foldEcosystem(from)).toBe(to);
		if (to !== null) expect(foldEcosystem(to)).toBe(to);
	});
});
