import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Report } from "#model";
import { buildElf, inlineBlob } from "./catalogers/go-binary/elf-builder.ts";
import { EngineError } from "./errors.ts";
import { scan } from "./scan.ts";
import {
	advisories,
	all,
	type Content,
	contentOf,
	dpkgStatus,
	memoryCache,
	noise,
	npmPackage,
	openLayout,
	osRelease,
	scanDeps,
	tempDir,
	withManifest,
} from "./scan-fixture.ts";
import { buildImage, file, hardLink, type TarInput } from "./testing/index.ts";

const store = advisories("npm a <2.0.0", "Debian:12 node-a", "Debian:12 curl <8");
const system = [osRelease, dpkgStatus("curl@7")];
const base = { tar: system, createdBy: "ADD rootfs" };

async function scanned(content: Content, more: Parameters<typeof scanDeps>[1] = {}, options = all) {
	const { target, streamed } = await openLayout(content);
	const deps = scanDeps(store, more);
	return { report: await scan(target, options, deps), streamed, events: deps.events };
}

const scanLayers = async (...layers: readonly (readonly TarInput[])[]): Promise<Report> =>
	(await scanned(contentOf(buildImage({ layers: layers.map((tar) => ({ tar })) })))).report;
const codes = ({ warnings }: Report): string[] => warnings.map(({ code }) => code);

describe("layers", () => {
	const three = buildImage({
		layers: [
			base,
			{ tar: [npmPackage("z@1.0.0")], createdBy: "COPY z" },
			{ tar: [npmPackage("a@1.0.0")], createdBy: "COPY a" },
		],
	});

	test.each(["application/vnd.oci.image.layer.v1.tar+gzip+encrypted", "application/vnd.in-toto+json"])(
		"of type %s are said, and the others keep their places",
		async (mediaType) => {
			const { report, streamed } = await scanned(contentOf(withManifest(three, [{}, { mediaType }])));
			expect(report.status).toBe("partial");
			expect(report.warnings).toEqual([
				{ code: "layer_type_unsupported", layer: 1, message: expect.stringContaining(mediaType) },
			]);
			expect(report.artifact.layers.map(({ index, createdBy }) => [index, createdBy])).toEqual([
				[0, "ADD rootfs"],
				[1, "COPY z"],
				[2, "COPY a"],
			]);
			const found = report.findings.find((finding) => finding.package.name === "a");
			expect(found?.origin.layer).toEqual({
				index: 2,
				digest: three.layers[2]?.descriptor.digest,
				createdBy: "COPY a",
			});
			expect(report.packages?.map(({ name, layer }) => [name, layer])).toEqual([
				["curl", 0],
				["a", 2],
			]);
			expect(streamed).toHaveLength(2);
		},
	);

	test("none of which can be read leave no result", async () => {
		const mediaType = "application/vnd.oci.image.layer.v1.tar+encrypted";
		const sealed = withManifest(three, [{ mediaType }, { mediaType }, { mediaType }]);
		expect((await scanned(contentOf(sealed))).report).toMatchObject({ status: "failed", summary: { total: 0 } });
	});

	test("of other vendors' kind are read where they are kept", async () => {
		const mediaType = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
		const { report } = await scanned(contentOf(withManifest(three, [{ mediaType }])));
		expect([report.status, report.summary.total]).toEqual(["complete", 2]);
	});

	test("that are empty in the history do not shift the instructions", async () => {
		const history = [
			{ created_by: "/bin/sh -c #(nop) ADD file:1 in / " },
			{ created_by: '/bin/sh -c #(nop)  CMD ["bash"]', empty_layer: true },
			{ created_by: "/bin/sh -c apt-get update" },
			{ created_by: "ENV A=1", empty_layer: true },
			{ created_by: "COPY . /srv # buildkit" },
		];
		const image = buildImage({ layers: [base, { tar: [] }, { tar: [npmPackage("a@1.0.0")] }], config: { history } });
		const { report } = await scanned(contentOf(image));
		const made = report.artifact.layers.map(({ createdBy }) => createdBy);
		expect(made).toEqual(["ADD file:1 in /", "RUN apt-get update", "COPY . /srv"]);
		expect(report.findings.map(({ origin }) => origin.layer.createdBy).sort()).toEqual([
			"ADD file:1 in /",
			"COPY . /srv",
		]);
	});

	test("that do not line up with the history have no instructions", async () => {
		const image = buildImage({ layers: [base, base], config: { history: [{ created_by: "ADD" }] } });
		expect((await scanned(contentOf(image))).report.artifact.layers.map((one) => one.createdBy)).toEqual(["", ""]);
	});
});

