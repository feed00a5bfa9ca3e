/** Catalogers of .NET, Erlang, Perl and R. */
import { dotnet } from "../../../src/engine/catalogers/dotnet/index.ts";
import { erlang } from "../../../src/engine/catalogers/erlang/index.ts";
import { perl } from "../../../src/engine/catalogers/perl/index.ts";
import { r } from "../../../src/engine/catalogers/r/index.ts";
import { jsonTexts, testdataOf, texts } from "../inputs.ts";
import type { FuzzTarget } from "../target.ts";
import { catalogerTarget } from "./cataloger.ts";

const lock = {
	version: 1,
	dependencies: {
		"net8.0": { "Newtonsoft.Json": { type: "Direct", resolved: "13.0.1", dependencies: { A: "1.0.0" } } },
		"net8.0/linux-x64": { A: { type: "Transitive", resolved: "1.0.0" }, Shop: { type: "Project" } },
	},
};
const hex =
	'{<<"name">>,<<"cowboy"/utf8>>}.\n{<<"version">>,<<"2.9.0">>}.\n{<<"app">>,<<"cowboy">>}.\n{<<"requirements">>,[[{<<"name">>,<<"cowlib">>},{<<"app">>,<<"cowlib">>}]]}.\n';
const xmlWords = ["<!--", "-->", "<![CDATA[", "<!DOCTYPE a [", "<!ENTITY a 'b'>", "&a;", "&#x0;", "/>", "\ufeff"];

export const languageCatalogers: readonly FuzzTarget[] = [
	catalogerTarget({
		name: "catalogers/dotnet",
		cataloger: dotnet,
		paths: ["app/Shop.deps.json"],
		seeds: () => testdataOf("catalogers/dotnet"),
		words: ["runtimeTarget", "targets", "libraries", "type", "package", "A/1.0.0", "runtime", "native", "path", "name"],
		format: "json",
	}),
	catalogerTarget({
		name: "catalogers/dotnet:lock",
		cataloger: dotnet,
		paths: ["src/packages.lock.json"],
		seeds: () => jsonTexts(lock),
		words: ["dependencies", "resolved", "type", "Transitive", "Project", "net8.0", "1.0.0"],
		format: "json",
	}),
	catalogerTarget({
		name: "catalogers/dotnet:xml",
		cataloger: dotnet,
		paths: ["src/packages.config", "Directory.Packages.props"],
		seeds: () =>
			texts(
				'<?xml version="1.0" encoding="utf-8"?>\n<packages><package id="A.B" version="1.0.0" targetFramework="net48" developmentDependency="true" /></packages>',
				'<Project><ItemGroup><PackageVersion Include="A" Version="1.0.0" /><PackageVersion Update="B"><Version>2</Version></PackageVersion></ItemGroup></Project>',
			),
		words: [...xmlWords, "<package ", 'id="A"', 'version="1"', "<PackageVersion ", "<Version>", "</Version>", "$(V)"],
	}),
	catalogerTarget({
		name: "catalogers/erlang",
		cataloger: erlang,
		paths: ["srv/lib/cowboy-2.9.0/ebin/cowboy.app", "srv/deps/cowboy/hex_metadata.config"],
		seeds: () => [...testdataOf("catalogers/erlang"), ...texts(hex)],
		words: [
			"{application, ",
			"{vsn, ",
			"]}.",
			"<<",
			">>",
			'<<"name">>',
			"/utf8",
			"'",
			'"',
			"\\x{",
			"$\\",
			"%",
			"16#ff",
			"#{",
			"=>",
		],
	}),
	catalogerTarget({
		name: "catalogers/perl",
		cataloger: perl,
		paths: ["usr/lib/perl5/.meta/URI-5.21/install.json"],
		seeds: () => testdataOf("catalogers/perl"),
		words: ["name", "dist", "version", "provides", "file", "URI-5.21", "v1.2.3"],
		format: "json",
	}),
	catalogerTarget({
		name: "catalogers/perl:perllocal",
		cataloger: perl,
		paths: ["usr/lib/perl5/5.38.0/perllocal.pod"],
		seeds: () =>
			texts(
				"=head2 Mon Jan  1 00:00:00 2026: C<Module> L<Foo::Bar|Foo::Bar>\n\n=over 4\n\n=item *\n\nC<installed into: /usr/lib/perl5>\n\n=item *\n\nC<VERSION: 1.1>\n\n=back\n\n",
			),
		words: ["=head2 ", "C<Module> L<", "|", ">", "C<VERSION: ", "=item *\n\n", "=over 4\n", "=back\n", "\r\n"],
	}),
	catalogerTarget({
		name: "catalogers/r",
		cataloger: r,
		paths: ["usr/lib/R/library/rlang/DESCRIPTION"],
		seeds: () => testdataOf("catalogers/r"),
		words: ["\nPackage: ", "\nVersion: ", "\nImports: ", "\nDepends: R (>= 3.5)", "\n  ", "\r\n", ", ", "("],
		mostBytes: 128 * 1024,
	}),
];
