import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCataloger } from "../testing.ts";
import { composer } from "./index.ts";

const path = "vendor/composer/installed.json";
const present = spawnSync("composer", ["--version"], { env: environment() }).status === 0;

function environment(): NodeJS.ProcessEnv {
	return { ...process.env, COMPOSER_ALLOW_SUPERUSER: "1", COMPOSER_DISABLE_NETWORK: "1" };
}

/** Installs two packages from folders, so that nothing is fetched; gives Composer's list of what is installed. */
function install(folder: string): Uint8Array {
	const manifests = {
		one: { name: "acme/one", version: "v1.2.3", require: { php: ">=7", "ext-json": "*", "acme/two": "^2.0@dev" } },
		two: { name: "acme/two", version: "2.1.0-beta1" },
		app: {
			repositories: [
				{ "packagist.org": false },
				...["one", "two"].map((name) => ({ type: "path", url: `../${name}`, options: { symlink: false } })),
			],
			require: { "acme/one": "*" },
			"require-dev": { "acme/two": "*" },
			"minimum-stability": "dev",
		},
	};
	for (const [name, manifest] of Object.entries(manifests)) {
		mkdirSync(join(folder, name));
		writeFileSync(join(folder, name, "composer.json"), JSON.stringify(manifest));
	}
	const cwd = join(folder, "app");
	const run = spawnSync("composer", ["install", "--no-interaction"], { cwd, env: environment(), encoding: "utf8" });
	expect(run.stderr).toContain("Installing acme/one");
	return Uint8Array.from(readFileSync(join(cwd, path)));
}

test.skipIf(!present && process.env["CI"] === undefined)(
	"reads the list that Composer itself writes (skipped where composer is not installed)",
	{ timeout: 60_000 },
	() => {
		const folder = mkdtempSync(join(tmpdir(), "plimsoll-composer-"));
		try {
			expect(runCataloger(composer, { path, bytes: install(folder) })).toEqual({
				packages: [
					{ type: "composer", name: "acme/one", version: "v1.2.3", requires: ["acme/two"], path },
					{ type: "composer", name: "acme/two", version: "2.1.0-beta1", path },
				],
				warnings: [],
			});
		} finally {
			rmSync(folder, { recursive: true });
		}
	},
);
