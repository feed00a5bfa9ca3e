/** A root filesystem with 500 packages that the real rpm built and installed, kept in `.cache/bench` between runs. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const packages = 500;
/** As in a server: most packages are small, few have thousands of files. */
const filesOf = (index: number): number => (index % 50 === 0 ? 1500 : 20 + (index % 30));

/** Makes the root when it is not there yet; returns its folder. Its database is `var/lib/rpm`. */
export function rpmRoot(cache: string): string {
	const root = join(cache, "rpm-root");
	if (existsSync(root)) return root;
	const work = join(cache, "rpm-work");
	rmSync(work, { recursive: true, force: true });
	const made = join(work, "root");
	mkdirSync(join(made, "etc"), { recursive: true });
	process.stderr.write("bench: making a root filesystem of 500 rpm packages …\n");
	const spec = join(work, "many.spec");
	writeFileSync(spec, specText());
	const defines = [
		"--define",
		`_topdir ${work}`,
		"--define",
		"_build_id_links none",
		"--define",
		"_binary_payload w1.gzdio",
	];
	rpmbuild(["-bb", "--quiet", "--target", "x86_64", ...defines, spec]);
	const built = join(work, "RPMS");
	const files = readdirSync(built, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".rpm"));
	const dbpath = "/var/lib/rpm";
	const options = ["--root", made, "--dbpath", dbpath, "-i", "--nodeps", "--ignorearch", "--ignoreos", "--nosignature"];
	execFileSync("rpm", [...options, ...files.map((name) => join(built, name))], {
		stdio: ["ignore", "ignore", "inherit"],
	});
	writeFileSync(join(made, "etc/os-release"), 'ID="almalinux"\nVERSION_ID="9.4"\nPRETTY_NAME="AlmaLinux 9.4"\n');
	renameSync(made, root);
	rmSync(work, { recursive: true, force: true });
	return root;
}

/** Names and versions of which AlmaLinux 9 has errata stand at the beginning. */
const known = ["openssl", "curl", "glibc", "sudo", "python3", "bind", "httpd", "nginx", "kernel", "vim-minimal"];

function specText(): string {
	const names = Array.from({ length: packages - 1 }, (_, index) => known[index] ?? `package-${index}`);
	return [
		"Name: bench-base\nVersion: 1.0\nRelease: 1.el9\nSummary: The first one\nLicense: MIT\nVendor: AlmaLinux",
		"%description\nThe first one.",
		...names.map(
			(name, index) =>
				`%package -n ${name}\nSummary: Number ${index}\nVersion: 1.${index}\nEpoch: ${index % 7 === 0 ? 1 : 0}\nRequires: bench-base\n%description -n ${name}\n${"Made for measuring. ".repeat(15)}`,
		),
		"%install",
		...names.map(
			(name, index) =>
				`mkdir -p %{buildroot}/usr/share/${name}/a; for i in $(seq 1 ${filesOf(index)}); do echo ${name} > %{buildroot}/usr/share/${name}/a/file-$i; done`,
		),
		"%files",
		...names.map((name) => `%files -n ${name}\n/usr/share/${name}`),
		"",
	].join("\n");
}

function rpmbuild(args: readonly string[]): void {
	execFileSync("rpmbuild", args, { stdio: ["ignore", "ignore", "pipe"], maxBuffer: 2 ** 28 });
}