test("an image that lies about its diffID is told of, neither uses nor spoils what is kept", async () => {
	const honest = buildImage({ layers: [base] });
	const other = buildImage({ layers: [{ tar: [osRelease, npmPackage("a@1.0.0")] }] });
	const lie = { rootfs: { type: "layers", diff_ids: [honest.layers[0]?.diffId] } };
	const liar = buildImage({ layers: [{ tar: [osRelease, npmPackage("a@1.0.0")] }], config: lie });
	const cache = memoryCache();
	await scanned(contentOf(honest), { cache });
	for (const streams of [1, 0]) {
		const { report, streamed } = await scanned(contentOf(liar), { cache });
		expect(streamed).toHaveLength(streams);
		expect(report.status).toBe("partial");
		expect(report.warnings[0]).toMatchObject({ code: "diff_id_mismatch", layer: 0 });
		expect(report.packages?.map(({ name }) => name)).toEqual(["a"]);
	}
	const again = await scanned(contentOf(other), { cache });
	expect(again.streamed).toEqual([]);
	expect(codes(again.report)).not.toContain("diff_id_mismatch");
	expect((await scanned(contentOf(honest), { cache })).report.packages?.map(({ name }) => name)).toEqual(["curl"]);
});

describe("what a report says of packages", () => {
	const path = "usr/share/nodejs/a/package.json";
	const owned = [
		osRelease,
		dpkgStatus("node-a@1.0.0"),
		file("var/lib/dpkg/info/node-a.md5sums", `${"0".repeat(32)}  ${path}\n${"1".repeat(32)}  usr/share/doc/node-a\n`),
		file(path, JSON.stringify({ name: "a", version: "1.0.0" })),
	];

	test.each([
		["drop", ["node-a"], ["packages_os_owned"]],
		["keep", ["a", "node-a"], []],
	] as const)("that came with an OS package: %s", async (osOwned, names, notes) => {
		const content = contentOf(buildImage({ layers: [{ tar: owned }] }));
		const { report } = await scanned(content, {}, { ...all, osOwned });
		expect(report.findings.map((finding) => finding.package.name)).toEqual(names);
		expect([codes(report), report.status]).toEqual([notes, "complete"]);
		expect(report.packages?.find(({ name }) => name === "a")?.ownedBy).toBe("node-a");
	});

	test("the same file with no owner is judged", async () => {
		const report = await scanLayers(owned.filter(({ path: at }) => !String(at).endsWith(".md5sums")));
		expect(report.findings.map((finding) => finding.package.name)).toEqual(["a", "node-a"]);
	});

	test("of other vendors", async () => {
		const report = await scanLayers([
			osRelease,
			dpkgStatus(["docker-ce@27", "Maintainer: Docker <support@docker.com>\n"], "curl@7"),
		]);
		expect(report.warnings).toEqual([
			{ code: "third_party_packages", message: expect.stringMatching(/\(Docker\).*: docker-ce 27\.$/) },
		]);
		expect([report.status, report.findings.length]).toEqual(["complete", 1]);
		expect([report.judgedCount, report.packageCount]).toEqual([1, 2]);
	});

	test("whose version is not recorded, and whose version no purl library takes", async () => {
		const text = "path\tx/y\nmod\tgithub.com/x/y\tv4.0.0+incompatible+dirty\t\ndep\tgithub.com/x/z\t(devel)\t\n";
		const program = buildElf(Buffer.alloc(64), inlineBlob("go1.26.0", text)).bytes;
		const report = await scanLayers([...system, file("usr/bin/y", program, 0o755)]);
		expect(report.warnings).toEqual([
			{ code: "version_unknown", message: expect.stringMatching(/^1 package .*: github\.com\/x\/z\.$/) },
		]);
		expect(report.packages?.map(({ purl }) => purl)).toContain(
			"pkg:golang/github.com/x/y@v4.0.0%2Bincompatible%2Bdirty",
		);
		expect(report.status).toBe("complete");
	});

	test("behind a hard link", async () => {
		const content = JSON.stringify({ name: "a", version: "1.0.0" });
		const report = await scanLayers(system, [
			file("store/1", content),
			hardLink("srv/node_modules/a/package.json", "store/1"),
		]);
		expect(report.findings.find((finding) => finding.package.name === "a")?.origin.paths).toEqual([
			"srv/node_modules/a/package.json",
		]);
		const dangling = await scanLayers(system, [hardLink("srv/node_modules/a/package.json", "store/1")]);
		expect([dangling.status, dangling.warnings[0]]).toEqual([
			"partial",
			expect.objectContaining({ code: "entry_malformed", layer: 1 }),
		]);
	});
});

