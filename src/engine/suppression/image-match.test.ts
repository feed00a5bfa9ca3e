import { describe, expect, it } from "vitest";
import { type ImageMatch, identityOf, matchesImage, readImageName } from "./image-match.ts";
import { readPurl } from "./purl.ts";
import { digestA, digestB, digestIndex, imageReport } from "./report-fixture.ts";

const web = identityOf(imageReport([]), digestIndex);
const nginx = identityOf(imageReport([], { name: "docker.io/library/nginx:1.27" }));
const archive = identityOf(imageReport([], { name: "oci-archive:web.tar" }));

function byPurl(text: string): ImageMatch {
	const purl = readPurl(text);
	if (!purl) throw new Error(`${text} is no package URL`);
	return { kind: "purl", purl };
}

describe("pkg:oci", () => {
	it.each([
		["pkg:oci/web", true],
		["pkg:oci/WEB", true],
		["pkg:oci/api", false],
		["pkg:oci/shop", false],
		["pkg:oci/web?repository_url=registry.example/shop/web", true],
		["pkg:oci/web?repository_url=registry.example%2Fshop", true],
		["pkg:oci/web?repository_url=https://registry.example/shop/web/", true],
		["pkg:oci/web?repository_url=registry.example", false],
		["pkg:oci/web?repository_url=other.example/shop/web", false],
		["pkg:oci/api?repository_url=registry.example/shop/web", false],
		["pkg:oci/web?tag=1.2", true],
		["pkg:oci/web?tag=1.3", false],
		["pkg:oci/web?arch=amd64&os=linux", true],
		["pkg:oci/web?arch=arm64", false],
		["pkg:oci/web?constructor=x", false],
		["pkg:oci/web?variant=x", false],
		// The same content is the same image, wherever it lies and whatever it is called.
		[`pkg:oci/web@${digestA}`, true],
		[`pkg:oci/other@${digestA.replace(":", "%3A")}?repository_url=elsewhere.example/x/other&tag=9&arch=riscv64`, true],
		[`pkg:oci/web@${digestIndex}`, true],
		[`pkg:oci/web@${digestB}`, false],
		[`pkg:oci/web@${digestB}?repository_url=registry.example/shop/web`, false],
		["pkg:oci/web@1.2", true],
		["pkg:oci/web@1.3", false],
	])("%s", (text, expected) => {
		expect(matchesImage(byPurl(text), web)).toBe(expected);
	});

	it("names Docker Hub's images as their makers do", () => {
		for (const place of ["index.docker.io%2Flibrary%2Fnginx", "docker.io/library", "docker.io/library/nginx"])
			expect(matchesImage(byPurl(`pkg:oci/nginx?repository_url=${place}`), nginx), place).toBe(true);
	});
});

describe("pkg:docker", () => {
	it.each([
		["pkg:docker/nginx", true],
		["pkg:docker/nginx@1.27", true],
		["pkg:docker/library/nginx@1.27", true],
		["pkg:docker/nginx@1.28", false],
		["pkg:docker/other/nginx", false],
		[`pkg:docker/nginx@${digestA}`, true],
	])("%s", (text, expected) => {
		expect(matchesImage(byPurl(text), nginx)).toBe(expected);
	});

	it("is another registry's only where it says so", () => {
		expect(matchesImage(byPurl("pkg:docker/shop/web"), web)).toBe(false);
		expect(matchesImage(byPurl("pkg:docker/shop/web?repository_url=registry.example"), web)).toBe(true);
		expect(matchesImage(byPurl("pkg:docker/shop/web@1.2?repository_url=https://registry.example"), web)).toBe(true);
	});
});

describe("images named by text", () => {
	it.each([
		[digestA, true],
		[digestA.toUpperCase(), true],
		[digestB, false],
		[`anything@${digestA}`, true],
		[`registry.example/shop/web@${digestB}`, false],
		["registry.example/shop/web", true],
		["registry.example/shop/web:1.2", true],
		["registry.example/shop/web:1.3", false],
		["registry.example/shop", false],
	])("%s", (text, expected) => {
		const name = readImageName(text);
		expect(name).not.toBeNull();
		expect(name && matchesImage(name, web)).toBe(expected);
	});

	it.each(["web", "shop/web", "Acme Product", "https://example.com/web", "cpe:/a:nginx:nginx", "urn:uuid:x", ""])(
		"%s names none",
		(text) => {
			expect(readImageName(text)).toBeNull();
		},
	);
});

describe("patterns", () => {
	it.each([
		["registry.example/shop/*", true],
		["registry.example/shop/web", true],
		["registry.example/shop/web:1.*", true],
		["registry.example/**", true],
		["registry.example/*", false],
		["registry.example/shop/web:2", false],
		["**/web", true],
		["shop/web", false],
		[digestA, true],
		[`registry.example/shop/web@${digestA}`, true],
	])("%s", (pattern, expected) => {
		expect(matchesImage({ kind: "pattern", pattern }, web)).toBe(expected);
	});

	it.each(["nginx", "nginx:1.27", "library/nginx", "docker.io/library/nginx:*", "ngin*"])(
		"Docker Hub: %s",
		(pattern) => {
			expect(matchesImage({ kind: "pattern", pattern }, nginx)).toBe(true);
		},
	);
});

it("what comes from no registry has a digest and the name that it was called by", () => {
	expect(archive.reference).toBeNull();
	expect(matchesImage(byPurl("pkg:oci/oci-archive"), archive)).toBe(false);
	expect(matchesImage(byPurl(`pkg:oci/web@${digestA}`), archive)).toBe(true);
	expect(matchesImage({ kind: "pattern", pattern: "oci-archive:web.tar" }, archive)).toBe(true);
	const rootfs = identityOf(imageReport([], { name: "dir:/mnt", digest: "", platform: "" }));
	expect(rootfs.digests).toEqual([]);
	expect(matchesImage({ kind: "digest", digest: "" }, rootfs)).toBe(false);
});
