/**
 * Java, Python and Ruby as Debian's packages bring them, but under /opt, where no package manager owns them; PHP as
 * Composer itself installs it; Rust as cargo-auditable embeds it in a real executable.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { deflateSync } from "node:zlib";
import { file, type TarInput } from "#engine/testing";
import { run } from "../run.ts";
import { chosen, feedVersions, spread } from "./feed-versions.ts";
import { debianMain, debianRelease, type ImageRecipe } from "./made-image.ts";

const java = ["spring-core", "log4j2", "jackson2-databind", "commons-text", "commons-fileupload", "netty", "jetty9"];
const moreJava = ["xstream", "bcprov"];
const python = ["django", "jinja2", "cryptography", "pil", "twisted", "aiohttp", "werkzeug", "paramiko", "sqlalchemy"];
const ruby = ["ruby-actionpack", "ruby-activerecord", "ruby-sinatra", "puma"];
const packages = [
	...[...java, ...moreJava].map((name) => `lib${name}-java`),
	...python.map((name) => `python3-${name}`),
	...ruby,
];

/** What says that something is installed, of all that the packages and those that they need hold. */
const wanted = ["*.jar", "*.gemspec", "*.dist-info/*", "*.egg-info"];

export const languagesImage: ImageRecipe = {
	name: "languages",
	script: import.meta.url,
	async make(folder) {
		const [debs, php] = await Promise.all([unpackedDebs(folder), composerProject(folder)]);
		const release = Object.entries(debianRelease).map(([path, text]) => file(path, text));
		return {
			layers: [
				{ tar: release, createdBy: "ADD rootfs.tar /" },
				{ tar: debs, createdBy: "COPY lib /opt/lib" },
				{ tar: php, createdBy: "RUN composer install" },
				{ tar: [await rustProgram(folder)], createdBy: "COPY target/release/tool /usr/local/bin" },
				{ tar: oddlyNamed(), createdBy: "COPY odd /opt/odd" },
			],
		};
	},
};

async function unpackedDebs(folder: string): Promise<Buffer> {
	const [all, stage, tar] = [join(folder, "all.tar"), join(folder, "stage", "opt", "lib"), join(folder, "lib.tar")];
	const options = ["--variant=extract", "--quiet", `--include=${packages.join(",")}`];
	await run("mmdebstrap", [...options, "bookworm", all, debianMain()], { timeout: 400_000 });
	mkdirSync(stage, { recursive: true });
	await run("tar", ["-xf", all, "-C", stage, "--no-same-owner", "--wildcards", ...wanted]);
	await run("tar", ["-cf", tar, "--numeric-owner", "--sort=name", "-C", join(folder, "stage"), "."]);
	return readFileSync(tar);
}

/** Spellings that package managers write and advisories do not: capitals, `_` and `.`, local and platform versions. */
function oddlyNamed(): TarInput[] {
	const wheels = [
		["Flask_AppBuilder", "3.3.0"],
		["GitPython", "3.1.30+acme.1"],
		["Products.GenericSetup", "2.0.1"],
		["Tensorflow_CPU", "2.4.0rc1"],
		["django", "1.11.29.post1"],
		["octoprint", "1!1.0"],
	] as const;
	const gems = [
		["RedCloth", "4.2.9", ""],
		["nokogiri", "1.13.3", "x86_64-linux"],
		["rack", "2.2.3.1", ""],
		["rails", "6.0.0.rc1", ""],
		["puma", "5.0.0.beta1", "java"],
	] as const;
	const modules = [
		["@azure/ms-rest-nodeauth", "2.0.5"],
		["request", "2.67.0-beta.1"],
		["marked", "0.3.5+build"],
		["hoek", "v4.2.0"],
	] as const;
	return [
		...wheels.map(([name, version]) =>
			file(
				`opt/odd/py/${name}-${version}.dist-info/METADATA`,
				`Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
			),
		),
		...gems.map(([name, version, platform]) =>
			file(
				`opt/odd/rb/specifications/${[name, version, platform].filter(Boolean).join("-")}.gemspec`,
				`Gem::Specification.new do |s|\n  s.name = "${name}".freeze\n  s.version = "${version}"\n${platform && `  s.platform = "${platform}".freeze\n`}  s.licenses = ["MIT".freeze]\nend\n`,
			),
		),
		...modules.map(([name, version]) =>
			file(`opt/odd/js/node_modules/${name}/package.json`, JSON.stringify({ name, version, license: "MIT" })),
		),
	];
}

/** Lets Composer resolve and install packages of the pack's PHP advisories; what is in them is no matter. */
async function composerProject(folder: string): Promise<Buffer> {
	const project = join(folder, "php", "srv", "php");
	const feed = [...feedVersions("Packagist")].filter(([name]) => /^[a-z0-9-]+\/[a-z0-9-]+$/.test(name));
	const all = spread(feed, 80).map(([name, versions]) => ({ name, version: chosen(versions, name).version }));
	const require = Object.fromEntries(all.slice(0, 70).map(({ name, version }) => [name, version]));
	const dev = Object.fromEntries(all.slice(70).map(({ name, version }) => [name, version]));
	const dist = { type: "path", url: "src", reference: "none" };
	const repositories = all.map((one) => ({ type: "package", package: { ...one, dist } }));
	const manifest = { name: "shop/web", repositories: [{ "packagist.org": false }, ...repositories], require };
	mkdirSync(join(project, "src"), { recursive: true });
	writeFileSync(join(project, "src", "index.php"), "<?php\n");
	const settings = { "minimum-stability": "dev", "require-dev": dev };
	writeFileSync(join(project, "composer.json"), JSON.stringify({ ...manifest, ...settings }));
	const env = { ...process.env, COMPOSER_ALLOW_SUPERUSER: "1", COMPOSER_DISABLE_NETWORK: "1", COMPOSER_HOME: folder };
	const quiet = ["--no-interaction", "--no-plugins", "--no-scripts", "--ignore-platform-reqs", "--quiet"];
	await run("composer", ["install", ...quiet], { cwd: project, env, timeout: 120_000 });
	const tar = join(folder, "php.tar");
	await run("tar", ["-cf", tar, "--numeric-owner", "-C", join(folder, "php"), "."]);
	return readFileSync(tar);
}

/** A real executable with the section that cargo-auditable adds (github.com/rust-secure-code/cargo-auditable). */
async function rustProgram(folder: string): Promise<TarInput> {
	const crates = spread([...feedVersions("crates.io")], 120).map(([name, versions], at) => ({
		name,
		version: chosen(versions, name).version,
		source: at % 17 === 0 ? "git" : "crates.io",
		...(at % 11 === 0 ? { kind: "build" } : {}),
	}));
	const tool = { name: "tool", version: "0.1.0", source: "local", root: true, dependencies: crates.map((_, at) => at) };
	const section = join(folder, "dep-v0");
	const program = join(folder, "tool");
	mkdirSync(dirname(program), { recursive: true });
	writeFileSync(section, deflateSync(JSON.stringify({ packages: [...crates, tool] })));
	await run("objcopy", ["--add-section", `.dep-v0=${section}`, "/usr/bin/tar", program]);
	return file("usr/local/bin/tool", readFileSync(program), 0o755);
}
