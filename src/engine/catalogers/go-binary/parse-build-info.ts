import type { Package, Warning } from "#model";
import type { CatalogResult } from "../types.ts";
import { versionOfLdflags } from "./ldflags.ts";

interface Module {
	readonly path: string;
	readonly version: string;
}

/**
 * Turns build information into packages: `stdlib` at the version of Go, the main module, and every dependency.
 * `moduleInfo` is the text that `go version -m` prints (runtime/debug.BuildInfo): lines `path`, `mod`, `dep`, `=>`
 * (what the module above was replaced by) and `build`, with tabs between their fields.
 */
export function parseBuildInfo(goVersion: string, moduleInfo: string, path: string): CatalogResult {
	const dependencies: Module[] = [];
	let main: Module | null = null;
	let ldflags = "";
	let malformed = 0;
	for (const line of moduleInfo.split("\n")) {
		const [word, ...fields] = line.split("\t");
		if (word === "build") ldflags = ldflagsOf(line) ?? ldflags;
		if (word !== "mod" && word !== "dep" && word !== "=>") continue;
		const module = moduleOf(fields);
		if (module === null) malformed++;
		else if (word === "mod") main = module;
		else if (word === "dep") dependencies.push(module);
		else if (dependencies.length > 0) dependencies.push(replaced(dependencies.pop(), module));
	}
	const modules = [{ path: "stdlib", version: stdlibVersion(goVersion) }, ...dependencies];
	if (main !== null) modules.push({ path: main.path, version: mainVersion(main, ldflags) });
	return { packages: packagesOf(modules, path), warnings: warningsOf(malformed, path) };
}

/** Fields after the line's word. Old versions of Go wrote a main module without a path; it is none. */
function moduleOf([path = "", version = ""]: readonly string[]): Module | null {
	if (!/^[\x21-\x7e]{1,1024}$/.test(path) || !/^[\x21-\x7e]{0,256}$/.test(version)) return null;
	return { path, version: version === "(devel)" ? "" : version };
}

/** A replacement by a folder keeps the module's name, for that is what it stands in for; its version is not known. */
function replaced(original: Module | undefined, replacement: Module): Module {
	const isFolder = replacement.version === "" || /^(?:\.{0,2}\/|[A-Za-z]:[\\/])/.test(replacement.path);
	return isFolder && original ? { path: original.path, version: "" } : replacement;
}

/** A `(devel)` build, or one from a history without tags, may still carry the version that its makers stamped on. */
function mainVersion(main: Module, ldflags: string): string {
	if (main.version !== "" && !main.version.startsWith("v0.0.0")) return main.version;
	return versionOfLdflags(ldflags, main.path) || main.version;
}

/**
 * `go1.19.8` is `v1.19.8`, `go1.20` is `v1.20.0`, `go1.21rc2` is `v1.21.0-rc.2`; experiments and vendors' suffixes
 * are left out. Empty for development versions: they lie somewhere between two releases.
 */
export function stdlibVersion(goVersion: string): string {
	const [, minor, patch = "0", kind, number] =
		/^go(\d+\.\d+)(?:\.(\d+))?(?:(alpha|beta|rc)(\d+))?(?![\w.])/.exec(goVersion) ?? [];
	if (minor === undefined) return "";
	return kind ? `v${minor}.${patch}-${kind}.${number}` : `v${minor}.${patch}`;
}

/** The value of a line `build -ldflags=…`, which Go quotes when it holds blanks or quotes. */
function ldflagsOf(line: string): string | null {
	const [, value] = /^build\t"?-ldflags"?=(.*)$/.exec(line) ?? [];
	if (value === undefined) return null;
	return value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, "$1") : value;
}

function packagesOf(modules: readonly Module[], path: string): readonly Package[] {
	const packages = new Map<string, Package>();
	for (const module of modules) {
		const { path: name, version } = module;
		packages.set(`${name}@${version}`, { type: "golang", name, version, path });
	}
	return [...packages.values()];
}

function warningsOf(malformed: number, path: string): readonly Warning[] {
	if (malformed === 0) return [];
	const lines = malformed === 1 ? "One line" : `${malformed} lines`;
	const message = `${lines} of this Go executable's module information cannot be read; those modules are missing.`;
	return [{ code: "package_file_malformed", message, path }];
}
