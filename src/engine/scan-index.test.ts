import { describe, expect, test } from "vitest";
import type { Platform, Report } from "#model";
import { EngineError } from "./errors.ts";
import { scan } from "./scan.ts";
import {
	advisories,
	all,
	type Content,
	contentOf,
	dpkgStatus,
	indexOf,
	json,
	npmPackage,
	openLayout,
	osRelease,
	scanDeps,
} from "./scan-fixture.ts";
import { type BuiltImage, buildImage, sha256Of } from "./testing/index.ts";

const amd64 = { os: "linux", architecture: "amd64" };
const arm64 = { os: "linux", architecture: "arm64" };
const store = advisories("npm a <2.0.0", "npm b", "Debian:12 curl <8");
const system = [osRelease, dpkgStatus("curl@7")];

function imageFor(platform: Platform, ...packages: readonly string[]): BuiltImage {
	return buildImage({ platform, layers: [{ tar: system }, { tar: packages.map((one) => npmPackage(one)) }] });
}

async function scanned(
	content: Content,
	platform: "all" | Platform = "all",
	missing: Parameters<typeof openLayout>[1] = [],
) {
	const { target, streamed } = await openLayout(content, missing);
	const deps = scanDeps(store);
	const report = await scan(target, { ...all, platform }, deps);
	return { report, streamed, events: deps.events };
}

async function failure(content: Content, platform: "all" | Platform = "all"): Promise<EngineError> {
	const thrown: unknown = await scanned(content, platform).catch((error: unknown) => error);
	if (!(thrown instanceof EngineError)) throw thrown;
	return thrown;
}

const codes = ({ warnings }: Report): string[] => warnings.map(({ code }) => code);
const platforms = ({ manifests = [] }: Report): string[] => manifests.map(({ artifact }) => artifact.platform);

describe("an index", () => {
	const one = imageFor(amd64, "a@1.0.0", "b@1.0.0");
	const two = imageFor(arm64, "a@1.0.0");

	test("is the sum over its children, beside the union", async () => {
		const { report } = await scanned(indexOf([{ image: one }, { image: two }]));
		expect(report).toMatchObject({ kind: "index", status: "complete", warnings: [], findings: [], packageCount: 5 });
		expect(platforms(report)).toEqual(["linux/amd64", "linux/arm64"]);
		expect(report.manifests?.map(({ summary }) => summary.total)).toEqual([3, 2]);
		expect(report.summary).toMatchObject({ high: 5, total: 5, fixable: 4 });
		expect(report.unionSummary).toMatchObject({ high: 3, total: 3, fixable: 2 });
	});

	test("pulls a layer that several children have once", async () => {
		const { streamed, events } = await scanned(indexOf([{ image: one }, { image: two }]));
		expect(one.layers[0]?.descriptor).toEqual(two.layers[0]?.descriptor);
		expect(streamed).toHaveLength(3);
		expect(new Set(streamed).size).toBe(3);
		expect(events[0]).toMatchObject({ type: "resolved", images: 2, layers: 3 });
	});

	test("does not count attestations, told by platform or by annotation", async () => {
		const note = { "vnd.docker.reference.type": "attestation-manifest" };
		const { report } = await scanned(
			indexOf([
				{ image: one },
				{ image: buildImage({ layers: [] }), platform: { os: "unknown", architecture: "unknown" } },
				{ image: buildImage({ layers: [{ tar: [] }] }), platform: amd64, annotations: note },
			]),
		);
		expect(platforms(report)).toEqual(["linux/amd64"]);
		expect(report).toMatchObject({ status: "complete", warnings: [] });
	});

	test("reports the other children when one is missing", async () => {
		const { report } = await scanned(indexOf([{ image: one }, { image: two }]), "all", [two.manifest.digest]);
		expect(report.status).toBe("partial");
		expect(codes(report)).toEqual(["child_failed"]);
		expect(report.warnings[0]?.message).toMatch(/^linux\/arm64 could not be scanned: .*is missing/);
		expect(report.manifests?.map(({ status, artifact }) => [status, artifact.platform])).toEqual([
			["complete", "linux/amd64"],
			["failed", "linux/arm64"],
		]);
		expect(report.summary.total).toBe(3);
	});

	test("reports the other children when a layer of one is missing", async () => {
		const broken = imageFor(arm64, "a@1.0.0", "b@1.0.0");
		const own = broken.layers.at(-1)?.descriptor.digest;
		if (own === undefined) throw new Error("the image has no layer");
		const { report } = await scanned(indexOf([{ image: imageFor(amd64, "a@1.0.0") }, { image: broken }]), "all", [own]);
		expect(report.manifests?.map(({ status, artifact }) => [artifact.platform, status])).toEqual([
			["linux/amd64", "complete"],
			["linux/arm64", "failed"],
		]);
		expect(report.status).toBe("partial");
		expect(report.warnings).toMatchObject([{ code: "child_failed" }]);
		expect(report.warnings[0]?.message).toMatch(/^linux\/arm64 could not be scanned: /);
		expect(report.summary.total).toBe(report.manifests?.[0]?.summary.total);
	});

	test("has failed when all children have", async () => {
		const content = indexOf([{ image: one }, { image: two }]);
		const { report } = await scanned(content, "all", [one.manifest.digest, two.config.digest]);
		expect(report).toMatchObject({ kind: "index", status: "failed", packageCount: 0 });
	});

	test("says that an index inside was not scanned", async () => {
		const inner = indexOf([{ image: two }]);
		const outer = indexOf([{ image: one }, { descriptor: inner.root }]);
		const blobs = new Map([...inner.blobs, ...outer.blobs]);
		const { report } = await scanned({ ...outer, blobs });
		expect(report.status).toBe("partial");
		expect(report.warnings[0]?.message).toContain(`another index (${inner.root.digest})`);
		const asked = await scanned({ ...outer, blobs }, amd64);
		expect([asked.report.status, codes(asked.report)]).toEqual(["partial", ["child_failed"]]);
	});

	test.each([
		["no children", []],
		["attestations only", [{ image: one, platform: { os: "unknown", architecture: "unknown" } }]],
	])("with %s is no image", async (_what, children) => {
		const error = await failure(indexOf(children));
		expect(error.code).toBe("platform_not_found");
		expect(error.message).toMatch(/does not hold an image; it holds: nothing\.$/);
		expect(error.hint).not.toContain("one of these");
	});
});

