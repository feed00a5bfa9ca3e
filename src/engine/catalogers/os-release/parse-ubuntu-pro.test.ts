import { describe, expect, it } from "vitest";
import { assertSurvivesMutations } from "../mutations-fixture.ts";
import { runCataloger, utf8 } from "../testing.ts";
import { osRelease } from "./index.ts";
import { proStatusPath } from "./parse-ubuntu-pro.ts";

function read(content: string | Uint8Array) {
	const bytes = typeof content === "string" ? utf8(content) : content;
	return runCataloger(osRelease, { path: proStatusPath, bytes, chunk: 13 });
}

function state(...services: readonly (readonly [name: string, status?: string])[]): string {
	return JSON.stringify({
		_schema_version: "0.1",
		attached: true,
		expires: "2027-03-01T00:00:00+00:00",
		services: services.map(([name, status]) => ({ name, entitled: "yes", ...(status ? { status } : {}) })),
	});
}

describe("Ubuntu Pro's state", () => {
	it.each([
		["both services", state(["esm-apps", "enabled"], ["esm-infra", "enabled"], ["livepatch", "warning"])],
		["infra alone", state(["livepatch", "disabled"], ["esm-infra", "enabled"])],
		["apps alone", state(["esm-apps", "enabled"], ["esm-infra", "disabled"])],
	])("tells that ESM is on: %s", (_, text) => {
		expect(read(text)).toEqual({
			packages: [],
			os: { source: "ubuntu-advantage", path: proStatusPath, id: "ubuntu", versionId: "", extended: "esm" },
			warnings: [],
		});
	});

	it.each([
		["not attached", state(["esm-apps"], ["esm-infra"], ["livepatch"])],
		["switched off", state(["esm-infra", "disabled"], ["esm-apps", "n/a"])],
		["another service is on", state(["livepatch", "enabled"], ["fips", "enabled"])],
		["no service", state()],
		["odd services", '{"services":[null,7,"esm-infra",["esm-infra","enabled"],{"name":"esm-infra","status":true}]}'],
		["empty", ""],
	])("says nothing: %s", (_, text) => {
		expect(read(text)).toEqual({ packages: [], warnings: [] });
	});

	it.each([
		["truncated", state(["esm-infra", "enabled"]).slice(0, -9)],
		["no object", "[]"],
		["null", "null"],
		["no list of services", '{"services":{"esm-infra":"enabled"}}'],
		["deep", "[".repeat(200_000)],
		["UTF-16", Uint8Array.from(Buffer.from(`\ufeff${state(["esm-infra", "enabled"])}`, "utf16le"))],
	])("is a warning when it cannot be read: %s", (_, content) => {
		const { os, warnings } = read(content);
		expect(os).toBeUndefined();
		expect(warnings).toMatchObject([{ code: "package_file_malformed", path: proStatusPath }]);
		expect(warnings[0]?.message).toContain("judged as if they were not");
	});

	it("never throws on damaged files, and says ESM or a warning or nothing", () => {
		assertSurvivesMutations(utf8(state(["esm-apps", "enabled"], ["esm-infra", "enabled"])), (damaged) => {
			const { os, warnings } = read(damaged);
			expect([undefined, "esm"]).toContain(os?.extended);
			for (const { code } of warnings) expect(code).toBe("package_file_malformed");
		});
	});
});
