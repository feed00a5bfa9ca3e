/**
 * The image that is measured: a real Debian with compilers and runtimes, about 1 GB unpacked in three layers, made by
 * Debian's own tools (mmdebstrap, umoci) and kept in `.cache/bench` between runs.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

const layers: readonly { readonly name: string; readonly packages: readonly string[] }[] = [
	{ name: "base", packages: [] },
	{ name: "toolchain", packages: ["build-essential", "golang-go"] },
	{ name: "runtimes", packages: ["python3-numpy", "nodejs", "npm"] },
];

/** Programs that the bench needs, by Debian package. */
export const needed = ["mmdebstrap", "umoci", "skopeo", "docker-registry", "time"] as const;

/** Makes the image's OCI layout when it is not there yet; returns its folder. The tag is `bench`. */
export function benchLayout(cache: string): string {
	const layout = join(cache, "layout");
	if (existsSync(layout)) return layout;
	const work = join(cache, "work");
	rmSync(work, { recursive: true, force: true });
	mkdirSync(work, { recursive: true });
	const image = `${join(work, "layout")}:bench`;
	run("umoci", ["init", "--layout", join(work, "layout")]);
	run("umoci", ["new", "--image", image]);
	const packages: string[] = [];
	layers.forEach((layer, index) => {
		packages.push(...layer.packages);
		const root = join(work, `${layer.name}.tar`);
		const bundle = join(work, `bundle-${index}`);
		process.stderr.write(`bench: making layer ${layer.name} …\n`);
		const include = packages.length > 0 ? [`--include=${packages.join(",")}`] : [];
		run("mmdebstrap", ["--variant=minbase", "--quiet", ...include, "bookworm", root, aptSources()]);
		run("umoci", ["unpack", "--image", image, bundle]);
		run("tar", ["-xf", root, "-C", join(bundle, "rootfs"), "--exclude=./dev/*"]);
		run("umoci", ["repack", "--image", image, "--history.created_by", `RUN apt-get install ${layer.name}`, bundle]);
		rmSync(bundle, { recursive: true, force: true });
		rmSync(root);
	});
	renameSync(join(work, "layout"), layout);
	rmSync(work, { recursive: true, force: true });
	return layout;
}

/** The machine's own package sources: whatever mirror it is set up with. */
function aptSources(): string {
	const known = ["/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list"];
	return known.find((path) => existsSync(path)) ?? "/etc/apt/sources.list";
}

function run(command: string, args: readonly string[]): void {
	execFileSync(command, args, { stdio: ["ignore", "ignore", "inherit"] });
}
