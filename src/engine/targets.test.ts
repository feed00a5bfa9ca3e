import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { EngineError } from "./errors.ts";
import { anonymous } from "./registry/auth/credentials.ts";
import { contentOf, npmPackage, tempDir, writeLayout } from "./scan-fixture.ts";
import { openTarget } from "./targets.ts";
import { buildImage, dockerSaveFiles, layoutFiles, tarOf, writeFiles } from "./testing/index.ts";

const image = buildImage({ layers: [{ tar: [npmPackage("a@1.0.0")] }] });
const other = buildImage({ layers: [{ tar: [npmPackage("b@1.0.0")] }] });
const ociTar = tarOf(layoutFiles([{ image, tag: "web" }]));
const dockerTar = tarOf(dockerSaveFiles([{ image, tags: ["shop/web:1.0"] }]));

/** Bare names are relative to the working folder; tests move into one of their own. */
let work: string;
const home = process.cwd();
beforeEach(async () => {
	work = await tempDir();
	process.chdir(work);
	await writeFile("oci.tar", ociTar);
	await writeFile("oci.tar.gz", gzipSync(ociTar));
	await writeFile("oci.tar.zst", zstdCompressSync(ociTar));
	await writeFile("docker.tar", dockerTar);
	await writeFile("docker.tgz", gzipSync(dockerTar));
	await writeFile("no-ending", dockerTar);
	await rename(await writeLayout(contentOf(image)), "layout");
	await mkdir("root/etc", { recursive: true });
});
afterEach(() => process.chdir(home));

/** `rootfs PATH`, `registry NAME`, or `image NAME` with the package that its configuration stands for. */
async function opened(text: string): Promise<string> {
	const { signal } = new AbortController();
	let registry = "";
	const target = await openTarget(text, {
		signal,
		registry: (reference) => {
			registry = `${reference.registry} ${reference.repository} ${reference.tag ?? reference.digest}`;
			return { fetch: () => Promise.reject(new Error("no")), credentials: anonymous, insecure: false, mirrors: [] };
		},
	});
	onTestFinished(() => target.close());
	if (target.kind === "sbom") return `sbom ${target.name}`;
	if (target.kind === "rootfs") return `rootfs ${target.path}, named ${target.name}`;
	if (registry !== "") return `registry ${registry}`;
	const root = JSON.parse(String((await target.source.root(signal)).bytes)) as { config: { digest: string } };
	const which = [image, other].findIndex(({ config }) => config.digest === root.config.digest);
	return `image ${which}, named ${target.name}`;
}

async function refused(text: string): Promise<EngineError> {
	const thrown: unknown = await opened(text).catch((error: unknown) => error);
	if (!(thrown instanceof EngineError)) throw new Error(`not refused: ${JSON.stringify(thrown)}`, { cause: thrown });
	expect(thrown.hint).not.toBe("");
	return thrown;
}

test.each([
	"oci-layout:layout",
	"oci-archive:oci.tar",
	"oci-archive:oci.tar:web",
	"oci-archive:oci.tar.gz",
	"oci-archive:oci.tar.zst",
	`oci-archive:oci.tar@${image.manifest.digest}`,
	"docker-archive:docker.tar",
	"docker-archive:docker.tgz",
	"docker-archive:docker.tar:shop/web:1.0",
	"docker-archive:docker.tar:1.0",
	"layout",
	"./layout",
	"./layout/",
	"oci.tar",
	"oci.tar:web",
	"oci.tar.gz",
	"./oci.tar.gz:web",
	"oci.tar.zst",
	"docker.tar",
	"docker.tgz",
	"docker.tar:shop/web:1.0",
	"no-ending",
	`./layout@${image.manifest.digest}`,
])("%s is an image on disk", async (text) => {
	expect(await opened(text)).toBe(`image 0, named ${text}`);
});

test.each([
	["root", "root"],
	["./root", "./root"],
	["dir:root", "root"],
	["dir:layout", "layout"],
	[".", "."],
])("%s is a root filesystem", async (text, path) => {
	expect(await opened(text)).toBe(`rootfs ${path}, named ${text}`);
});

test.each([
	["alpine", "docker.io library/alpine latest"],
	["layout:1.0", "docker.io library/layout 1.0"],
	["localhost:5000/shop/web:1", "localhost:5000 shop/web 1"],
	["no.such/folder", "no.such folder latest"],
	[`foo.tar@${image.manifest.digest}`, `docker.io library/foo.tar ${image.manifest.digest}`],
])("%s is a reference", async (text, reference) => {
	expect(await opened(text)).toBe(`registry ${reference}`);
});

