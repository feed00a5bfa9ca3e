import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { expect, test } from "vitest";
import { runCataloger } from "../testing.ts";
import { ruby } from "./index.ts";

/** Every gem that RubyGems itself finds, with its specification and what it needs at run time. */
const program = `
require "json"
puts Gem::Specification.map { |s| [s.loaded_from, s.name, s.version.to_s, s.runtime_dependencies.map(&:name)] }.to_json
`;

function installed(): readonly (readonly [path: string, name: string, version: string, requires: string[]])[] {
	const run = spawnSync("ruby", ["-e", program], { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
	return run.status === 0 ? (JSON.parse(run.stdout) as [string, string, string, string[]][]) : [];
}

const found = installed();

test.skipIf(found.length === 0 && process.env["CI"] === undefined)(
	"reads of this machine's gems what RubyGems reads (skipped where ruby is not installed)",
	() => {
		expect(found.length).toBeGreaterThan(0);
		for (const [file, name, version, requires] of found) {
			const bytes = readFileSync(file);
			const path = relative("/", file);
			expect(ruby.wants({ path, size: bytes.length, mode: 0o644 })).toBe(true);
			const { packages, warnings } = runCataloger(ruby, { path, bytes });
			const distinct = [...new Set(requires)];
			const expected = { type: "gem", name, version, ...(distinct.length > 0 ? { requires: distinct } : {}), path };
			expect({ packages, warnings }).toEqual({ packages: [expected], warnings: [] });
		}
	},
);
