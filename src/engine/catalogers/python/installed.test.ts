import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { expect, test } from "vitest";
import { runCataloger } from "../testing.ts";
import { python } from "./index.ts";

/** Where each distribution that Python itself finds keeps its metadata, and what Python reads there. */
const program = `
import importlib.metadata as m, json, os
found = []
for d in m.distributions():
    files = [d._path] if os.path.isfile(d._path) else [os.path.join(d._path, f) for f in ("METADATA", "PKG-INFO")]
    path = next((str(f) for f in files if os.path.isfile(f)), None)
    if path: found.append([path, d.metadata["Name"], d.version])
print(json.dumps(found))
`;

function installed(): readonly (readonly [path: string, name: string, version: string])[] {
	const run = spawnSync("python3", ["-I", "-c", program], { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
	return run.status === 0 ? (JSON.parse(run.stdout) as [string, string, string][]) : [];
}

const found = installed();

test.skipIf(found.length === 0 && process.env["CI"] === undefined)(
	"reads of this machine's packages what Python reads (skipped where python3 has none)",
	() => {
		expect(found.length).toBeGreaterThan(0);
		for (const [file, name, version] of found) {
			const bytes = readFileSync(file);
			const path = relative("/", file);
			expect(python.wants({ path, size: bytes.length, mode: 0o644 })).toBe(true);
			const { packages, warnings } = runCataloger(python, { path, bytes });
			expect({ packages, warnings }).toMatchObject({ packages: [{ name, version, path }], warnings: [] });
		}
	},
);
