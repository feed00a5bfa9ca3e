import { describe, expect, it } from "vitest";
import { cleanReport } from "../testing/reports/sample-reports.ts";
import { imageNameOf, imagePurl } from "./image-name.ts";

const digest = `sha256:${"a".repeat(64)}`;

describe("imageNameOf", () => {
	it.each([
		["debian", "docker.io", "library/debian", ""],
		["debian:12-slim", "docker.io", "library/debian", "12-slim"],
		["shop/web:1", "docker.io", "shop/web", "1"],
		["registry.example/shop/web:1.4.2", "registry.example", "shop/web", "1.4.2"],
		["localhost/web", "localhost", "web", ""],
		["localhost:5000/web:1", "localhost:5000", "web", "1"],
		[`registry.example/web@${digest}`, "registry.example", "web", ""],
		[`registry.example/web:1@${digest}`, "registry.example", "web", "1"],
		["[::1]:5000/web", "[::1]:5000", "web", ""],
	])("%s", (text, registry, repository, tag) => {
		expect(imageNameOf(text)).toEqual({ registry, repository, tag });
	});

	it.each([
		"oci-archive:/tmp/web.tar",
		"oci-layout:web:1",
		"docker-archive:web.tar",
		"dir:/srv/root",
		"sbom:web.cdx.json",
		"./web",
		"web.tar",
		"images/web.tar.gz",
		"/srv/web",
		"Registry.example/Web",
		"",
		"a".repeat(5000),
	])("%s is a file or no name", (text) => {
		expect(imageNameOf(text)).toBeNull();
	});
});

describe("imagePurl", () => {
	it("is what the specification's examples are", () => {
		const report = { ...cleanReport, artifact: { ...cleanReport.artifact, digest } };
		expect(imagePurl(report, "debian:12")).toBe(
			`pkg:oci/debian@sha256%3A${"a".repeat(64)}?arch=amd64&repository_url=docker.io%2Flibrary%2Fdebian&tag=12`,
		);
		expect(imagePurl({ ...report, artifact: { ...report.artifact, digest: "" } }, "debian:12")).toBeNull();
		expect(imagePurl(report, "dir:/srv")).toBeNull();
	});
});
