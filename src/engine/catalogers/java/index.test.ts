import { Buffer } from "node:buffer";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBufferPromise } from "yauzl";
import { runCataloger, testdata } from "../testing.ts";
import { java } from "./index.ts";
import { buildZip, pomProperties, realZip, type TestEntry } from "./zip-fixture.ts";

const path = "app/shop.jar";

function read(bytes: Uint8Array, chunk = 4096, at = path) {
	const { packages, warnings } = runCataloger(java, { path: at, bytes, chunk });
	for (const pkg of packages) expect(pkg.type).toBe("maven");
	for (const warning of warnings) expect(warning).toMatchObject({ code: "package_file_malformed", path: at });
	return {
		names: packages.map((pkg) => `${pkg.path.slice(at.length)} ${pkg.name}@${pkg.version}`.trim()),
		warnings: warnings.map(({ message }) => message),
	};
}

const own = pomProperties("org.example", "shop", "1.0.0");
const shaded = pomProperties("com.example", "dep", "0.9");
const both = ["org.example:shop@1.0.0", "com.example:dep@0.9"];
const clean = (names: readonly string[]) => ({ names, warnings: [] });

describe("java", () => {
	it.each([
		["app/a.jar", true],
		["app/ROOT.WAR", true],
		["a.ear", true],
		["a.Par", true],
		["var/jenkins_home/plugins/git.jpi", true],
		["var/jenkins_home/plugins/git.hpi", true],
		["app/a.jar.txt", false],
		["app/jar", false],
		["app/a.zip", false],
	])("wants %s: %s", (file, wanted) => {
		expect(java.wants({ path: file, size: 1, mode: 0o644 })).toBe(wanted);
	});

	it("reads the good file: its own artifact, a shaded one, one in a nested archive", () => {
		for (const chunk of [1, 7, 64, 4096]) {
			expect(read(testdata(import.meta.url, "good"), chunk, "app/good.jar")).toEqual(
				clean([
					"org.example:good@1.0.0",
					"com.example:shaded@0.9",
					"/BOOT-INF/lib/inner-2.0.0.jar org.example:inner@2.0.0",
				]),
			);
		}
	});

	it("finds nothing in an empty file, nor in one that only has the name", () => {
		expect(read(testdata(import.meta.url, "empty"))).toEqual(clean([]));
		for (const text of ["<html>404</html>", "PK", "PK\x03\x04", "version https://git-lfs.example/spec/v1\n"])
			expect(read(Buffer.from(text), 3)).toEqual(clean([]));
	});

	it("reads what there is of a truncated file, and says that it is not all", () => {
		const { names, warnings } = read(testdata(import.meta.url, "truncated"), 100, "app/good.jar");
		expect(names).toContain("com.example:shaded@0.9");
		expect(warnings).toEqual([expect.stringContaining("the directory at its end is missing")]);
	});

	it("believes the directory of a hostile file, and names everything in it that cannot be read", () => {
		for (const chunk of [1, 50, 4096]) {
			const { names, warnings } = read(testdata(import.meta.url, "hostile"), chunk, "app/real.jar");
			expect(names).toEqual(["org.example:real@1.0.0", "/etc/x.jar org.example:escaped@1.0.0"]);
			expect(warnings).toEqual([
				"The Java archive cannot be read in full, so packages in it may be missing: META-INF/maven/org.example/absent/pom.properties is not where the directory says (and 4 more).",
			]);
		}
	});
});

