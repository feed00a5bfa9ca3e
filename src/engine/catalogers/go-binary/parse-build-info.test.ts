import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { testdata } from "../testing.ts";
import { versionOfLdflags } from "./ldflags.ts";
import { parseBuildInfo, stdlibVersion } from "./parse-build-info.ts";

function read(moduleInfo: string | Uint8Array, goVersion = "go1.19.8") {
	const text = typeof moduleInfo === "string" ? moduleInfo : new TextDecoder().decode(moduleInfo);
	const { packages, warnings } = parseBuildInfo(goVersion, text, "usr/bin/tool");
	return { names: packages.map(({ name, version }) => `${name}@${version}`), packages, warnings };
}

describe("parseBuildInfo", () => {
	it("gives the standard library, every dependency with replacements, and the main module", () => {
		const { names, packages, warnings } = read(testdata(import.meta.url, "good"));
		expect(names).toEqual([
			"stdlib@v1.19.8",
			"github.com/BurntSushi/toml@v1.3.2",
			"github.com/acme/me@v1.0.1",
			"github.com/acme/local@",
			"golang.org/x/net@v0.0.0-20220722155237-a158d28d115b",
			"github.com/acme/tool@",
		]);
		expect(packages[0]).toEqual({ type: "golang", name: "stdlib", version: "v1.19.8", path: "usr/bin/tool" });
		expect(warnings).toEqual([]);
	});

	it("gives the standard library alone when a program was built outside of modules", () => {
		expect(read(testdata(import.meta.url, "empty")).names).toEqual(["stdlib@v1.19.8"]);
	});

	it("keeps whole lines of truncated module information", () => {
		expect(read(testdata(import.meta.url, "truncated")).names).toEqual([
			"stdlib@v1.19.8",
			"golang.org/x/net@v0.1.0",
			"github.com/acme/tool@v1.0.0",
		]);
	});

	it("survives hostile module information: one warning, good lines kept", () => {
		const { names, warnings } = read(testdata(import.meta.url, "hostile"));
		expect(names).toEqual(["stdlib@v1.19.8", "github.com/good/one@v1.0.0"]);
		expect(warnings).toMatchObject([{ code: "package_file_malformed", path: "usr/bin/tool" }]);
	});

	it.each([
		["v1.2.3", "", "v1.2.3"],
		["v1.2.3+dirty", "-X main.version=9.0.0", "v1.2.3+dirty"],
		["(devel)", "", ""],
		["(devel)", "-X main.version=v2.0.1", "v2.0.1"],
		["v0.0.0-20240101000000-0123456789ab+dirty", "-X main.version=2.0.1", "v2.0.1"],
		["v0.0.0-20240101000000-0123456789ab+dirty", "", "v0.0.0-20240101000000-0123456789ab+dirty"],
	])("takes main module %s built with %j for %j", (version, ldflags, expected) => {
		const { names } = read(`mod\texample.com/a\t${version}\t\nbuild\t-ldflags="${ldflags}"\n`);
		expect(names).toEqual(["stdlib@v1.19.8", `example.com/a@${expected}`]);
	});

	it.each([
		["go1.19.8", "v1.19.8"],
		["go1.22.3 X:boringcrypto", "v1.22.3"],
		["go1.26.8 X:nocoverageredesign,x", "v1.26.8"],
		["go1.20", "v1.20.0"],
		["go1.21rc2", "v1.21.0-rc.2"],
		["go1.20.3-google", "v1.20.3"],
		["go1.21.13 (Red Hat 1.21.13-3.el9_4)", "v1.21.13"],
		["devel go1.27-abcdef Thu Jan 1 00:00:00 1970", ""],
		["go1.x", ""],
		["", ""],
	])("takes %s for stdlib %s", (goVersion, expected) => {
		expect(stdlibVersion(goVersion)).toBe(expected);
	});

	it("never throws, whatever the text", () => {
		const line = fc.constantFrom("mod\t", "dep\ta\tv1", "=>\tb\tv2", "build\t-ldflags=-X a.version=", "\t", "path");
		fc.assert(
			fc.property(fc.array(fc.oneof(line, fc.string()), { maxLength: 20 }), fc.string(), (lines, version) => {
				for (const { name } of read(lines.join("\n"), version).packages) expect(name).toMatch(/^[\x21-\x7e]+$/);
			}),
		);
	});
});

describe("versionOfLdflags", () => {
	it.each([
		["-s -w", ""],
		["-X main.version=1.2.3", "v1.2.3"],
		["-X=main.Version=v1.2.3", "v1.2.3"],
		["--X main.ver=1.2", "v1.2"],
		["-X 'main.version=1.2.3' -X \"main.date=2024 01 01\"", "v1.2.3"],
		["-X 'main.version=1.2.3", "v1.2.3"],
		["-X main.version=unknown", ""],
		["-X main.gitVersion=1.2.3", ""],
		["-X main.version", ""],
		["-X", ""],
		["-X main.version=1.0.0 -X main.version=2.0.0", "v2.0.0"],
		["-X example.com/a/cmd/b/app.version=3.0.0 -X main.version=1.0.0", "v3.0.0"],
		["-X k8s.io/component.Version=3.0.0 -X main.version=1.0.0", "v1.0.0"],
		["-X github.com/prometheus/common/version.Version=2.45.0", "v2.45.0"],
		["-X a.version=1.0.0 -X b.version=2.0.0", ""],
		["-X a.version=1.0.0 -X b.version=v1.0.0", "v1.0.0"],
	])("reads %s as %j", (ldflags, expected) => {
		expect(versionOfLdflags(ldflags, "example.com/a")).toBe(expected);
	});
});
