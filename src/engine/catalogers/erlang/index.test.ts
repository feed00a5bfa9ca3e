import { existsSync, globSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runCataloger, testdata, utf8 } from "../testing.ts";
import { erlang } from "./index.ts";
import { readTerms } from "./terms.ts";

const path = "opt/app/lib/cowboy-2.9.0/ebin/cowboy.app";
const metadata = "app/deps/cowboy/hex_metadata.config";

function read(content: Uint8Array | string, at = path) {
	return runCataloger(erlang, { path: at, bytes: typeof content === "string" ? utf8(content) : content, chunk: 19 });
}

describe("erlang", () => {
	it.each([
		[path, true],
		["_build/prod/lib/phoenix/ebin/phoenix.app", true],
		[metadata, true],
		["opt/app/lib/cowboy-2.9.0/src/cowboy.app.src", false],
		["opt/app/lib/cowboy-2.9.0/ebin/cowboy.beam", false],
		["opt/app/cowboy.app", false],
	])("wants %s: %s", (at, wanted) => {
		expect(erlang.wants({ path: at, size: 1, mode: 0o644 })).toBe(wanted);
	});

	it("reads an application", () => {
		expect(read(testdata(import.meta.url, "good"))).toEqual({
			packages: [
				{
					type: "hex",
					name: "cowboy",
					version: "2.9.0",
					requires: ["cowlib", "crypto", "kernel", "ranch", "stdlib"],
					path,
				},
			],
			warnings: [],
		});
	});

	it.each([
		[
			"new",
			'[[{<<"name">>,<<"cowlib">>},{<<"app">>,<<"cowlib">>},{<<"requirement">>,<<"2.12.1">>}],[{<<"name">>,<<"ranch">>}]]',
		],
		[
			"old",
			'[{<<"cowlib">>,[{<<"app">>,<<"cowlib">>},{<<"optional">>,false}]},{<<"ranch">>,[{<<"app">>,<<"ranch">>}]}]',
		],
	])("reads what Hex says of a package (%s form)", (_, requirements) => {
		const text = `{<<"app">>,<<"cow">>}.\n{<<"name">>,<<"cowboy"/utf8>>}.\n{<<"description">>,\n  <<"a\\"b",\n   "c">>}.\n{<<"version">>,<<"2.9.0">>}.\n{<<"requirements">>,\n ${requirements}}.\n`;
		expect(read(text, metadata)).toEqual({
			packages: [{ type: "hex", name: "cowboy", version: "2.9.0", requires: ["cowlib", "ranch"], path: metadata }],
			warnings: [],
		});
	});

	it("leaves Erlang's own applications to the runtime", () => {
		const text =
			'{application, ssl, [{vsn, "10.8.6"}, {applications, [kernel]}, {runtime_dependencies, ["erts-13.0"]}]}.';
		expect(read(text)).toEqual({ packages: [], warnings: [] });
	});

	it.each(["empty", "truncated", "hostile"])("warns of one that is %s", (name) => {
		for (const at of [path, metadata]) {
			const { packages, warnings } = read(testdata(import.meta.url, name), at);
			expect(packages).toEqual([]);
			expect(warnings).toMatchObject([{ code: "package_file_malformed", path: at }]);
		}
	});

	it.each([
		'{application, a, [{vsn, "1"}]}',
		'{application, a, [{vsn, "1"}]]}.',
		'{application, a, [{vsn, "1]}.',
		"{application, a, [{vsn, 1}]}.",
		"{application, a, []}.",
		'{application, "A b", [{vsn, "1.0"}]}.',
		"[application].",
		"\u0000",
	])("warns of %j", (text) => {
		const { packages, warnings } = read(text);
		if (packages.length > 0) expect(packages).toMatchObject([{ name: "a", version: "1" }]);
		else expect(warnings).toHaveLength(1);
	});

	it("takes time by the length, whatever the content", () => {
		const hostile = ["[", "{", "<<", '"', "'", "\\", '"\\', "% \n", "a,", "1.", "$", " ", "{a,", "1", "\t%"];
		const start = performance.now();
		for (const piece of hostile) read(piece.repeat(1_000_000 / piece.length));
		expect(performance.now() - start).toBeLessThan(10_000);
	});

	it("never throws", () => {
		const piece = fc.constantFrom(
			"{",
			"}",
			"[",
			"]",
			"<<",
			">>",
			'"',
			"'",
			"application",
			"vsn",
			",",
			".",
			" ",
			"%",
			"\n",
			"1",
			"$",
			"\\",
		);
		fc.assert(fc.property(fc.array(fc.oneof(piece, fc.string())), (parts) => void read(parts.join(""))));
	});

	const folder = ["/usr/lib/elixir", "/usr/lib/erlang"].find((at) => existsSync(at));
	it.skipIf(!folder)(`reads the real ones of Erlang and Elixir${folder ? "" : " (skipped: not installed)"}`, () => {
		const files = globSync("/usr/lib/{elixir,erlang}/lib/*/ebin/*.app");
		expect(files.length).toBeGreaterThan(4);
		for (const file of files) {
			const bytes = new Uint8Array(readFileSync(file));
			const { packages, warnings } = read(bytes, file.slice(1));
			expect(warnings).toEqual([]);
			expect(packages).toHaveLength(file.includes("/elixir/") ? 1 : 0);
			expect(readTerms(new TextDecoder().decode(bytes))).toHaveLength(1);
		}
	});
});
