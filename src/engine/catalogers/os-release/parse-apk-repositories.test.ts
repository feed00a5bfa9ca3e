import { describe, expect, it } from "vitest";
import type { OsFact } from "../types.ts";
import { parseApkRepositories, repositoriesPath } from "./parse-apk-repositories.ts";
import { resolveOs } from "./resolve.ts";

const mirror = "https://mirror.example.org";

describe("etc/apk/repositories", () => {
	it.each([
		["one release", `${mirror}/alpine/v3.19/main\n${mirror}/alpine/v3.19/community\n`, "3.19"],
		["the highest of several, by number", `${mirror}/alpine/v3.9/main\n${mirror}/alpine/v3.10/main\n`, "3.10"],
		["edge above all", `${mirror}/alpine/v3.19/main\n${mirror}/alpine/edge/main\n`, "edge"],
		["tagged lines do not count", `${mirror}/alpine/v3.19/main\n@edge ${mirror}/alpine/edge/testing\n`, "3.19"],
		["nor do comments", `# ${mirror}/alpine/edge/main\n${mirror}/alpine/v3.19/main\r\n`, "3.19"],
		["nor other distributions", `${mirror}/os\nhttps://packages.example.org/wolfi/v9.9/main\n`, null],
		["nothing", "", null],
	])("%s", (_what, text, release) => {
		expect(parseApkRepositories(text, repositoriesPath)?.versionId ?? null).toBe(release);
	});
});

describe("the release that packages are judged by", () => {
	const named = (id: string, versionId: string): OsFact => ({
		source: "os-release",
		path: "etc/os-release",
		id,
		versionId,
	});
	const from = (versionId: string): OsFact => ({
		source: "apk-repositories",
		path: repositoriesPath,
		id: "alpine",
		versionId,
	});

	it("is what the release files say when the repositories agree", () => {
		const { os, warnings } = resolveOs([named("alpine", "3.19.1"), from("3.19")]);
		expect(os?.versionId).toBe("3.19.1");
		expect(warnings).toEqual([]);
	});

	it.each(["3.20", "3.1", "edge"])("is that of the repositories when they are of %s, and said so", (release) => {
		const { os, warnings } = resolveOs([named("alpine", "3.19.1"), from(release)]);
		expect(os?.versionId).toBe(release);
		expect(warnings).toMatchObject([{ code: "os_ambiguous", path: repositoriesPath }]);
		expect(warnings[0]?.message).toContain(`say alpine 3.19.1, but packages come from the repositories of ${release}`);
	});

	it("is not touched for a relative of Alpine, and repositories alone name no system", () => {
		expect(resolveOs([named("wolfi", "20230201"), from("3.19")])).toMatchObject({
			os: { id: "wolfi", versionId: "20230201" },
		});
		expect(resolveOs([from("3.19")])).toEqual({ os: null, warnings: [] });
	});
});
