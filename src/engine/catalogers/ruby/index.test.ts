import { describe, expect, it } from "vitest";
import { assertSurvivesMutations } from "../mutations-fixture.ts";
import { runCataloger, testdata, utf8 } from "../testing.ts";
import { ruby } from "./index.ts";

const folder = "usr/lib/ruby/gems/3.1.0/specifications";
const path = `${folder}/nokogiri-1.15.4-x86_64-linux.gemspec`;

function read(content: Uint8Array | string, at = path) {
	return runCataloger(ruby, { path: at, bytes: typeof content === "string" ? utf8(content) : content, chunk: 19 });
}

function named(lines: string, file: string): string | undefined {
	const { packages, warnings } = read(`Gem::Specification.new do |s|\n${lines}\nend\n`, `${folder}/${file}`);
	expect(packages.length + warnings.length).toBe(1);
	return packages.map(({ name, version }) => `${name} ${version}`)[0];
}

describe("ruby", () => {
	it.each([
		[path, true],
		[`${folder}/default/rake-13.0.6.gemspec`, true],
		["usr/share/rubygems-integration/all/specifications/rails-6.1.7.gemspec", true],
		["specifications/rails-6.1.7.gemspec", true],
		["srv/app/rails.gemspec", false],
		[`${folder}/rails-6.1.7.gem`, false],
		["srv/xspecifications/rails.gemspec", false],
		[`${folder}/.gemspec.orig`, false],
	])("wants %s: %s", (at, wanted) => {
		expect(ruby.wants({ path: at, size: 1, mode: 0o644 })).toBe(wanted);
	});

	it("reads what RubyGems writes", () => {
		expect(read(testdata(import.meta.url, "good"))).toEqual({
			packages: [{ type: "gem", name: "nokogiri", version: "1.15.4", requires: ["racc", "mini_portile2"], path }],
			warnings: [],
		});
	});

	it.each([
		[`  s.name = "rack"\n  s.version = "3.0.8"`],
		[`  spec.name = 'rack'\n  spec.version='3.0.8'`],
		[`\tgem.name    = %q{rack}\n\tgem.version = %q<3.0.8>`],
		[`  s.name = %q(rack).freeze\n  s.version = %q[3.0.8].freeze`],
		[`  s.name = "rack".freeze # its name\r\n  s.version = "3.0.8".freeze ;\r`],
		[`  s.name = "rack"\n  s.version = Gem::Version.new("3.0.8")`],
		[`  s.name = "rack"\n  s.version = Gem::Version.new "3.0.8".freeze`],
		[`  s.name = "rack"\n  s.version = Gem::Version.create( '3.0.8' )`],
		[`  s.name = "rack".dup.freeze\n  s.version = "3.0.8"\n  s.name = "other"\n  s.version = "9"`],
		[`  s.required_ruby_version = "9"\n  s.name = "rack"\n  s.original_version = "9"\n  s.version = "3.0.8"`],
	])("reads %j", (lines) => {
		expect(named(lines, "x-1.gemspec")).toBe("rack 3.0.8");
	});

	it.each([
		["  s.version = Rack::VERSION", "rack-3.0.8.gemspec", "rack 3.0.8"],
		['  s.name = "rack"\n  s.version = "3.0.#{minor}"', "rack-3.0.8.gemspec", "rack 3.0.8"],
		['  s.name = "rack"\n  s.version = "9.0" if old', "rack-3.0.8.gemspec", "rack 3.0.8"],
		['  s.name = "rack"\n  s.version = "9" + "1"', "rack-3.0.8-java.gemspec", "rack 3.0.8"],
		['  s.name = NAME\n  s.version = "3.0.8"', "rack-9.9.gemspec", "rack 3.0.8"],
		['  s.name = "sass-3-extra"\n  s.version = V', "sass-3-extra-1.0.a-x86_64-linux.gemspec", "sass-3-extra 1.0.a"],
		["", "sass-3-extra-1.0.gemspec", "sass-3-extra 1.0"],
		["", "nokogiri-1.15.4-x86_64-linux-gnu.gemspec", "nokogiri 1.15.4"],
		["", "nokogiri-1.15.4-arm64-darwin-20.gemspec", "nokogiri 1.15.4"],
		["", "json-2.6.1-java.gemspec", "json 2.6.1"],
		["", "rack.gemspec", undefined],
		['  s.name = "rack"', "other-1.0.gemspec", "rack 1.0"],
		['  s.version = "1.0"', "rack.gemspec", undefined],
	])("%j in %s is %s", (lines, file, gem) => {
		expect(named(lines, file)).toBe(gem);
	});

	it.each([
		["empty", "rack-3.0.8.gemspec", "rack", "3.0.8"],
		["truncated", "rack-3.0.8.gemspec", "rack", "3.0.8"],
		["hostile", "rack-3.0.8.gemspec", "rack", "3.0.8"],
	])("tells of a specification that is %s by its file's name", (file, at, name, version) => {
		const { packages, warnings } = read(testdata(import.meta.url, file), `${folder}/${at}`);
		expect(warnings).toEqual([]);
		expect(packages).toMatchObject([{ type: "gem", name, version }]);
	});

	it.each(["empty", "truncated", "hostile"])("warns of one that is %s, where the name tells nothing", (file) => {
		const at = `${folder}/x.gemspec`;
		const { packages, warnings } = read(testdata(import.meta.url, file), at);
		expect(packages).toEqual([]);
		expect(warnings).toMatchObject([{ code: "package_file_malformed", path: at }]);
	});

	it("keeps only names of what a hostile specification says it needs", () => {
		expect(read(testdata(import.meta.url, "hostile")).packages[0]?.requires).toEqual(["fine"]);
	});

	it("is not slowed down by blanks, quotes and endless lines", () => {
		const line = `  s.version = "1"${" ".repeat(1_900)}x\n`;
		const before = performance.now();
		read(`${line.repeat(1_000)}s.name = ${'"'.repeat(1_000_000)}`);
		expect(performance.now() - before).toBeLessThan(2_000);
	});

	it("gives up on a file over 4 MiB", () => {
		const sink = ruby.open({ path, size: 4 * 1024 * 1024 + 1, mode: 0o644 });
		expect(sink.end().warnings).toMatchObject([{ code: "file_too_large", path }]);
	});

	it("survives damage to any byte", () => {
		assertSurvivesMutations(testdata(import.meta.url, "good"), (damaged) => {
			expect(runCataloger(ruby, { path, bytes: damaged }).packages).toHaveLength(1);
		});
	});
});
