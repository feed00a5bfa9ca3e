import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runCataloger, testdata, utf8 } from "../testing.ts";
import { perl } from "./index.ts";

const path = "usr/local/lib/perl5/site_perl/5.38.0/x86_64-linux-gnu/.meta/URI-PackageURL-2.20/install.json";
const log = "usr/local/lib/perl5/5.38.0/x86_64-linux-gnu/perllocal.pod";

function read(content: Uint8Array | string, at = path) {
	return runCataloger(perl, { path: at, bytes: typeof content === "string" ? utf8(content) : content, chunk: 23 });
}

describe("perl", () => {
	it.each([
		[path, true],
		[log, true],
		["app/install.json", false],
		["app/.meta/install.json", false],
		["usr/share/perl/perllocal.txt", false],
	])("wants %s: %s", (at, wanted) => {
		expect(perl.wants({ path: at, size: 1, mode: 0o644 })).toBe(wanted);
	});

	it("reads what cpanm writes", () => {
		expect(read(testdata(import.meta.url, "good"))).toEqual({
			packages: [{ type: "cpan", name: "URI-PackageURL", version: "2.20", path }],
			warnings: [],
		});
	});

	it.each([
		["CPAN-02Packages-Search-v1.0.0", "CPAN-02Packages-Search v1.0.0"],
		["IO-stringy-2.110", "IO-stringy 2.110"],
		["libwww-perl-6.13", "libwww-perl 6.13"],
		["Perl-6-Sample-1.0_02", "Perl-6-Sample 1.0_02"],
		["Mojo-9.01-TRIAL", "Mojo 9.01-TRIAL"],
	])("takes %s for %s", (dist, expected) => {
		expect(read(JSON.stringify({ dist })).packages.map(({ name, version }) => `${name} ${version}`)).toEqual([
			expected,
		]);
	});

	it.each(["empty", "truncated", "hostile"])("warns of a record that is %s", (name) => {
		const { packages, warnings } = read(testdata(import.meta.url, name));
		expect(packages).toEqual([]);
		expect(warnings).toMatchObject([{ code: "package_file_malformed", path }]);
	});

	it.each(["null", "[]", '{"dist":"NoVersion"}', '{"dist":"-1.0"}', '{"dist":7}', "{}"])("warns of %s", (text) => {
		expect(read(text)).toMatchObject({ packages: [], warnings: [{ code: "package_file_malformed" }] });
	});

	it("reads the installer's log, the last entry of each module", () => {
		const entry = (module: string, version: string) =>
			`=head2 Sat May 25 19:37:40 2019: C<Module> L<${module}|${module}>\n\n=over 4\n\n=item *\n\nC<installed into: /usr/local/lib>\n\n=item *\n\nC<VERSION: ${version}>\n\n=back\n\n`;
		const { packages } = read(
			[
				entry("Foo::Bar", "1.0"),
				entry("DBI", "1.609"),
				entry("Foo::Bar", "1.1"),
				entry("Bad", "x y"),
				entry("a b", "1"),
			].join(""),
			log,
		);
		expect(packages).toEqual([
			{ type: "cpan", name: "Foo-Bar", version: "1.1", path: log },
			{ type: "cpan", name: "DBI", version: "1.609", path: log },
		]);
	});

	it("says nothing of an empty log", () => {
		expect(read("", log)).toEqual({ packages: [], warnings: [] });
	});

	it("never throws, and takes time by the length", () => {
		const start = performance.now();
		for (const piece of ["=head2 C<Module> L<", "C<VERSION: 1", "-1", "a:"]) {
			read(piece.repeat(500_000 / piece.length), log);
			read(JSON.stringify({ dist: piece.repeat(500_000 / piece.length) }));
		}
		expect(performance.now() - start).toBeLessThan(5_000);
		fc.assert(fc.property(fc.string(), (text) => void [read(text), read(text, log)]));
		fc.assert(fc.property(fc.string(), (dist) => void read(JSON.stringify({ dist }))));
	});
});
