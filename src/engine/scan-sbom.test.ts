import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { scan } from "./scan.ts";
import { advisories, all, scanDeps } from "./scan-fixture.ts";
import { openTarget } from "./targets.ts";

const folder = mkdtempSync(join(tmpdir(), "plimsoll-sbom-"));
afterAll(() => rmSync(folder, { recursive: true }));

const digest = `sha256:${"a".repeat(64)}`;

const bom = {
	bomFormat: "CycloneDX",
	specVersion: "1.6",
	metadata: {
		component: {
			"bom-ref": "image",
			type: "container",
			name: "shop/web",
			purl: `pkg:oci/web@${digest.replace(":", "%3A")}`,
		},
	},
	components: [
		{ "bom-ref": "os", type: "operating-system", name: "debian", version: "12.7" },
		{
			"bom-ref": "curl",
			type: "library",
			name: "curl",
			version: "7.1-1",
			purl: "pkg:deb/debian/curl@7.1-1?distro=debian-12.7&upstream=curl",
		},
		{ "bom-ref": "express", type: "library", name: "express", version: "4.17.1", purl: "pkg:npm/express@4.17.1" },
		{ "bom-ref": "qs", type: "library", name: "qs", version: "6.7.0", purl: "pkg:npm/qs@6.7.0" },
	],
	dependencies: [{ ref: "express", dependsOn: ["qs"] }],
};

function write(name: string, content: unknown): string {
	const path = join(folder, name);
	writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
	return path;
}

function open(text: string) {
	const registry = () => {
		throw new Error("no registry in this test");
	};
	return openTarget(text, { registry, signal: new AbortController().signal });
}

describe("an SBOM", () => {
	it.each(["sbom:", ""])("named %j and its path is judged like the image that it describes", async (scheme) => {
		const target = await open(`${scheme}${write("bom.cdx.json", bom)}`);
		const store = advisories("Debian:12 curl <8", "npm qs <6.7.3");
		const report = await scan(target, all, scanDeps(store));
		expect(report).toMatchObject({
			kind: "image",
			status: "complete",
			artifact: { digest, os: { id: "debian", versionId: "12.7", eol: expect.stringMatching(/^\d{4}-/) } },
			packageCount: 3,
			judgedCount: 3,
		});
		expect(
			report.findings.map(({ package: { name }, fixedVersion, origin }) => [name, fixedVersion, origin.parents]),
		).toEqual([
			["curl", "8", []],
			["qs", "6.7.3", ["express@4.17.1"]],
		]);
	});

	it("with a component of an unknown kind is not complete", async () => {
		const odd = {
			...bom,
			components: [...bom.components, { type: "library", name: "x", version: "1", purl: "pkg:brew/x@1" }],
		};
		const report = await scan(await open(`sbom:${write("odd.json", odd)}`), all, scanDeps(advisories()));
		expect(report.status).toBe("partial");
		expect(report.warnings.map(({ code }) => code)).toContain("sbom_component_unread");
	});

	it.each<[string, string, string]>([
		["there is none", "sbom:/nowhere/bom.json", "target_not_found"],
		["it is a folder", `sbom:${folder}`, "target_not_found"],
		["it is broken", `sbom:${write("broken.json", "{")}`, "target_unrecognised"],
		["it is something else", `sbom:${write("other.json", { name: "app" })}`, "target_unrecognised"],
		["it is empty", `sbom:${write("empty.json", "")}`, "target_unrecognised"],
	])("is refused with a reason when %s", async (_, text, code) => {
		await expect(open(text)).rejects.toMatchObject({ code });
	});
});
