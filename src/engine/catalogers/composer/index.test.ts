import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { assertSurvivesMutations } from "../mutations-fixture.ts";
import { runCataloger, testdata, utf8 } from "../testing.ts";
import { composer } from "./index.ts";

const path = "srv/app/vendor/composer/installed.json";

function read(content: Uint8Array | string) {
	const bytes = typeof content === "string" ? utf8(content) : content;
	return runCataloger(composer, { path, bytes, chunk: Math.max(17, bytes.length >> 4) });
}

describe("composer", () => {
	it.each([
		[path, true],
		["root/.composer/vendor/composer/installed.json", true],
		["srv/app/libraries/composer/installed.json", true],
		["composer/installed.json", true],
		["srv/app/installed.json", false],
		["srv/app/xcomposer/installed.json", false],
		["srv/app/composer.lock", false],
		["srv/app/vendor/composer/installed.php", false],
	])("wants %s: %s", (at, wanted) => {
		expect(composer.wants({ path: at, size: 1, mode: 0o644 })).toBe(wanted);
	});

	it("reads the list of Composer 2, development packages included, versions as written", () => {
		expect(read(testdata(import.meta.url, "good"))).toEqual({
			packages: [
				{ type: "composer", name: "monolog/monolog", version: "2.9.1", requires: ["psr/log"], path },
				{ type: "composer", name: "symfony/polyfill-mbstring", version: "v1.28.0", path },
				{ type: "composer", name: "Acme/Branch", version: "dev-main", path },
				{ type: "composer", name: "phpunit/phpunit", version: "9.6.13", path },
			],
			warnings: [],
		});
	});

	it("reads the list of Composer 1, also behind a byte order mark", () => {
		const { packages, warnings } = read('\uFEFF[{"name":"a/b","version":"1.0"},{"name":"c/d","version":"2.0"}]');
		expect(warnings).toEqual([]);
		expect(packages.map(({ name, version }) => `${name} ${version}`)).toEqual(["a/b 1.0", "c/d 2.0"]);
	});

	it.each(["[]", '{"packages":[]}'])("finds nothing in %s, without a warning", (content) => {
		expect(read(content)).toEqual({ packages: [], warnings: [] });
	});

	it.each([
		["empty", testdata(import.meta.url, "empty")],
		["truncated", testdata(import.meta.url, "truncated")],
		["in UTF-16", Buffer.from('[{"name":"a/b","version":"1"}]', "utf16le")],
		["an object without a list", '{"dev":true}'],
		["an object with a wrong list", '{"packages":{"a/b":"1.0"}}'],
		["null", "null"],
		["deeply nested", "[".repeat(200_000)],
	])("warns of a list that is %s", (_, content) => {
		const { packages, warnings } = read(content);
		expect(packages).toEqual([]);
		expect(warnings).toMatchObject([{ code: "package_database_malformed", path }]);
	});

	it("keeps the good entries of a hostile list, and says once what it left out", () => {
		const { packages, warnings } = read(testdata(import.meta.url, "hostile"));
		expect(packages).toEqual([
			{ type: "composer", name: "constructor/prototype", version: "1.0", requires: ["c/d"], path },
			{ type: "composer", name: "last/one", version: "2.0", path },
		]);
		expect(warnings).toHaveLength(1);
		expect(warnings[0]?.message).toMatch(/^10 entries .* position 1 is no package\.$/);
	});

	it("reads a hundred thousand entries", () => {
		const entries = Array.from({ length: 100_000 }, (_, i) => ({ name: `a/b${i}`, version: "1.0" }));
		expect(read(JSON.stringify(entries)).packages).toHaveLength(100_000);
	});

	it("gives up on a list over 64 MiB", () => {
		const sink = composer.open({ path, size: 64 * 1024 * 1024 + 1, mode: 0o644 });
		expect(sink.end().warnings).toMatchObject([{ code: "file_too_large", path }]);
	});

	it("survives damage to any byte", () => {
		assertSurvivesMutations(testdata(import.meta.url, "good"), (damaged) => {
			const { packages, warnings } = read(damaged);
			expect(packages.length + warnings.length).toBeGreaterThan(0);
		});
	});
});
