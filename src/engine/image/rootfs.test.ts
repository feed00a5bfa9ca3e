import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { defaultLimits } from "./limits.ts";
import { readRootfs } from "./rootfs.ts";

const { signal } = new AbortController();
const options = { limits: defaultLimits, signal };
const made: string[] = [];
let root: string;

beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), "plimsoll-rootfs-"));
	made.push(root);
	await mkdir(join(root, "etc/ssl"), { recursive: true });
	await mkdir(join(root, "proc"));
	await writeFile(join(root, "etc/os-release"), "ID=debian\n");
	await writeFile(join(root, "etc/ssl/key"), "secret");
	await writeFile(join(root, "proc/in-an-image-it-is-a-folder-like-others"), "");
	await writeFile(join(root, "big"), Buffer.alloc(700_000, "x"));
	await chmod(join(root, "big"), 0o4755);
});
afterAll(() => Promise.all(made.map((path) => rm(path, { recursive: true }))));

async function read(given = options): Promise<{
	files: Record<string, string>;
	modes: Record<string, number>;
	warnings: readonly object[];
	complete: boolean;
}> {
	const files: Record<string, string> = {};
	const modes: Record<string, number> = {};
	const result = await readRootfs(
		root,
		({ path, mode }) => {
			modes[path] = mode;
			const gathered: Buffer[] = [];
			return {
				write: (chunk) => gathered.push(Buffer.from(chunk)),
				end: () => {
					files[path] = Buffer.concat(gathered).toString();
				},
			};
		},
		given,
	);
	return { ...result, files, modes };
}

describe("readRootfs", () => {
	test("passes all files on in sorted order", async () => {
		const { files, modes, warnings, complete } = await read();
		expect(Object.keys(files)).toEqual([
			"big",
			"etc/os-release",
			"etc/ssl/key",
			"proc/in-an-image-it-is-a-folder-like-others",
		]);
		expect(files["etc/os-release"]).toBe("ID=debian\n");
		expect(files["big"]).toHaveLength(700_000);
		expect(modes["big"]).toBe(0o4755);
		expect({ warnings, complete }).toEqual({ warnings: [], complete: true });
	});

	test("follows no links, to files or to folders", async () => {
		await symlink("/etc/passwd", join(root, "etc/passwd"));
		await symlink("/etc", join(root, "outside"));
		await symlink("..", join(root, "etc/circle"));
		const { files } = await read();
		expect(Object.keys(files)).toHaveLength(4);
	});

	test("does not open pipes", async () => {
		execFileSync("mkfifo", [join(root, "pipe")]);
		expect(Object.keys((await read()).files)).toHaveLength(4);
	});

	test("tells of what it may not read", async () => {
		await chmod(root, 0o755);
		await chmod(join(root, "etc/ssl"), 0);
		await chmod(join(root, "big"), 0);
		const { warnings, files } = await asNobody(read);
		await chmod(join(root, "etc/ssl"), 0o755);
		expect(warnings).toMatchObject([{ path: "big" }, { path: "etc/ssl" }]);
		expect(Object.keys(files)).toEqual(["etc/os-release", "proc/in-an-image-it-is-a-folder-like-others"]);
	});

	test("stops at the limit on entries", async () => {
		const { warnings, complete } = await read({ ...options, limits: { ...defaultLimits, entries: 3 } });
		expect(complete).toBe(false);
		expect(warnings).toMatchObject([{ code: "layer_limit" }]);
	});

	test("lets errors of the visitor through", async () => {
		const failing = () => {
			throw new Error("visitor failed");
		};
		await expect(readRootfs(root, failing, options)).rejects.toThrow("visitor failed");
		await expect(readRootfs(root, () => ({ write: failing, end: failing }), options)).rejects.toThrow("visitor failed");
	});

	test("stops on an abort and tells of a folder that is none", async () => {
		await expect(read({ ...options, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
		for (const path of [join(root, "nothing"), join(root, "big")]) {
			await expect(readRootfs(path, () => null, options)).rejects.toMatchObject({ code: "target_not_found" });
		}
	});
});

/** Root may read everything, so it steps down meanwhile: to the user that owns nothing. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
	const isRoot = process.getuid?.() === 0;
	if (isRoot) process.seteuid?.(65_534);
	try {
		return await work();
	} finally {
		if (isRoot) process.seteuid?.(0);
	}
}
