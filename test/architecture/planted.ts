import type { RuleId, Tree } from "./check.ts";

/**
 * One small tree for every rule, wrong in that one way. A rule that no longer sees its tree has gone blind.
 * `fine` is the tree they all start from, and breaks nothing.
 */
export interface Plant {
	readonly sources?: Readonly<Record<string, string>>;
	readonly roots?: Readonly<Record<string, string>>;
	readonly references?: Readonly<Record<string, readonly string[]>>;
	readonly oversized?: Readonly<Record<string, number>>;
}

const fine: Required<Plant> = {
	sources: {
		"src/model/index.ts": `export type { Package } from "./package.ts";\n`,
		"src/model/package.ts": `// import "node:fs" and export default are only words here\nexport interface Package { readonly name: string }\n`,
		"src/engine/index.ts": `export { scan } from "./scan.ts";\n`,
		"src/engine/scan.ts": `import { apk } from "./catalogers/apk/index.ts";\nexport const scan = () => apk;\n`,
		"src/engine/ports.ts": `import type { Cataloger } from "./catalogers/types.ts";\nexport type Port = Cataloger;\n`,
		"src/engine/catalogers/types.ts": `import type { Package } from "#model";\nexport type Cataloger = () => Package;\n`,
		"src/engine/catalogers/apk/index.ts": `import type { Cataloger } from "../types.ts";\nexport const apk: Cataloger = () => ({ name: "a" });\n`,
		"src/engine/catalogers/apk/index.test.ts": `import { image } from "../../testing/index.ts";\nimport { apk } from "./index.ts";\nvoid [apk, image];\n`,
		"src/engine/testing/index.ts": `import { createServer } from "node:http";\nexport const image = createServer;\n`,
		"src/cli/index.ts": `import type { Package } from "#model";\nimport { scan } from "#engine";\nexport const run = (): Package => scan()();\n`,
		"src/main/cli.ts": `import { run } from "#cli";\nvoid [run, process.env];\n`,
		"test/e2e/scan.test.ts": `import { run } from "#cli";\nimport { image } from "#engine/testing";\nvoid [run, image];\n`,
	},
	roots: {
		"#model": "./src/model/index.ts",
		"#engine": "./src/engine/index.ts",
		"#engine/testing": "./src/engine/testing/index.ts",
		"#cli": "./src/cli/index.ts",
	},
	references: { model: [], engine: ["model"], cli: ["engine", "model"], main: ["cli", "engine", "model"] },
	oversized: {},
};

export function plantedTree(plant: Plant): Tree {
	return {
		sources: new Map(Object.entries({ ...fine.sources, ...plant.sources })),
		roots: new Map(Object.entries({ ...fine.roots, ...plant.roots })),
		references: new Map(Object.entries({ ...fine.references, ...plant.references })),
		dependencies: new Set(["undici", "semver"]),
		oversized: new Map(Object.entries({ ...fine.oversized, ...plant.oversized })),
	};
}

const one = (path: string, source: string): Plant => ({ sources: { [path]: source } });

