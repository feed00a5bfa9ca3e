import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCataloger } from "../testing.ts";
import { goBinary } from "./index.ts";

function read(path: string, chunk: number) {
	const { packages, warnings } = runCataloger(goBinary, { path, bytes: readFileSync(path), mode: 0o755, chunk });
	expect(warnings).toEqual([]);
	return packages.map(({ name, version }) => `${name}@${version}`);
}

function hasGo(): boolean {
	try {
		execFileSync("go", ["version"], { stdio: "ignore" });
		return true;
	} catch {
		return false;
	}
}

/** Debian's docker-registry is built with modules vendored away: only the version of Go is in it. */
const registry = "/usr/bin/docker-registry";
const mustHaveRegistry = process.env["CI"] !== undefined;

describe.skipIf(!mustHaveRegistry && !existsSync(registry))(`a packaged Go program (${registry})`, () => {
	it.each([4099, 262144])("is read in chunks of %i", (chunk) => {
		expect(read(registry, chunk)[0]).toMatch(/^stdlib@v1\.\d+\.\d+$/);
	});
});

/** The program needs nothing but what is built here, so that the test works without a network. */
const files: Readonly<Record<string, string>> = {
	"tool/go.mod":
		"module example.com/tool\n\ngo 1.18\n\nrequire example.com/dep v1.2.3\n\nreplace example.com/dep => ../dep\n",
	"tool/main.go":
		'package main\n\nimport "example.com/dep"\n\nvar version = "dev"\n\nfunc main() { println(version, dep.Text()) }\n',
	"dep/go.mod": "module example.com/dep\n\ngo 1.18\n",
	"dep/dep.go": 'package dep\n\nfunc Text() string { return "\\xff Go buildinf:\\x08\\x02" }\n',
};

const environment = {
	...process.env,
	CGO_ENABLED: "0",
	GOFLAGS: "-mod=mod",
	GOPROXY: "off",
	GOTOOLCHAIN: "local",
	GOWORK: "off",
};

describe.skipIf(!hasGo())("programs of the Go toolchain on this machine (skipped without go)", () => {
	let folder = "";
	let goVersion = "";

	beforeAll(() => {
		folder = mkdtempSync(join(tmpdir(), "plimsoll-go-"));
		for (const [name, text] of Object.entries(files)) {
			mkdirSync(join(folder, name, ".."), { recursive: true });
			writeFileSync(join(folder, name), text);
		}
		goVersion = execFileSync("go", ["env", "GOVERSION"], { encoding: "utf8", env: environment }).trim();
	});
	afterAll(() => rmSync(folder, { recursive: true, force: true }));

	it.each([
		["as it comes", {}, [], "example.com/tool@"],
		["stripped", {}, ["-ldflags=-s -w -X main.version=1.2.3"], "example.com/tool@v1.2.3"],
		["position independent", {}, ["-buildmode=pie"], "example.com/tool@"],
		["without paths", {}, ["-trimpath"], "example.com/tool@"],
		["for Windows", { GOOS: "windows", GOARCH: "amd64" }, [], "example.com/tool@"],
		["for macOS", { GOOS: "darwin", GOARCH: "arm64" }, [], "example.com/tool@"],
		["big endian", { GOOS: "linux", GOARCH: "s390x" }, [], "example.com/tool@"],
	])("are read %s", { timeout: 120_000 }, (_, target, flags, main) => {
		const program = join(folder, "program");
		execFileSync("go", ["build", "-o", program, ...flags, "."], {
			cwd: join(folder, "tool"),
			env: { ...environment, ...target },
		});
		const stdlib = /^go[\d.]+/.exec(goVersion)?.[0].replace("go", "v") ?? "";
		for (const chunk of [4099, 262144])
			expect(read(program, chunk)).toEqual([`stdlib@${stdlib}`, "example.com/dep@", main]);
	});

	it("include the toolchain itself, which has the magic among its own strings", () => {
		const root = execFileSync("go", ["env", "GOROOT"], { encoding: "utf8", env: environment }).trim();
		const go = join(root, "bin", process.platform === "win32" ? "go.exe" : "go");
		expect(read(go, 65536)).toEqual([expect.stringMatching(/^stdlib@v\d/)]);
	});
});
