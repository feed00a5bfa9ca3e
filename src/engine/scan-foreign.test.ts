import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Report } from "#model";
import { EngineError } from "./errors.ts";
import { anonymous } from "./registry/auth/credentials.ts";
import { scan } from "./scan.ts";
import {
	advisories,
	all,
	contentOf,
	dpkgStatus,
	indexOf,
	noise,
	npmPackage,
	openLayout,
	osRelease,
	scanDeps,
	withManifest,
} from "./scan-fixture.ts";
import { openTarget } from "./targets.ts";
import { type BuiltImage, buildImage, type FakeRegistry, file, startFakeRegistry } from "./testing/index.ts";

/** Layers that the image's makers keep elsewhere (Windows bases), and registries that do not have them. */
const store = advisories("npm a <2.0.0");
const foreignTypes = [
	"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
	"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
];
const plain = buildImage({
	layers: [{ tar: [osRelease, dpkgStatus("curl@7")] }, { tar: [npmPackage("a@1.0.0")], createdBy: "COPY a" }],
});
const [bottom, top] = plain.layers.map(({ descriptor }) => descriptor.digest);
if (!bottom || !top) throw new Error("two layers are needed");

let registry: FakeRegistry;
beforeEach(async () => {
	registry = await startFakeRegistry();
});
afterEach(() => registry.close());

function push(image: BuiltImage, missing?: string): void {
	const stored = ({ mediaType, digest }: BuiltImage["manifest"]) => ({
		mediaType,
		digest,
		bytes: image.blobs.get(digest) ?? Buffer.alloc(0),
	});
	const layers = image.layers.map(({ descriptor }) => descriptor).filter(({ digest }) => digest !== missing);
	registry.push(
		"shop/web",
		{ manifest: stored(image.manifest), config: stored(image.config), layers: layers.map(stored) },
		"1",
	);
}

async function scanPushed(more: Parameters<typeof scanDeps>[1] = {}) {
	const deps = scanDeps(store, more);
	const target = await openTarget(`${registry.host}/shop/web:1`, {
		registry: () => ({ fetch, credentials: anonymous, insecure: true, mirrors: [] }),
		signal: deps.signal,
	});
	return { report: await scan(target, all, deps), events: deps.events };
}

function expectPartial(report: Report, mediaType: string): void {
	expect(report.status).toBe("partial");
	const message = expect.stringContaining(`is a foreign one (${mediaType})`);
	expect(report.warnings[0]).toEqual({ code: "layer_type_unsupported", layer: 0, message });
	expect(report.findings.map(({ origin }) => origin.layer)).toEqual([{ index: 1, digest: top, createdBy: "COPY a" }]);
}

describe.each(foreignTypes)("%s", (mediaType) => {
	const image = withManifest(plain, [{ mediaType, urls: ["http://127.0.0.1:1/never-followed"] }]);

	test("is a warning when the registry does not have it", async () => {
		push(image, bottom);
		const { report, events } = await scanPushed();
		expectPartial(report, mediaType);
		const bytes = events.filter((event) => event.type === "bytes");
		expect(bytes.at(-1)?.done).toBe(bytes.at(-1)?.total);
		expect(events.filter((event) => event.type === "layer" && event.state === "done")).toHaveLength(2);
		expect(registry.violations).toEqual([]);
	});

	test("is read when the registry has it", async () => {
		push(image);
		const { report } = await scanPushed();
		expect([report.status, report.packageCount]).toEqual(["complete", 2]);
	});

	test("is a warning when a layout does not have it, also in an index", async () => {
		const { target } = await openLayout(contentOf(image), [bottom]);
		expectPartial(await scan(target, all, scanDeps(store)), mediaType);
		const index = await openLayout(indexOf([{ image }]), [bottom]);
		expect((await scan(index.target, all, scanDeps(store))).status).toBe("partial");
	});

	test("that is not what its digest says still fails the scan", async () => {
		push(image);
		registry.misbehave(bottom, { kind: "content", bytes: Buffer.alloc(image.layers[0]?.bytes.length ?? 0) });
		await expect(scanPushed()).rejects.toMatchObject({ code: "digest_mismatch" });
	});
});

test("an ordinary layer that the registry does not have fails the scan", async () => {
	push(plain, bottom);
	await expect(scanPushed()).rejects.toMatchObject({ code: "registry_not_found" });
});

test("a signal in the middle of a pull ends it at once", async () => {
	push(buildImage({ layers: [{ tar: [file("noise", noise(8_000_000))] }] }));
	const controller = new AbortController();
	let stopped = 0;
	const scanning = scanPushed({
		signal: controller.signal,
		onEvent: ({ type }) => {
			if (type !== "bytes" || controller.signal.aborted) return;
			stopped = performance.now();
			controller.abort();
		},
	});
	const thrown: unknown = await scanning.catch((error: unknown) => error);
	expect(thrown).toBeInstanceOf(EngineError);
	expect(thrown).toMatchObject({ code: "aborted" });
	expect(performance.now() - stopped).toBeLessThan(1000);
});
