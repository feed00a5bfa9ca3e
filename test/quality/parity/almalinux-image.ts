/**
 * An AlmaLinux 9 whose packages were built by rpmbuild and installed, upgraded and erased by rpm itself: real headers
 * in a real database, with names, versions, epochs and modules that AlmaLinux's errata speak of.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { file } from "#engine/testing";
import { run } from "../run.ts";
import { chosen, type FeedVersion, feedVersions, spread } from "./feed-versions.ts";
import type { ImageRecipe } from "./made-image.ts";

interface Rpm {
	readonly name: string;
	readonly epoch: string | null;
	readonly version: string;
	readonly release: string;
	/** `nodejs:18`; null outside modules. */
	readonly module: string | null;
	readonly vendor: string;
	readonly noarch: boolean;
	readonly files?: readonly string[];
}

const release = {
	"etc/os-release":
		'NAME="AlmaLinux"\nVERSION="9.4 (Seafoam Ocelot)"\nID="almalinux"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\nPRETTY_NAME="AlmaLinux 9.4 (Seafoam Ocelot)"\n',
	"etc/almalinux-release": "AlmaLinux release 9.4 (Seafoam Ocelot)\n",
	"etc/redhat-release": "AlmaLinux release 9.4 (Seafoam Ocelot)\n",
};

/** A Python package that an rpm owns, and one that nobody does. */
const ownedPython = "/usr/lib/python3.9/site-packages/Jinja2-2.11.3.dist-info/METADATA";
const loosePython = "opt/app/lib/python3.9/site-packages/Jinja2-2.10.dist-info/METADATA";
const metadata = (version: string) => `Metadata-Version: 2.1\nName: Jinja2\nVersion: ${version}\n`;

export const almalinuxImage: ImageRecipe = {
	name: "almalinux-rpm",
	script: import.meta.url,
	async make(folder) {
		const { installed, upgrades } = choosePackages();
		const root = join(folder, "root");
		for (const [path, text] of Object.entries(release)) write(join(root, path), text);
		const query = ["--root", root, "--define", "_dbpath /var/lib/rpm", "--nodeps", "--nosignature"];
		const ignoring = ["--noscripts", "--ignorearch", "--ignoreos"];
		const first = await built(join(folder, "first"), installed);
		await asRoot("rpm", [...query, ...ignoring, "-i", ...first]);
		const whole = await tarred(root, ".", folder);
		const newer = await built(join(folder, "second"), upgrades);
		await asRoot("rpm", [...query, ...ignoring, "-U", "--force", ...newer]);
		const erased = spread(installed, 12).map(({ name }) => name);
		await asRoot("rpm", [...query, "-e", ...erased.filter((name) => !upgrades.some((one) => one.name === name))]);
		return {
			layers: [
				{ tar: whole, createdBy: "ADD rootfs.tar /" },
				{ tar: await tarred(root, "./var/lib/rpm", folder), createdBy: "RUN dnf -y upgrade && dnf -y remove" },
				{ tar: [file(loosePython, metadata("2.10"))], createdBy: "RUN pip install --target /opt/app" },
			],
		};
	},
};

/** Some 500 packages, at versions of which some errata know newer ones; and newer ones for every tenth. */
function choosePackages(): { readonly installed: readonly Rpm[]; readonly upgrades: readonly Rpm[] } {
	const feed = [...feedVersions("AlmaLinux:9")].map(([name, versions]) => ({ name, versions: versions.filter(isOwn) }));
	const modular = feed.flatMap(({ name, versions }) => {
		const own = versions.filter(({ version, summary }) => isModular(version) && moduleIn(summary) !== null);
		return own.length > 1 ? [{ name, versions: own }] : [];
	});
	const taken = new Set(modular.map(({ name }) => name));
	const plain = feed.flatMap(({ name, versions }) => {
		const own = versions.filter(({ version }) => !isModular(version));
		return own.length > 0 && !taken.has(name) ? [{ name, versions: own }] : [];
	});
	const installed = [...spread(plain, 360), ...spread(modular, 120)].map(({ name, versions }) =>
		rpmOf(name, chosen(versions, name), isModular),
	);
	const upgrades = [...spread(plain, 360), ...spread(modular, 120)]
		.filter((_, at) => at % 10 === 0)
		.flatMap(({ name, versions }) => {
			const now = installed.find((one) => one.name === name);
			const newest = rpmOf(name, versions.at(-1) as FeedVersion, isModular);
			return now?.module === newest.module ? [newest] : [];
		});
	return { installed: [...installed, ...specialPackages(plain, modular)], upgrades };
}

