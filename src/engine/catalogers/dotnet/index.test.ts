import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { assertSurvivesMutations } from "../mutations-fixture.ts";
import { runCataloger, testdata } from "../testing.ts";
import { dotnet } from "./index.ts";

function read(path: string, content: Uint8Array | string) {
	const { packages, warnings } = runCataloger(dotnet, { path, bytes: Buffer.from(content), chunk: 4096 });
	for (const pkg of packages) expect(pkg).toMatchObject({ type: "nuget", path });
	for (const warning of warnings) expect(warning).toMatchObject({ code: "package_file_malformed", path });
	return {
		names: packages.map(({ name, version }) => `${name}@${version}`),
		warnings: warnings.map(({ message }) => message),
	};
}

const clean = (...names: readonly string[]) => ({ names, warnings: [] });

describe("dotnet", () => {
	it.each([
		["app/Shop.deps.json", true],
		["usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.1/Microsoft.NETCore.App.deps.json", true],
		["src/packages.lock.json", true],
		["packages.lock.json", true],
		["src/packages.config", true],
		["src/Packages.config", true],
		["Directory.Packages.props", true],
		["src/build/MyPackages.props", true],
		["app/deps.json", false],
		["app/Shop.deps.json.bak", false],
		["src/my-packages.config", false],
		["src/Directory.Build.props", false],
		["", false],
	])("wants %s: %s", (path, wanted) => {
		expect(dotnet.wants({ path, size: 1, mode: 0o644 })).toBe(wanted);
	});

	it("does not collect a file over its limit", () => {
		for (const [path, mebibytes] of [
			["a.deps.json", 16],
			["packages.config", 4],
		] as const) {
			const sink = dotnet.open({ path, size: mebibytes * 1024 * 1024 + 1, mode: 0o644 });
			expect(sink.end().warnings).toMatchObject([{ code: "file_too_large", path }]);
		}
	});
});

describe("dotnet, deps.json", () => {
	const path = "app/Shop.deps.json";

	it("reads the good file: packages that are loaded, and the runtime that the program brought along", () => {
		const bytes = testdata(import.meta.url, "good");
		expect(runCataloger(dotnet, { path, bytes, chunk: 100 })).toEqual({
			packages: [
				{ type: "nuget", name: "Microsoft.NETCore.App.Runtime.linux-x64", version: "8.0.1", path },
				{ type: "nuget", name: "Newtonsoft.Json", version: "13.0.1", path },
				{
					type: "nuget",
					name: "Microsoft.Data.SqlClient",
					version: "5.1.0",
					requires: ["Azure.Identity", "Newtonsoft.Json"],
					path,
				},
			],
			warnings: [],
		});
	});

	it.each(["empty", "truncated"])("says that the %s file is no list", (name) => {
		expect(read(path, testdata(import.meta.url, name))).toEqual({
			names: [],
			warnings: ["The file is no JSON object; NuGet packages are missing from the inventory."],
		});
	});

	it("reads what there is of the hostile file", () => {
		expect(read(path, testdata(import.meta.url, "hostile"))).toEqual({
			names: ["Good@1.0.0"],
			warnings: ["8 entries of this .NET file cannot be read; NuGet packages are missing from the inventory."],
		});
	});

	it.each([
		[
			"the runtime's own list",
			'{"runtimeTarget":{"name":"t"},"targets":{"t":{"Microsoft.NETCore.App.Runtime.linux-musl-x64/8.0.1":{"runtime":{"a.dll":{}}}}},"libraries":{"Microsoft.NETCore.App.Runtime.linux-musl-x64/8.0.1":{"type":"package"}}}',
			"Microsoft.NETCore.App.Runtime.linux-musl-x64@8.0.1",
		],
		[
			"a target that is a text",
			'{"runtimeTarget":"t","targets":{"t":{"A/1":{},"B/1":{"native":{"b.so":{}}}}},"libraries":{"A/1":{"type":"package"},"B/1":{"type":"Package"}}}',
			"B@1",
		],
		[
			"a library that the target does not name",
			'{"runtimeTarget":{"name":"t"},"targets":{"t":{}},"libraries":{"A/1":{"type":"package"}}}',
			"A@1",
		],
		[
			"a target that is not there",
			'{"runtimeTarget":{"name":"u"},"targets":{"t":{"A/1":{}}},"libraries":{"A/1":{"type":"package"}}}',
			"A@1",
		],
		[
			"the same package twice",
			'{"libraries":{"A/1":{"type":"package"},"runtimepack.A/1":{"type":"runtimepack"}}}',
			"A@1",
		],
	])("reads %s", (_, text, name) => {
		expect(read(path, text)).toEqual(clean(name));
	});

	it("passes over a file of another kind, and says when a list has no libraries", () => {
		expect(read(path, "{}")).toEqual(clean());
		expect(read(path, '{"libraries":{}}')).toEqual(clean());
		expect(read(path, '{"targets":{"t":{}}}').warnings).toHaveLength(1);
	});

	it("gives up on more packages than anybody has, in time", () => {
		const libraries = Object.fromEntries(Array.from({ length: 50_003 }, (_, i) => [`P${i}/1`, { type: "package" }]));
		const { names, warnings } = read(path, JSON.stringify({ libraries }));
		expect(names).toHaveLength(50_000);
		expect(warnings[0]).toMatch(/^3 entries /);
	});
});

