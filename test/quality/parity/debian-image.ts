/** A real Debian 12 of more than 500 packages with npm, real npm packages and real Go programs on top. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { file } from "#engine/testing";
import { run } from "../run.ts";
import { debianMain, type ImageRecipe } from "./made-image.ts";

const checkout = fileURLToPath(new URL("../../../", import.meta.url));

/** What there is to find: a JavaScript, a Python and a Ruby world as OS packages, servers, and their libraries. */
const packages = ["npm", "git", "nginx", "openssh-server", "python3-django", "python3-requests", "ruby-rack", "curl"];

export const debianImage: ImageRecipe = {
	name: "debian-npm",
	script: import.meta.url,
	ingredients: [readFileSync(join(checkout, "package-lock.json"), "utf8")],
	async make(folder) {
		const root = join(folder, "root.tar");
		const thin = ["doc", "man", "locale"].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`);
		const options = ["--variant=minbase", "--quiet", `--include=${packages.join(",")}`, ...thin];
		await run("mmdebstrap", [...options, "bookworm", root, debianMain()], { timeout: 400_000 });
		return {
			layers: [
				{ tar: readFileSync(root), createdBy: "ADD root.tar /", compression: "none" },
				{ tar: ownPackages(), createdBy: "COPY node_modules /srv/app/node_modules" },
				{ tar: goPrograms(), createdBy: "COPY bin /usr/local/bin" },
			],
		};
	},
};

/** The manifests of this checkout's own node_modules, as npm laid them out. */
function ownPackages() {
	const manifests = readdirSync(join(checkout, "node_modules"), { recursive: true, encoding: "utf8" })
		.filter((path) => /(?:^|\/)package\.json$/.test(path) && !path.startsWith(".cache/"))
		.sort();
	return manifests.map((path) =>
		file(`srv/app/node_modules/${path}`, readFileSync(join(checkout, "node_modules", path))),
	);
}

/** The TypeScript compiler and its linter are Go programs, brought by the lock file. */
function goPrograms() {
	const platform = `${process.platform}-${process.arch}`;
	const programs = [
		["tsc", `@typescript/typescript-${platform}/lib/tsc`],
		["tsgolint", `@oxlint-tsgolint/${platform}/tsgolint`],
	] as const;
	return programs.map(([name, path]) =>
		file(`usr/local/bin/${name}`, readFileSync(join(checkout, "node_modules", path)), 0o755),
	);
}
