import { describe, expect, it } from "vitest";
import { coversCpe, holdsFor, moduleOf } from "./conditions.ts";

const plain = { arch: "x86_64", module: null, products: ["cpe:/o:redhat:enterprise_linux:9::baseos"] };

describe("an advisory's entry", () => {
	it.each([
		["without conditions", undefined, plain, true],
		["for this architecture", { arches: ["aarch64", "x86_64"] }, plain, true],
		["for another architecture", { arches: ["aarch64"] }, plain, false],
		["for another architecture, of a package for all", { arches: ["aarch64"] }, { ...plain, arch: "noarch" }, true],
		[
			"for this architecture, of a package that does not tell its own",
			{ arches: ["x86_64"] },
			{ ...plain, arch: undefined },
			true,
		],
		["of a module, for a package outside modules", { module: "nodejs:18" }, plain, false],
		["of this module", { module: "nodejs:18" }, { ...plain, module: "nodejs:18" }, true],
		["of another stream", { module: "nodejs:18" }, { ...plain, module: "nodejs:20" }, false],
		["of a module that is not told, for a package of one", { module: "*" }, { ...plain, module: "nodejs:20" }, true],
		["of a module that is not told, for a package outside modules", { module: "*" }, plain, false],
		["outside modules, for a package of one", undefined, { ...plain, module: "nodejs:20" }, false],
		["on the source package, for the source", { arches: ["src"] }, { ...plain, isSource: true }, true],
		["on the source package, for the binary of its name", { arches: ["src"] }, plain, false],
		["on binaries, for the source of their name", { arches: ["x86_64"] }, { ...plain, isSource: true }, false],
		["on either, for the source", undefined, { ...plain, isSource: true }, true],
		["of this product", { products: ["cpe:/o:redhat:enterprise_linux:9"] }, plain, true],
		["of another product", { products: ["cpe:/o:redhat:rhel_eus:9.2::baseos"] }, plain, false],
		["of no product", { products: [] }, plain, false],
	])("%s", (_, only, circumstances, holds) => {
		expect(holdsFor(only, circumstances)).toBe(holds);
	});

	it.each([
		["nodejs:18:8080020230718083943:63b34585", "nodejs:18"],
		["nodejs", null],
		["", null],
		[undefined, null],
	])("reads the module of %j", (label, module) => {
		expect(moduleOf(label)).toBe(module);
	});

	it.each([
		["cpe:/o:redhat:enterprise_linux:9", "cpe:/o:redhat:enterprise_linux:9::baseos", true],
		["cpe:/a:redhat:enterprise_linux:9::appstream", "cpe:/o:redhat:enterprise_linux:9::baseos", false],
		["cpe:/o:redhat:enterprise_linux:9::appstream", "cpe:/o:redhat:enterprise_linux:9::baseos", false],
		["cpe:/o:redhat:enterprise_linux:8", "cpe:/o:redhat:enterprise_linux:9", false],
		["cpe:/o:redhat:enterprise_linux:10", "cpe:/o:redhat:enterprise_linux:10.0", true],
		["cpe:/o:redhat:enterprise_linux:10.1", "cpe:/o:redhat:enterprise_linux:10.0", false],
		["cpe:/o:redhat:rhel_eus:9", "cpe:/o:redhat:rhel_eus:9.2", false],
		["cpe::redhat:enterprise_linux:9::baseos", "cpe:/o:redhat:enterprise_linux:9", true],
		["cpe:/o:redhat:enterprise_linux:*", "cpe:/o:redhat:enterprise_linux:9", true],
	])("whether %s can mean %s", (a, b, covers) => {
		expect(coversCpe(a, b)).toBe(covers);
		expect(coversCpe(b, a)).toBe(covers);
	});
});
