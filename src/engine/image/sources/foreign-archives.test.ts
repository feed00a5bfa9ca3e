/** Archives and compressed files as the tools in use make them. In CI the tools must be there. */
import { execFileSync, spawnSync } from "node:child_process";
import {
	linkSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	symlinkSync,
	truncateSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeBlob, sha256Of } from "../../testing/archives/index.ts";
import { readLayer } from "../layer.ts";
import { defaultLimits } from "../limits.ts";

const ci = process.env["CI"] !== undefined;

/** Why the test cannot run here; null when it can. Throws in CI, where it must. */
function missing(tool: string, mark: string): string | null {
	const { stdout } = spawnSync(tool, ["--version"], { encoding: "utf8" });
	if (stdout?.includes(mark)) return null;
	if (ci) throw new Error(`${tool} is not installed`);
	return `${tool} is not installed`;
}

let folder: string;
const long = `${"long-folder-name/".repeat(12)}file-${"n".repeat(120)}`;

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "plimsoll-foreign-"));
	const tree = join(folder, "tree");
	mkdirSync(join(tree, long, ".."), { recursive: true });
	writeFileSync(join(tree, long), "long");
	writeFileSync(join(tree, "caf\u00e9"), "utf8");
	writeFileSync(join(tree, "script"), "#!/bin/sh\n", { mode: 0o755 });
	linkSync(join(tree, "script"), join(tree, "zlink"));
	symlinkSync("x".repeat(150), join(tree, "symlink"));
	writeFileSync(join(tree, "text"), "line\n".repeat(200_000));
	// Data, a hole, data: sparse on any file system that knows holes.
	writeFileSync(join(tree, "sparse"), "begin");
	truncateSync(join(tree, "sparse"), 4_000_000);
	writeFileSync(join(tree, "sparse"), "end", { flag: "a" });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The files in the layer, and its other facts. */
async function read(bytes: Buffer) {
	const files: Record<string, string> = {};
	async function* body() {
		yield bytes;
	}
	const result = await readLayer(
		describeBlob("layer", bytes),
		body(),
		({ path }) => {
			const gathered: Buffer[] = [];
			return {
				write: (chunk) => gathered.push(Buffer.from(chunk)),
				end: () => {
					files[path] = Buffer.concat(gathered).toString();
				},
			};
		},
		{ limits: defaultLimits, signal: new AbortController().signal, wantsLink: () => true },
	);
	return { ...result, files };
}

function tarOfTree(...options: string[]): Buffer {
	return execFileSync("tar", [...options, "--sort=name", "-C", join(folder, "tree"), "-cf", "-", "."], {
		maxBuffer: 2 ** 26,
	});
}

describe("GNU tar", () => {
	test.for<[string, string, number]>([
		["gnu", "", 0],
		["posix", "", 0],
		["pax", "", 0],
		["gnu", "--sparse", 1],
		["posix", "--sparse-version=0.0", 1],
		["posix", "--sparse-version=0.1", 1],
		["posix", "--sparse-version=1.0", 1],
	])("--format=%s %s", async ([format, sparse, warnings], context) => {
		const reason = missing("tar", "GNU tar");
		if (reason !== null) return context.skip(reason);
		const options = sparse === "" ? [] : sparse === "--sparse" ? [sparse] : ["--sparse", sparse];
		const result = await read(tarOfTree(`--format=${format}`, ...options));
		const { sparse: holes, ...files } = result.files;
		expect(files).toEqual({
			[long]: "long",
			["caf\u00e9"]: "utf8",
			script: "#!/bin/sh\n",
			text: "line\n".repeat(200_000),
		});
		expect(result).toMatchObject({
			complete: true,
			symlinks: [{ path: "symlink", target: expect.stringMatching(/./) }],
			links: [{ path: "zlink", target: "script", mode: 0o755 }],
		});
		// A file with holes is either whole or told of.
		expect(result.warnings).toHaveLength(warnings);
		expect(holes?.length).toBe(warnings === 1 ? undefined : 4_000_003);
	});
});

describe("compressed by", () => {
	test.for<[string, string[]]>([
		["gzip", ["-9"]],
		["gzip", ["-1"]],
		["zstd", ["-1"]],
		["zstd", ["-19"]],
		["zstd", ["--long=27"]],
		["zstd", ["--no-content-size", "--no-check"]],
	])("%s %j", async ([tool, options], context) => {
		const reason = missing(tool, tool === "gzip" ? "gzip" : "Zstandard");
		if (reason !== null) return context.skip(reason);
		const path = join(folder, "layer.tar");
		const tar = tarOfTree("--format=gnu");
		writeFileSync(path, tar);
		const packed = execFileSync(tool, ["-c", ...options, path], {
			maxBuffer: 2 ** 26,
			stdio: ["ignore", "pipe", "ignore"],
		});
		expect(readFileSync(path).equals(tar)).toBe(true);
		expect(await read(packed)).toMatchObject({ complete: true, diffId: sha256Of(tar), warnings: [] });
	});
});