test("events tell what was resolved, then layers and bytes up to the total, then the matching", async () => {
	const content = contentOf(buildImage({ layers: [base, { tar: [file("noise", noise(600_000))] }] }));
	const cache = memoryCache();
	const sequences = [];
	for (const _ of [1, 2]) {
		const { events } = await scanned(content, { cache });
		const [first] = events;
		if (first?.type !== "resolved") throw new Error("not resolved first");
		const bytes = events.filter((event) => event.type === "bytes");
		expect(bytes.map(({ done }) => done)).toEqual(bytes.map(({ done }) => done).toSorted((a, b) => a - b));
		expect(bytes.at(-1)).toEqual({ type: "bytes", done: first.bytes, total: first.bytes });
		expect(first).toMatchObject({ images: 1, layers: 2 });
		sequences.push(events.flatMap((event) => (event.type === "layer" ? [event.state] : [])).sort());
		expect(events.at(-1)).toEqual({ type: "matching", packages: 1 });
		expect(events.filter(({ type }) => type === "matching")).toHaveLength(1);
	}
	expect(sequences).toEqual([
		["done", "done", "started", "started"],
		["cached", "cached"],
	]);
});

test("a signal in the middle of a layer ends the scan at once", async () => {
	const content = contentOf(buildImage({ layers: [{ tar: [file("noise", noise(8_000_000))] }] }));
	const controller = new AbortController();
	let bytes = 0;
	let stopped = 0;
	const scanning = scanned(content, {
		signal: controller.signal,
		onEvent: (event) => {
			if (event.type !== "bytes") return;
			bytes = event.done;
			if (controller.signal.aborted) return;
			stopped = performance.now();
			controller.abort();
		},
	});
	await expect(scanning).rejects.toThrow(EngineError);
	await expect(scanning).rejects.toMatchObject({ code: "aborted" });
	expect(performance.now() - stopped).toBeLessThan(1000);
	expect(bytes).toBeLessThan(4_000_000);
});

test("a root filesystem is one layer without a number", async () => {
	const root = await tempDir();
	for (const { path, body } of [...system, npmPackage("a@1.0.0")]) {
		await mkdir(join(root, dirname(String(path))), { recursive: true });
		await writeFile(join(root, String(path)), body ?? "");
	}
	const target = { kind: "rootfs", name: "dir:root", path: root, close: async () => undefined } as const;
	const deps = scanDeps(store);
	const report = await scan(target, all, deps);
	expect(report).toMatchObject({
		kind: "image",
		status: "complete",
		artifact: { name: "dir:root", digest: "", platform: "", layers: [], os: { id: "debian" } },
		summary: { total: 2 },
	});
	expect(report.findings[0]?.origin.layer).toEqual({ index: 0, digest: "", createdBy: "" });
	expect(deps.events).toEqual([{ type: "matching", packages: 2 }]);
	const empty = await scan({ ...target, path: await tempDir() }, all, scanDeps(store));
	expect([empty.status, codes(empty)]).toEqual(["partial", ["os_unknown"]]);
});