/** Several ways to break a rule, where there are several. */
export const planted: Readonly<Record<RuleId, readonly Plant[]>> = {
	"layer-unknown": [one("src/plugins/index.ts", "export {};\n"), one("src/loose.ts", "export {};\n")],
	"layer-direction": [
		one("src/model/digest.ts", `import type { scan } from "#engine";\n`),
		one("src/engine/progress.ts", `export { run } from "#cli";\n`),
		one("src/engine/lazy.ts", `export const later = async () => await import("#cli");\n`),
	],
	"layer-references": [
		{ references: { engine: ["model", "cli"] } },
		{ sources: { "src/store/index.ts": "export {};\n" } },
	],
	"layer-root": [
		{ roots: { "#engine/versions": "./src/engine/versions/index.ts" } },
		{ roots: { "#x": "./src/x.ts" } },
	],
	"relative-leaves-layer": [
		one("src/cli/scan.ts", `import { scan } from "../engine/scan.ts";\n`),
		one("test/e2e/deep.test.ts", `import { scan } from "../../src/engine/scan.ts";\n`),
		one("test/e2e/main.test.ts", `import "../../src/main/cli.ts";\n`),
		one("src/cli/version.ts", `import manifest from "../../package.json" with { type: "json" };\n`),
	],
	"root-unknown": [
		one("src/cli/scan.ts", `import { deb } from "#engine/versions/deb";\n`),
		one("test/e2e/main.test.ts", `import "#main";\n`),
	],
	"own-root": [one("src/engine/again.ts", `import { scan } from "#engine";\n`)],
	"import-unresolved": [
		one("src/cli/scan.ts", `import { run } from "./gone.ts";\n`),
		one("src/cli/scan.ts", `import { run } from "./index";\n`),
		one("src/cli/scan.ts", `import { run } from "./index.js";\n`),
	],
	"import-computed": [one("src/cli/scan.ts", "export const load = (name: string) => import(`./${name}.ts`);\n")],
	"import-undeclared": [
		one("src/cli/text.ts", `import width from "string-width";\n`),
		one("src/cli/text.ts", `import { extract } from "@scope/tar/sub";\n`),
		one("src/cli/text.ts", `import { join } from "path";\n`),
	],
	"testing-in-production": [
		one("src/cli/demo.ts", `import { image } from "#engine/testing";\n`),
		one("src/engine/demo.ts", `import { image } from "./testing/index.ts";\n`),
		{
			sources: {
				"src/engine/image/tar-fixture.ts": `import { pack } from "tar-stream";\n`,
				"src/engine/image/tar.ts": `import { layer } from "./tar-fixture.ts";\n`,
			},
		},
	],
	"model-platform-free": [one("src/model/digest.ts", `import { createHash } from "node:crypto";\n`)],
	"engine-direction": [
		one("src/engine/catalogers/apk/log.ts", `import { scan } from "../../scan.ts";\n`),
		one("src/engine/registry/client.ts", `import type { Cataloger } from "../catalogers/types.ts";\n`),
		one("src/engine/matching/match.ts", `import { apk } from "../catalogers/apk/index.ts";\n`),
		one("src/engine/errors.ts", `import type { Port } from "./ports.ts";\n`),
	],
	"engine-folder-unknown": [one("src/engine/plugins/index.ts", "export {};\n")],
	"engine-network": [
		one("src/engine/registry/client.ts", `import { request } from "undici";\n`),
		one("src/engine/registry/client.ts", `import https from "node:https";\n`),
	],
	"sibling-variant": [
		one("src/engine/catalogers/apk/os.ts", `import { dpkg } from "../dpkg/index.ts";\n`),
		one("src/engine/catalogers/shared.ts", `import { apk } from "./apk/index.ts";\n`),
	].map((plant) => ({
		sources: {
			...plant.sources,
			"src/engine/catalogers/dpkg/index.ts": "export const dpkg = 1;\n",
			"src/engine/catalogers/dpkg/index.test.ts": `import { dpkg } from "./index.ts";\nvoid dpkg;\n`,
		},
	})),
	"variant-index": [one("src/engine/catalogers/rpm/parse.test.ts", "export {};\n")],
	"variant-test": [one("src/engine/versions/deb/index.ts", "export {};\n")],
	cycle: [
		{ sources: { "src/cli/a.ts": `import { b } from "./b.ts";\n`, "src/cli/b.ts": `export { a } from "./a.ts";\n` } },
		{
			sources: {
				"src/cli/a.ts": `import { b } from "./b.ts";\n`,
				"src/cli/b.ts": `import { c } from "./c.ts";\n`,
				"src/cli/c.ts": `import { type A, a } from "./a.ts";\n`,
			},
		},
	],
	"export-star": [
		one("src/cli/all.ts", `export * from "./index.ts";\n`),
		one("src/cli/all.ts", `export * as all from "./index.ts";\n`),
		one("src/cli/all.ts", `export type * from "./index.ts";\n`),
	],
	"default-export": [
		one("src/cli/scan.ts", "export default 1;\n"),
		one("src/cli/scan.ts", "const scan = 1;\nexport { scan as default };\n"),
	],
	enum: [
		one("src/cli/colour.ts", "export enum Colour { Red }\n"),
		one("src/cli/colour.ts", "const enum Colour { Red }\n"),
	],
	"process-env": [
		one("src/engine/home.ts", `export const home = process.env["HOME"];\n`),
		one("src/cli/home.ts", "const { HOME } = process.env;\n"),
		one("src/cli/home.ts", `import { env } from "node:process";\n`),
	],
	"file-size": [one("src/cli/long.ts", "// line\n".repeat(501)), one("src/cli/long.test.ts", "// line\n".repeat(801))],
	"file-size-allowance": [
		{ oversized: { "src/cli/gone.ts": 600 } },
		{ oversized: { "src/cli/index.ts": 400 } },
		{ sources: { "src/cli/long.ts": "// line\n".repeat(501) }, oversized: { "src/cli/long.ts": 502 } },
	],
	"file-name": [one("src/cli/ScanImage.ts", "export {};\n"), one("src/cli/scan_image.ts", "export {};\n")],
	"refused-name": [one("src/cli/utils.ts", "export {};\n"), one("src/cli/common/text.ts", "export {};\n")],
};
