import { expect, test } from "vitest";
import type { PackageType } from "#model";
import { newestVersion } from "./newest-version.ts";

test.each<[PackageType, string[], string | null]>([
	["deb", ["3.0.14-1~deb12u2", "3.0.14-1~deb12u10", "3.0.14-1~deb12u1"], "3.0.14-1~deb12u10"],
	["deb", ["1:0.1", "9.9"], "1:0.1"],
	["npm", ["2.0.0-rc.1", "1.9.9"], "2.0.0-rc.1"],
	["npm", ["1.0.0"], "1.0.0"],
	["npm", [], null],
	["npm", ["1.0.0", "not a version"], null],
	["gem", ["1.0.0", "2.0.0"], "2.0.0"],
	["conda", ["1.0.0", "2.0.0"], null],
])("%s: of %j it is %j", (type, versions, expected) => {
	expect(newestVersion(type, versions)).toBe(expected);
});