/** Packages of another vendor, modular versions without a label, and one that owns a Python package. */
function specialPackages(
	plain: readonly { readonly name: string; readonly versions: readonly FeedVersion[] }[],
	modular: readonly { readonly name: string; readonly versions: readonly FeedVersion[] }[],
): readonly Rpm[] {
	const used = new Set([...spread(plain, 360), ...spread(modular, 120)].map(({ name }) => name));
	const free = (list: typeof plain) => list.filter(({ name, versions }) => !used.has(name) && versions.length > 2);
	const oldest = ({ name, versions }: (typeof plain)[number]) => rpmOf(name, versions[0] as FeedVersion, isModular);
	return [
		...spread(free(plain), 5).map((one) => ({ ...oldest(one), vendor: "Example Software Ltd." })),
		...spread(free(modular), 5).map((one) => ({ ...oldest(one), module: null })),
		{
			name: "python3-owner",
			epoch: null,
			version: "1",
			release: "1.el9",
			module: null,
			vendor: "AlmaLinux",
			noarch: true,
			files: [ownedPython],
		},
	];
}

/** Errata list the builds of other releases, too. */
function isOwn({ version }: FeedVersion): boolean {
	return /\.(?:module_)?el9/.test(version) && /^(?:\d+:)?[\w.+~^]+-[\w.+~^]+$/.test(version);
}

function isModular(version: string): boolean {
	return version.includes(".module_el9");
}

/** `php:8.2` of `Important: php:8.2 security update`. */
function moduleIn(summary: string): string | null {
	return /: ([a-z][\w.+-]*:[\w.+-]+) /.exec(summary)?.[1] ?? null;
}

function rpmOf(name: string, { version, summary }: FeedVersion, modular: (version: string) => boolean): Rpm {
	const [, epoch, number = "", build = ""] = /^(?:(\d+):)?(.+)-(.+)$/.exec(version) ?? [];
	return {
		name,
		epoch: epoch ?? null,
		version: number,
		release: build,
		module: modular(version) ? moduleIn(summary) : null,
		vendor: "AlmaLinux",
		noarch: name.length % 3 === 0,
	};
}

/** Builds the packages, all out of one source package; gives their files. */
async function built(folder: string, rpms: readonly Rpm[]): Promise<readonly string[]> {
	const spec = join(folder, "base.spec");
	write(spec, specOf(rpms));
	const defines = ["--define", `_topdir ${folder}`, "--define", "_build_id_links none"];
	await run("rpmbuild", ["-bb", "--quiet", "--target", "x86_64", ...defines, spec], { timeout: 300_000 });
	return readdirSync(join(folder, "RPMS"), { recursive: true, encoding: "utf8" })
		.filter((name) => name.endsWith(".rpm"))
		.sort()
		.map((name) => join(folder, "RPMS", name));
}

function specOf(rpms: readonly Rpm[]): string {
	const head =
		"Name: plimsoll-base\nVersion: 1\nRelease: 1.el9\nSummary: A base\nLicense: MIT\n%description\nA base.\n";
	const install = rpms.flatMap(({ files = [] }) =>
		files.map((path) => `mkdir -p $(dirname %{buildroot}${path})\necho > %{buildroot}${path}`),
	);
	return [
		"%global debug_package %{nil}\n%global __os_install_post %{nil}",
		head,
		...rpms.map(preambleOf),
		"%install",
		...install,
		...rpms.map(({ name, files = [] }) => [`%files -n ${name}`, ...files].join("\n")),
		"",
	].join("\n");
}

function preambleOf({ name, epoch, version, release: build, module, vendor, noarch }: Rpm): string {
	return [
		`%package -n ${name}`,
		"Summary: One of many",
		`Version: ${version}`,
		`Release: ${build}`,
		`Vendor: ${vendor}`,
		...(epoch === null ? [] : [`Epoch: ${epoch}`]),
		...(module === null ? [] : [`ModularityLabel: ${module}:9040020240101000000:rhel9`]),
		...(noarch ? ["BuildArch: noarch"] : []),
		`%description -n ${name}`,
		"One of many.",
	].join("\n");
}

/** rpm changes its root, which takes root's rights; in a user namespace anybody has them. */
async function asRoot(program: string, args: readonly string[]): Promise<void> {
	if (process.getuid?.() === 0) await run(program, args, { timeout: 120_000 });
	else await run("unshare", ["--map-root-user", program, ...args], { timeout: 120_000 });
}

async function tarred(root: string, path: string, folder: string): Promise<Buffer> {
	const tar = join(folder, "layer.tar");
	await run("tar", ["-cf", tar, "--numeric-owner", "--sort=name", "-C", root, path]);
	return readFileSync(tar);
}

function write(path: string, text: string): void {
	mkdirSync(join(path, ".."), { recursive: true });
	writeFileSync(path, text);
}