describe("dotnet, packages.lock.json", () => {
	const path = "src/packages.lock.json";

	it("reads what was resolved for each framework, without the solution's own projects", () => {
		const text = JSON.stringify({
			version: 2,
			dependencies: {
				net6: {
					Dapper: { type: "Direct", requested: "[2.0.0, )", resolved: "2.0.90", dependencies: { System: "4.0" } },
					System: { type: "Transitive", resolved: "4.3.0" },
					"my.project": { type: "Project", dependencies: { Dapper: "2.0.90" } },
				},
				net8: { System: { type: "CentralTransitive", resolved: "4.3.0" }, Broken: { type: "Direct" } },
			},
		});
		expect(read(path, text)).toEqual({
			names: ["Dapper@2.0.90", "System@4.3.0"],
			warnings: ["One entry of this .NET file cannot be read; NuGet packages are missing from the inventory."],
		});
		expect(runCataloger(dotnet, { path, bytes: Buffer.from(text) }).packages[0]?.requires).toEqual(["System"]);
	});

	it.each([
		["{}", 0],
		['{"dependencies":{"net6":null}}', 0],
		["[]", 1],
		["", 1],
		["{", 1],
		["[".repeat(200_000), 1],
	])("answers %j with %i warnings", (text, count) => {
		const { names, warnings } = read(path, text);
		expect(names).toEqual([]);
		expect(warnings).toHaveLength(count);
	});
});

const config = `<?xml version="1.0" encoding="utf-8"?>
<packages>
  <package id="jQuery" version="3.4.1" targetFramework="net472" />
  <package id="Tool" version="1.0.0" developmentDependency="true" />
  <package id="log4net" version="2.0.8"></package>
</packages>`;

describe("dotnet, packages.config", () => {
	const path = "src/packages.config";

	it("reads packages, but not tools of the build", () => {
		expect(read(path, config)).toEqual(clean("jQuery@3.4.1", "log4net@2.0.8"));
	});

	it("reads UTF-16, as Windows' editors write it", () => {
		const little = Buffer.from(`\ufeff${config}`, "utf16le");
		expect(read(path, little)).toEqual(clean("jQuery@3.4.1", "log4net@2.0.8"));
		expect(read(path, Buffer.from(little).swap16())).toEqual(clean("jQuery@3.4.1", "log4net@2.0.8"));
	});

	it("says when an entry is none", () => {
		const text =
			'<packages><package id="a"/><package version="1"/><package id="b c" version="1"/><package id="d" version="1"/></packages>';
		expect(read(path, text)).toEqual({
			names: ["d@1"],
			warnings: ["3 entries of this .NET file cannot be read; NuGet packages are missing from the inventory."],
		});
	});

	it.each([
		["", 0],
		["<packages/>", 0],
		["<configuration><x/></configuration>", 0],
		["no XML", 0],
		[config.slice(0, 150), 1],
		["<packages>".repeat(100_000), 1],
		["<packages><package id='a' ".padEnd(1_000_000), 1],
		["<packages><__proto__/></packages>", 1],
	])("answers %j with %i warnings", (text, count) => {
		const { names, warnings } = read(path, text);
		expect(names).toEqual([]);
		expect(warnings).toHaveLength(count);
	});

	it("expands no entities", () => {
		const text =
			'<!DOCTYPE p [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><packages><package id="&b;" version="1"/></packages>';
		expect(read(path, text).names).toEqual([]);
	});
});

describe("dotnet, Packages.props", () => {
	const path = "src/Directory.Packages.props";

	it("reads versions that are told, as attributes or elements", () => {
		const text = `<Project><PropertyGroup><ManagePackageVersionsCentrally>true</ManagePackageVersionsCentrally></PropertyGroup>
			<ItemGroup>
				<PackageVersion Include="A" Version="1.0.0" />
				<PackageVersion Include="B"><Version>2.0.0-rc.1</Version></PackageVersion>
				<PackageReference Update="C" Version="[3.0.0]" />
			</ItemGroup>
			<ItemGroup Condition="'$(X)' == ''">
				<PackageVersion Include="D" Version="[1.0,2.0)" />
				<PackageVersion Include="E" Version="4.*" />
				<PackageVersion Include="F" Version="$(FVersion)" />
				<PackageVersion Include="$(Name)" Version="1.0.0" />
				<PackageVersion Version="1.0.0" />
			</ItemGroup></Project>`;
		expect(read(path, text)).toEqual({
			names: ["A@1.0.0", "B@2.0.0-rc.1", "D@", "E@", "F@", "C@3.0.0"].sort(),
			warnings: ["One entry of this .NET file cannot be read; NuGet packages are missing from the inventory."],
		});
	});
});

describe("dotnet, damaged files", () => {
	it.each([
		["a.deps.json", testdata(import.meta.url, "good")],
		["packages.config", Buffer.from(config)],
		[
			"Directory.Packages.props",
			Buffer.from('<Project><ItemGroup><PackageVersion Include="A" Version="1.0"/></ItemGroup></Project>'),
		],
		["packages.lock.json", Buffer.from('{"dependencies":{"net6":{"A":{"type":"Direct","resolved":"1.0"}}}}')],
	])("never throws on %s", (path, good) => {
		assertSurvivesMutations(good, (damaged) => {
			for (const name of read(path, damaged).names) expect(name).toMatch(/^[\w.-]+@[\x21-\x7e]*$/);
		});
	});
});