describe("java, forms of archives", () => {
	const forms: readonly [string, readonly TestEntry[], Parameters<typeof buildZip>[1]][] = [
		["stored", [own, shaded], {}],
		["deflated", [own, shaded].map((one) => ({ ...one, deflate: true })), {}],
		["with data descriptors", [own, shaded].map((one) => ({ ...one, deflate: true, descriptor: "32" as const })), {}],
		["with wide data descriptors", [own, shaded].map((one) => ({ ...one, descriptor: "64" as const })), {}],
		[
			"with data descriptors that have no signature",
			[own, shaded].map((one) => ({ ...one, deflate: true, descriptor: "without signature" as const })),
			{},
		],
		["in ZIP64", [own, shaded], { zip64: true }],
		["behind a script", [own, shaded], { prefix: "#!/bin/sh\nexec java -jar $0; exit PK\x03\x04 PK\x05\x06\n" }],
		["with a comment", [own, shaded], { comment: "a comment PK\x05\x06" }],
		["with bytes before the directory", [own, shaded], { gap: Buffer.from("APK Sig Block 42") }],
		["with two entries of one name", [own, own, shaded], {}],
	];

	it.each(forms)("reads one that is %s", (_, entries, archive) => {
		const bytes = buildZip(entries, archive);
		for (const chunk of [1, 13, 4096]) expect(read(bytes, chunk)).toEqual(clean(both));
		expect(read(Buffer.concat([bytes, Buffer.from("bytes behind the end")]))).toEqual(clean(both));
	});

	it("reads one behind a script whose offsets count the script", () => {
		const inner = buildZip([own, shaded]);
		const script = Buffer.from("#!/bin/sh\n");
		const moved = Buffer.from(inner);
		const end = moved.indexOf("PK\x05\x06");
		moved.writeUInt32LE(moved.readUInt32LE(end + 16) + script.length, end + 16);
		for (let at = moved.indexOf("PK\x01\x02"); at >= 0; at = moved.indexOf("PK\x01\x02", at + 1))
			moved.writeUInt32LE(moved.readUInt32LE(at + 42) + script.length, at + 42);
		expect(read(Buffer.concat([script, moved]))).toEqual(clean(both));
	});

	it.each([
		["stored", {}],
		["deflated", { deflate: true }],
		["deflated, the size behind it", { deflate: true, descriptor: "32" as const }],
		["stored, the size behind it", { descriptor: "32" as const }],
		["stored, the size behind it in 64 bits", { descriptor: "64" as const }],
	])("reads archives in archives in archives (%s)", (_, form) => {
		const library = buildZip([{ ...shaded, deflate: true, descriptor: "32" }]);
		const war = buildZip([
			{ name: "WEB-INF/lib/dep-0.9.jar", data: library, ...form },
			{ ...own, deflate: true },
		]);
		const ear = buildZip([{ name: "shop.war", data: war, ...form }]);
		for (const chunk of [1, 50, 4096]) {
			expect(read(ear, chunk, "opt/shop.ear")).toEqual(
				clean(["/shop.war org.example:shop@1.0.0", "/shop.war/WEB-INF/lib/dep-0.9.jar com.example:dep@0.9"]),
			);
		}
	});

	it("is not led astray by an archive that lies in it as a resource", () => {
		const resource = buildZip([pomProperties("org.example", "resource", "1.0.0")]);
		expect(read(buildZip([own, { name: "demo.zip", data: resource }, shaded]))).toEqual(clean(both));
		expect(read(buildZip([own, shaded], { comment: buildZip([own]).subarray(0, -1) }))).toEqual(clean(both));
	});

	it("does not let a decoy hide what lies behind it without saying so", () => {
		const decoy = { name: "decoy.jar", data: "", localSize: 1_000_000, only: "local" as const };
		const { names, warnings } = read(buildZip([own, decoy, shaded]));
		expect(names).toContain("org.example:shop@1.0.0");
		expect(warnings).toHaveLength(1);
		const harmless = { name: "decoy.txt", data: "", localSize: 1_000_000, only: "local" as const };
		expect(read(buildZip([own, harmless, shaded]))).toEqual(clean(both));
	});

	it("reads what yazl writes, as yauzl does", { timeout: 60_000 }, async () => {
		const name = fc.constantFrom("g", "org.example", "a-b");
		const entry = fc.record({
			group: name,
			artifact: name,
			version: fc.constantFrom("1", "2.0"),
			compress: fc.boolean(),
			streamed: fc.boolean(),
			noise: fc.uint8Array({ maxLength: 300 }),
		});
		const law = fc.asyncProperty(
			fc.array(entry, { maxLength: 5 }),
			fc.boolean(),
			fc.integer({ min: 1, max: 600 }),
			async (entries, forceZip64Format, chunk) => {
				const files = entries.flatMap(({ group, artifact, version, noise, ...form }, i) => [
					{ name: `${i}.bin`, data: noise, ...form },
					{ ...pomProperties(group, artifact, version), ...form },
				]);
				const bytes = await realZip(files, { forceZip64Format });
				const listed = await listByYauzl(bytes);
				const { names, warnings } = read(bytes, chunk, "app/x.jar");
				expect(warnings).toEqual([]);
				expect(new Set(names.map((one) => one.split("@")[0]))).toEqual(new Set(listed));
			},
		);
		await fc.assert(law, { numRuns: 200 });
	});
});

/** `group:artifact` of every pom.properties in the directory, by another reader. */
async function listByYauzl(bytes: Buffer): Promise<readonly string[]> {
	const zip = await fromBufferPromise(bytes);
	const names: string[] = [];
	for await (const { fileName } of zip.eachEntry()) names.push(fileName);
	return names.flatMap((name) => {
		const [, group, artifact] = /META-INF\/maven\/([^/]+)\/([^/]+)\/pom\.properties$/.exec(name) ?? [];
		return group === undefined ? [] : [`${group}:${artifact}`];
	});
}

