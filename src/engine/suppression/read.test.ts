import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readIgnore, readSuppressions, readVex } from "./read.ts";
import { bytesOf, now } from "./report-fixture.ts";

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "plimsoll-suppression-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function testdata(path: string): Uint8Array {
	return readFileSync(new URL(path, import.meta.url));
}

describe("VEX is known by its content", () => {
	it.each([
		["openvex", 5],
		["csaf-vex", 5],
		["cyclonedx-vex", 6],
	])("%s", (kind, statements) => {
		expect(readVex(testdata(`${kind}/testdata/good`), "any.name").statements).toHaveLength(statements);
	});

	it("a document without a statement is named, as an SBOM given for its VEX", () => {
		for (const document of [{ bomFormat: "CycloneDX" }, { bomFormat: "CycloneDX", vulnerabilities: [{ id: "CVE-1" }] }])
			expect(readVex(bytesOf(document), "x")).toEqual({
				statements: [],
				problems: ["x: it is CycloneDX, but says of no vulnerability whether it counts."],
			});
	});

	it("may begin with a byte order mark", () => {
		const bytes = testdata("openvex/testdata/good");
		expect(readVex(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]), "x").statements).toHaveLength(5);
	});

	it.each([
		["", "it is not JSON: Unexpected end of JSON input."],
		["CVE-2026-1000\n", "it is not JSON: "],
		["[]", "it is JSON, but not an object."],
		["null", "it is JSON, but not an object."],
		["{}", "it is none of OpenVEX, CSAF, CycloneDX."],
		['{"@context":"https://example.com/ns","statements":[]}', "it is none of OpenVEX, CSAF, CycloneDX."],
		['{"@context":"https://openvex.dev/ns/v0.2.0"}', "it is OpenVEX, but has no statements."],
		['{"bomFormat":"SPDX"}', "it is none of "],
		['{"document":{"category":"csaf_vex"}}', "it is none of "],
		['\n <?xml version="1.0"?><bom/>', "it is XML; of VEX, OpenVEX, CSAF and CycloneDX are read as JSON."],
		["\xff\xfe{", "it is not JSON: "],
	])("%j is none", (text, problem) => {
		expect(() => readVex(bytesOf(text), "vex.json")).toThrow(`vex.json cannot be used: ${problem}`);
	});

	it("a document that is cut short is not half read", () => {
		for (const kind of ["openvex", "csaf-vex", "cyclonedx-vex"]) {
			const whole = testdata(`${kind}/testdata/good`);
			expect(() => readVex(whole.subarray(0, whole.length / 2), "vex.json")).toThrow("it is not JSON");
		}
	});

	it("text that is not UTF-8 is refused", () => {
		expect(() => readVex(new Uint8Array([0xff, 0xfe, 0x7b]), "x")).toThrow("x cannot be used: it is not UTF-8 text.");
	});

	it.each(["[", '{"a":'])("nesting without end is refused before it is built: %s", (open) => {
		const start = performance.now();
		expect(() => readVex(bytesOf(`{"statements":${open.repeat(5_000_000)}`), "x")).toThrow(/more than 200 levels/);
		expect(performance.now() - start).toBeLessThan(1000);
	});

	it("millions of objects are refused before they are built", () => {
		const start = performance.now();
		expect(() => readVex(bytesOf(`[${"{},".repeat(5_000_000)}{}]`), "x")).toThrow(
			"x cannot be used: its JSON has more than 2000000 objects and lists.",
		);
		expect(performance.now() - start).toBeLessThan(1000);
	});

	it("brackets in texts are no nesting", () => {
		const text = JSON.stringify({ bomFormat: "CycloneDX", x: `${"[".repeat(500)}\\"${"{".repeat(500)}` });
		expect(readVex(bytesOf(text), "x").statements).toEqual([]);
	});
});

