import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/**
 * bin/plimsoll.js in a made checkout whose src/main/cli.ts only tells how it was started. The Node packages lie above
 * the checkout, as if hoisted. Needs an old Node on the machine for the half that is about old Nodes.
 */
const standIn = `
const args: readonly string[] = process.argv.slice(2);
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => { console.log(signal); process.exit(130); });
console.log(JSON.stringify({ major: Number.parseInt(process.versions.node, 10), args }));
if (args.includes("--wait")) setInterval(() => undefined, 1000);
else if (args.includes("--die")) process.kill(process.pid, "SIGKILL");
else process.exitCode = 4;
`;

const ourPackages = realpathSync(fileURLToPath(new URL("../../node_modules", import.meta.url)));
const nodePackage = `${process.platform === "darwin" && process.arch === "arm64" ? "node-bin" : "node"}-${process.platform}-${process.arch}`;
const oldNode = ["/usr/bin/node", "/usr/local/bin/node", "/opt/homebrew/bin/node"].find(isOld);

let folder: string;
let launcher: string;

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "plimsoll-launcher-"));
	const checkout = join(folder, "checkout");
	launcher = join(checkout, "bin/plimsoll.js");
	for (const each of ["bin", "src/main", "node_modules/.bin"]) mkdirSync(join(checkout, each), { recursive: true });
	cpSync(fileURLToPath(new URL("../../bin/plimsoll.js", import.meta.url)), launcher);
	writeFileSync(join(checkout, "package.json"), '{ "type": "module" }');
	writeFileSync(join(checkout, "src/main/cli.ts"), standIn);
	symlinkSync("../../bin/plimsoll.js", join(checkout, "node_modules/.bin/plimsoll"));
	mkdirSync(join(folder, "node_modules"));
	symlinkSync(join(ourPackages, nodePackage), join(folder, "node_modules", nodePackage));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("bin/plimsoll.js on a Node that is new enough", () => {
	it("runs the command line in the same process", () => {
		const run = spawnSync(process.execPath, [launcher, "scan", "a b"], { encoding: "utf8" });
		expect(run.stderr).toBe("");
		expect(JSON.parse(run.stdout)).toEqual({ major: 26, args: ["scan", "a b"] });
		expect(run.status).toBe(4);
	});
});

describe.skipIf(oldNode === undefined)("bin/plimsoll.js on an old Node (skipped where the machine has none)", () => {
	const old = oldNode ?? "";

	it("starts the hoisted Node 26 with the same arguments and passes its exit code on", () => {
		const run = spawnSync(old, [launcher, "scan", "a b", "--x=ü"], { encoding: "utf8" });
		expect(run.stderr).toBe("");
		expect(JSON.parse(run.stdout)).toEqual({ major: 26, args: ["scan", "a b", "--x=ü"] });
		expect(run.status).toBe(4);
	});

	it("works through the link that npm makes", () => {
		const link = join(folder, "checkout/node_modules/.bin/plimsoll");
		const path = `${dirname(old)}:/usr/bin:/bin`;
		const run = spawnSync(link, ["version"], { encoding: "utf8", env: { PATH: path }, cwd: "/" });
		expect(JSON.parse(run.stdout)).toEqual({ major: 26, args: ["version"] });
	});

	it.each(["SIGTERM", "SIGINT"] as const)("passes %s on and waits for the end", async (signal) => {
		const child = spawn(old, [launcher, "--wait"], { stdio: ["ignore", "pipe", "pipe"] });
		const output = collect(child);
		await output.until("--wait");
		child.kill(signal);
		expect(await ended(child)).toEqual({ code: 130, signal: null });
		expect(output.text()).toContain(signal);
	});

	it("dies of the signal that its child died of", async () => {
		const child = spawn(old, [launcher, "--die"], { stdio: "ignore" });
		expect(await ended(child)).toEqual({ code: null, signal: "SIGKILL" });
	});

	it("says in one line what is missing", () => {
		const lonely = join(folder, "lonely");
		mkdirSync(join(lonely, "bin"), { recursive: true });
		writeFileSync(join(lonely, "package.json"), '{ "type": "module" }');
		cpSync(launcher, join(lonely, "bin/plimsoll.js"));
		// A Node package that is too old must not be started: it would start itself for ever.
		const tooOld = join(lonely, "node_modules", nodePackage);
		mkdirSync(tooOld, { recursive: true });
		writeFileSync(join(tooOld, "package.json"), JSON.stringify({ version: "20.1.0", bin: { node: "bin/node" } }));
		const run = spawnSync(old, [join(lonely, "bin/plimsoll.js"), "version"], { encoding: "utf8" });
		expect(run.stderr).toMatch(/^plimsoll: Node 26 is needed, this is [\d.]+, and .* Run "npm ci" .*\.\n$/);
		expect(run.stdout).toBe("");
		expect(run.status).toBe(3);
	});
});

function isOld(path: string): boolean {
	if (!existsSync(path)) return false;
	const major = Number.parseInt(spawnSync(path, ["-v"], { encoding: "utf8" }).stdout.slice(1), 10);
	return major >= 20 && major < 26;
}

function collect(child: ChildProcess): { text(): string; until(part: string): Promise<void> } {
	let text = "";
	const waiting: (() => void)[] = [];
	child.stdout?.on("data", (chunk: Buffer) => {
		text += chunk.toString();
		for (const wake of waiting.splice(0)) wake();
	});
	return {
		text: () => text,
		until: async (part) => {
			while (!text.includes(part)) await new Promise<void>((resolve) => waiting.push(resolve));
		},
	};
}

function ended(child: ChildProcess): Promise<{ code: number | null; signal: string | null }> {
	return new Promise((resolve) => child.on("close", (code, signal) => resolve({ code, signal })));
}