/** Bytes without a pattern, each KiB of them so many times. */
function noise(length: number, times: number): Uint8Array {
	const bytes = new Uint8Array(length);
	let state = 1;
	for (let at = 0; at < length; at += 1024 * times) {
		for (let i = at; i < Math.min(length, at + 1024); i++) {
			state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
			bytes[i] = state >>> 24;
		}
		for (let copy = 1; copy < times; copy++) bytes.copyWithin(at + copy * 1024, at, at + 1024);
	}
	return bytes;
}

describe("java, limits", () => {
	it.each([
		["does not compress", 9, 1],
		["compresses by ten", 36, 10],
	])("reads a large nested archive that %s", { timeout: 30_000 }, (_, mebibytes, times) => {
		const bulk = { name: "bulk.bin", data: noise(mebibytes * 1024 * 1024, times) };
		const inner = buildZip([bulk, shaded]);
		const outer = buildZip([{ name: "lib/dep.jar", data: inner, deflate: true }, own]);
		expect(outer.length * times).toBeGreaterThan(8 * 1024 * 1024);
		expect(read(outer, 65_536)).toEqual(clean(["org.example:shop@1.0.0", "/lib/dep.jar com.example:dep@0.9"]));
	});

	it.each([
		["a nested archive of nothing but zeros", "lib/a.jar", "inflates to a suspicious size"],
		["a manifest of nothing but zeros", "META-INF/MANIFEST.MF", "is larger than a file of its kind can be"],
	])("gives up on %s, and reads the rest", { timeout: 30_000 }, (_, name, fault) => {
		const bomb = { name, data: Buffer.alloc(100 * 1024 * 1024), deflate: true };
		const { names, warnings } = read(buildZip([bomb, own, shaded]), 65_536);
		expect(names).toEqual(both);
		expect(warnings).toEqual([expect.stringContaining(`${name} ${fault}`)]);
	});

	it("gives up on archives that are nested too deep", () => {
		let bytes = buildZip([shaded]);
		for (let i = 0; i < 10; i++) bytes = buildZip([{ name: "a.jar", data: bytes, deflate: true }, own]);
		const { names, warnings } = read(bytes);
		expect(names).toHaveLength(6);
		expect(warnings).toEqual([expect.stringContaining("nested deeper than is read")]);
	});

	it("gives up on more nested archives than anybody needs, in time", { timeout: 30_000 }, () => {
		const inner = buildZip([{ name: "x", data: "" }]);
		const entries = Array.from({ length: 20_100 }, (_, i) => ({ name: `${i}.jar`, data: inner }));
		const { warnings } = read(buildZip(entries), 65_536);
		expect(warnings).toEqual([expect.stringContaining("lists more than is read")]);
	});

	it("does not read names that are no paths", () => {
		const { names, warnings } = read(buildZip([{ name: `${"x".repeat(5000)}.jar`, data: "" }, own]));
		expect(names).toEqual(["org.example:shop@1.0.0"]);
		expect(warnings).toHaveLength(1);
	});

	it("never throws, whatever is broken", () => {
		const good = [
			testdata(import.meta.url, "good"),
			testdata(import.meta.url, "hostile"),
			buildZip([{ ...own, deflate: true }], { zip64: true }),
		];
		const changes = fc.array(fc.tuple(fc.nat(2600), fc.nat(255)), { maxLength: 20 });
		fc.assert(
			fc.property(fc.constantFrom(...good), changes, fc.nat(2600), (file, places, length) => {
				const bytes = Buffer.from(file);
				for (const [at, value] of places) if (at < bytes.length) bytes[at] = value;
				for (const name of read(bytes.subarray(0, length), 333).names)
					expect(name).toMatch(/^(?:\/[^\x00-\x1f\x7f]* )?[\x21-\x7e]+$/);
			}),
			{ numRuns: 500 },
		);
	});
});

/** Debian's Maven, built by itself: real archives. CI must have it. */
const folder = "/usr/share/java";
const mayRun = existsSync(join(folder, "maven3-artifact.jar")) || process.env["CI"] !== undefined;

describe.skipIf(!mayRun)(`java, real archives (skipped without libmaven3-core-java)`, () => {
	it("finds the artifact of each jar of Maven, and all that yauzl finds", async () => {
		const jars = readdirSync(folder).filter((name) => /^maven3-[a-z-]+\.jar$/.test(name));
		expect(jars).toContain("maven3-artifact.jar");
		for (const jar of jars) {
			const bytes = readFileSync(join(folder, jar));
			const { names, warnings } = read(bytes, 65_536, `usr/share/java/${jar}`);
			expect(warnings).toEqual([]);
			expect(names.map((name) => name.split("@")[0])).toEqual(await listByYauzl(bytes));
		}
		const artifact = read(readFileSync(join(folder, "maven3-artifact.jar")), 4096, "a/maven3-artifact.jar").names;
		expect(artifact).toEqual([expect.stringMatching(/^org\.apache\.maven:maven-artifact@3\.\d+\.\d+$/)]);
	});
});
