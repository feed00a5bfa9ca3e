import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ImageOutcome, ScannerEvent, ScannerJob } from "#engine";
import { buildImage, file, layoutFiles, writeFiles } from "#engine/testing";
import { type BuiltinScanner, builtinScanner } from "./index.ts";

let folder: string;
let scanner: BuiltinScanner;
let image: ReturnType<typeof buildImage>;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "plimsoll-builtin-"));
	image = buildImage({
		layers: [{ tar: [file("app/node_modules/lodash/package.json", '{"name":"lodash","version":"4.17.20"}')] }],
	});
	await writeFiles(join(folder, "layout"), layoutFiles([{ image, tag: "1" }]));
	// A child that reads the layout in this folder, whatever the job says.
	const engine = pathToFileURL(fileURLToPath(new URL("../../engine/index.ts", import.meta.url))).href;
	const scanners = pathToFileURL(fileURLToPath(new URL("./serve.ts", import.meta.url))).href;
	writeFileSync(
		join(folder, "child.ts"),
		`import { openTarget } from ${JSON.stringify(engine)};
		import { serveScans } from ${JSON.stringify(scanners)};
		const { signal } = new AbortController();
		const target = await openTarget(${JSON.stringify(`oci-layout:${join(folder, "layout")}`)}, { registry: () => { throw new Error("no") }, signal });
		serveScans({ cache: null, connect: (access: { mood: string }) => ({ source: () => ({
			...target.source, close: async () => {},
			blobs: async (...args: unknown[]) => {
				if (access.mood === "hang") for (;;);
				if (access.mood === "exit") process.exit(7);
				await target.source.blobs(...args);
			},
		}) }) });`,
	);
	scanner = builtinScanner({ entry: join(folder, "child.ts"), milliseconds: 3_000, scansPerChild: 2 });
});
afterAll(async () => {
	await scanner?.close();
	await rm(folder, { recursive: true, force: true });
});

const job = (mood = "fine"): ScannerJob => ({
	id: "1",
	access: { mood },
	repository: "team/app",
	root: image.manifest.digest,
	images: [image.manifest.digest],
});

async function scan(mood?: string, signal = new AbortController().signal) {
	const [events, outcomes]: [ScannerEvent[], ImageOutcome[]] = [[], []];
	const deps = {
		signal,
		onEvent: (event: ScannerEvent) => void events.push(event),
		onImage: async (outcome: ImageOutcome) => void outcomes.push(outcome),
	};
	await scanner.scan(job(mood), deps);
	return { events, outcomes };
}

test("reads an image in a child, tells of it, and uses the child again until it has done its scans", async () => {
	const { events, outcomes } = await scan();
	expect(outcomes).toMatchObject([
		{ kind: "contents", digest: image.manifest.digest, contents: { inventory: { packages: [{ name: "lodash" }] } } },
	]);
	const lines = events.flatMap((event) => (event.type === "log" ? [event.message] : []));
	expect(lines.join("\n")).toMatch(/1 image, 1 layers[\s\S]*pulled and read[\s\S]*1 packages/);
	expect(events.findLast(({ type }) => type === "progress")).toMatchObject({ bytesDone: expect.any(Number) });
	const [first] = scanner.children();
	await scan();
	await scan();
	const [second] = scanner.children();
	expect(second).toBeDefined();
	expect(second).not.toBe(first);
});

test("a child that ends in the middle is no end of the scanner", async () => {
	await expect(scan("exit")).rejects.toMatchObject({
		kind: "died",
		code: "scanner_died",
		message: expect.stringContaining("exit code 7"),
	});
	expect((await scan()).outcomes).toHaveLength(1);
});

test("one that does not listen any more is killed: when it is stopped, and when its time is over", async () => {
	const stop = new AbortController();
	const stopped = scan("hang", stop.signal);
	setTimeout(() => stop.abort(), 300);
	await expect(stopped).rejects.toMatchObject({ kind: "stopped" });
	await expect(scan("hang")).rejects.toMatchObject({ kind: "final", code: "scan_time_exceeded" });
	expect((await scan()).outcomes).toHaveLength(1);
});

test("nothing of our environment but what is given reaches the child", async () => {
	const { readFileSync } = await import("node:fs");
	await scan();
	for (const pid of scanner.children()) {
		const environment = readFileSync(`/proc/${pid}/environ`, "utf8")
			.split("\0")
			.map((entry) => entry.split("=")[0]);
		expect(environment.filter((name) => name && !name.startsWith("NODE_CHANNEL"))).toEqual([]);
	}
});