describe("one platform of an index", () => {
	const arm = (variant?: string): Platform => ({ os: "linux", architecture: "arm", ...(variant ? { variant } : {}) });
	const images = [imageFor(amd64, "a@1.0.0"), imageFor(arm("v6"), "a@1.0.0"), imageFor(arm("v7"), "b@1.0.0")];
	const index = indexOf(images.map((image) => ({ image })));

	test("gives the report on an image, and pulls nothing else", async () => {
		const { report, streamed } = await scanned(index, amd64);
		expect(report).toMatchObject({ kind: "image", artifact: { platform: "linux/amd64" }, summary: { total: 2 } });
		expect(report.manifests).toBeUndefined();
		expect(streamed).toHaveLength(2);
	});

	test("with a variant is that variant; without, all of them", async () => {
		expect((await scanned(index, arm("v7"))).report.artifact.platform).toBe("linux/arm/v7");
		expect(platforms((await scanned(index, arm())).report)).toEqual(["linux/arm/v6", "linux/arm/v7"]);
	});

	test("that is not there is an error that lists what is", async () => {
		const error = await failure(index, { os: "windows", architecture: "amd64" });
		expect(error.code).toBe("platform_not_found");
		expect(error.message).toMatch(
			/an image for windows\/amd64; it holds: linux\/amd64, linux\/arm\/v6, linux\/arm\/v7\.$/,
		);
		expect(error.hint).toContain("--platform");
	});

	test("whose manifest is missing is a failed report", async () => {
		const missing = images[0]?.manifest.digest;
		const { report } = await scanned(index, amd64, missing ? [missing] : []);
		expect(report).toMatchObject({ kind: "image", status: "failed", artifact: { platform: "linux/amd64" } });
		expect(codes(report)).toEqual(["child_failed"]);
	});

	test("is told by the configuration where the index does not tell", async () => {
		const silent = indexOf(images.map((image) => ({ image, platform: null })));
		const { report } = await scanned(silent, amd64);
		expect(report).toMatchObject({ kind: "image", artifact: { platform: "linux/amd64" } });
		expect((await failure(silent, { os: "linux", architecture: "s390x" })).code).toBe("platform_not_found");
	});
});

test("a child that is no image, or has a broken configuration, fails alone", async () => {
	const good = imageFor(amd64, "a@1.0.0");
	const chart = json({
		schemaVersion: 2,
		config: { ...good.config, mediaType: "application/vnd.cncf.helm.config" },
		layers: [],
	});
	const descriptor = { ...good.manifest, digest: sha256Of(chart), size: chart.length };
	const broken = buildImage({ platform: arm64, layers: [{ tar: system }], config: { rootfs: { diff_ids: [] } } });
	const index = indexOf([{ image: good }, { descriptor, platform: amd64 }, { image: broken }]);
	const { report } = await scanned({ ...index, blobs: new Map([...index.blobs, [descriptor.digest, chart]]) });
	expect(report.manifests?.map(({ status }) => status)).toEqual(["complete", "failed", "failed"]);
	expect(report.warnings.map(({ message }) => message)).toEqual([
		expect.stringContaining("not a container image"),
		expect.stringContaining("lists 1 layers, its configuration 0"),
	]);
});

test("a single image is scanned whatever its platform, unless another one is asked for", async () => {
	const content = contentOf(imageFor(arm64, "a@1.0.0"));
	expect((await scanned(content)).report).toMatchObject({ kind: "image", artifact: { platform: "linux/arm64" } });
	expect((await scanned(content, { ...arm64, variant: "v8" })).report.kind).toBe("image");
	const error = await failure(content, amd64);
	expect([error.code, error.message]).toEqual([
		"platform_not_found",
		expect.stringMatching(/an image for linux\/amd64; it holds: linux\/arm64\.$/),
	]);
});