test.each([
	["dir:nowhere", "target_not_found", /nowhere does not exist/],
	["dir:oci.tar", "target_not_found", /oci\.tar is not a folder/],
	["./nowhere", "target_not_found", /no file or folder \.\/nowhere/],
	["/nowhere/at:all", "target_not_found", /no file or folder \/nowhere\/at:all/],
	["~/image", "target_not_found", /no file or folder ~\/image/],
	["gone.tar", "target_not_found", /no file or folder gone\.tar/],
	["gone.tar.gz", "target_not_found", /gone\.tar\.gz/],
	["./root:1.0", "target_not_found", /there is no 1\.0 to choose/],
	["oci-layout:nowhere", "target_not_found", /nowhere cannot be opened/],
	["oci-archive:nowhere", "target_not_found", /nowhere cannot be opened/],
	["docker-archive:nowhere", "target_not_found", /nowhere cannot be opened/],
	["docker-archive:docker.tar:2.0", "target_not_found", /holds no such image/],
	["docker-archive:oci.tar", "image_malformed", /manifest\.json is missing/],
	["sbom:bom.json", "target_not_found", /bom.json does not exist/],
	["Upper/Case", "reference_malformed", /Upper\/Case/],
	["https://registry.example/app", "reference_malformed", /scheme/],
	["", "reference_malformed", /names no repository/],
])("%j is refused: %s", async (text, code, message) => {
	const error = await refused(text);
	expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)]);
});

describe("names with colons", () => {
	test("of a layout, an archive and a root filesystem", async () => {
		await rename("layout", "my:layout");
		await rename("oci.tar", "oci:1.0.tar");
		await rename("docker.tar", "shop_web:1.0.tar");
		await rename("root", "root:fs");
		expect(await opened("my:layout")).toBe("image 0, named my:layout");
		expect(await opened("oci-layout:my:layout")).toBe("image 0, named oci-layout:my:layout");
		expect(await opened("oci:1.0.tar")).toBe("image 0, named oci:1.0.tar");
		expect(await opened("oci-archive:oci:1.0.tar:web")).toBe("image 0, named oci-archive:oci:1.0.tar:web");
		expect(await opened("./shop_web:1.0.tar:shop/web:1.0")).toBe("image 0, named ./shop_web:1.0.tar:shop/web:1.0");
		expect(await opened("dir:root:fs")).toBe("rootfs root:fs, named dir:root:fs");
		expect(await opened("./root:fs")).toBe("rootfs ./root:fs, named ./root:fs");
	});

	test("a path that exists is the whole path, also where a tag would fit", async () => {
		await writeFiles(
			"tagged",
			layoutFiles([
				{ image, tag: "1" },
				{ image: other, tag: "2" },
			]),
		);
		await writeFiles("tagged:2", layoutFiles([{ image, tag: "1" }]));
		expect(await opened("./tagged:2")).toBe("image 0, named ./tagged:2");
		expect(await opened("oci-layout:tagged:2")).toBe("image 0, named oci-layout:tagged:2");
	});

	test("a tag chooses among the images of a layout", async () => {
		await writeFiles(
			"tagged",
			layoutFiles([
				{ image, tag: "1" },
				{ image: other, tag: "2" },
			]),
		);
		expect(await opened("oci-layout:tagged:2")).toBe("image 1, named oci-layout:tagged:2");
		expect(await opened("./tagged:1")).toBe("image 0, named ./tagged:1");
		expect((await refused("oci-layout:tagged")).hint).toMatch(/PATH:TAG.*1, 2/);
		expect((await refused("oci-layout:tagged:3")).code).toBe("target_not_found");
	});
});

test("a folder is what its name says, although a reference would fit", async () => {
	await mkdir(join("library", "alpine"), { recursive: true });
	expect(await opened("library/alpine")).toBe("rootfs library/alpine, named library/alpine");
});

test("a docker-save archive that is broken is told of as such", async () => {
	await writeFile("file", tarOf(new Map([["manifest.json", Buffer.from("{")]])));
	const error = await refused("./file");
	expect([error.code, error.message]).toEqual(["image_malformed", expect.stringContaining("manifest.json is no JSON")]);
});

test.each([
	["a text", Buffer.from("no archive\n".repeat(100))],
	["nothing", Buffer.alloc(0)],
	["a tar of other files", tarOf(new Map([["etc/os-release", Buffer.from("ID=debian\n")]]))],
	["a packed tar of other files", gzipSync(tarOf(new Map([["etc/os-release", Buffer.from("ID=debian\n")]])))],
])("%s is neither kind of archive, and the message says so", async (_what, bytes) => {
	await writeFile("file", bytes);
	const error = await refused("./file");
	expect([error.code, error.message]).toEqual([
		"target_unrecognised",
		"./file is neither a docker-save archive nor an OCI image archive.",
	]);
});