describe("ignore files are known by content and name", () => {
	it.each([
		["ignore-file/testdata/good.yaml", "x.yaml", 3],
		["ignore-file/testdata/good.yaml", "/dev/fd/63", 3],
		["trivyignore/testdata/good.yaml", "x.yml", 4],
		["trivyignore/testdata/good.yaml", "/dev/fd/63", 4],
		["trivyignore/testdata/good", ".trivyignore", 5],
		["trivyignore/testdata/good", "/dev/fd/63", 5],
	])("%s as %s", async (path, name, statements) => {
		expect((await readIgnore(testdata(path), name, now)).statements).toHaveLength(statements);
	});

	it.each([
		["- id: CVE-1\n", "x", 'line 1: it is not a map with "version: 1" and a list "ignore".'],
		["---\nfoo: 1\n", "x", 'line 2: unknown field "foo": known are version, ignore; line 2: "version: 1" is missing'],
		["ignore:\nvulnerabilities:\n", "x", 'line 1: "version: 1" is missing'],
		['{"@context":"https://openvex.dev/ns"}', "x", "it is JSON, not an ignore file; VEX is given by --vex."],
		["CVE-2026-1000\n", "x.yaml", 'line 1: it is not a map with "version: 1" and a list "ignore".'],
		["", "x.yaml", "line 1: it is empty"],
		["a: [", "x.yaml", "line 1: it is not YAML: unexpected end of the stream within a flow collection."],
	])("%j as %s is none", async (text, name, problem) => {
		await expect(readIgnore(bytesOf(text), name, now)).rejects.toThrow(`${name} cannot be used: ${problem}`);
	});

	it("Trivy's may be empty", async () => {
		for (const name of [".trivyignore.yaml", "a/.trivyignore.yml", ".trivyignore"])
			expect(await readIgnore(bytesOf("# nothing\n"), name, now)).toEqual({ statements: [], problems: [] });
	});

	it("a file of blank lines is looked through once", async () => {
		const start = performance.now();
		await readIgnore(bytesOf(`${"\n".repeat(2_000_000)}${" ".repeat(2_000_000)}`), "x", now);
		expect(performance.now() - start).toBeLessThan(2000);
	});
});

describe("files", () => {
	const empty = { vex: [], ignore: [] };

	it("are read in their order, each once", async () => {
		const vex = join(folder, "vex.json");
		const ignore = join(folder, "ignore.yaml");
		writeFileSync(vex, testdata("openvex/testdata/good"));
		writeFileSync(ignore, testdata("ignore-file/testdata/good.yaml"));
		const { statements } = await readSuppressions({ vex: [vex, vex], ignore: [ignore] }, now);
		expect(statements.map(({ file }) => file)).toEqual([vex, vex, vex, vex, vex, ignore, ignore, ignore]);
		expect(await readSuppressions(empty, now)).toEqual({ statements: [], problems: [] });
	});

	it.each(["vex", "ignore"])("that are not there are wrong input: --%s", async (kind) => {
		const path = join(folder, "missing");
		await expect(readSuppressions({ ...empty, [kind]: [path] }, now)).rejects.toMatchObject({
			code: "suppression_malformed",
			message: `${path} cannot be used: there is no such file.`,
			hint: "Correct the file, or leave it out.",
		});
		await expect(readSuppressions({ ...empty, [kind]: [folder] }, now)).rejects.toThrow("it cannot be read: EISDIR");
	});

	it("that are too large are not read to their end", async () => {
		await expect(readSuppressions({ ...empty, vex: ["/dev/zero"] }, now)).rejects.toThrow(
			"/dev/zero cannot be used: it is larger than 32 MB.",
		);
		await expect(readSuppressions({ ...empty, ignore: ["/dev/zero"] }, now)).rejects.toThrow("it is larger than 4 MB.");
	});

	it("may be pipes", async () => {
		const pipe = join(folder, "pipe");
		expect(spawnSync("mkfifo", [pipe]).status).toBe(0);
		const [read] = await Promise.all([
			readSuppressions({ ...empty, ignore: [pipe] }, now),
			import("node:fs/promises").then(({ writeFile }) => writeFile(pipe, "CVE-2026-1000\n")),
		]);
		expect(read.statements).toMatchObject([{ file: pipe, vulnerabilities: ["CVE-2026-1000"] }]);
	});
});
