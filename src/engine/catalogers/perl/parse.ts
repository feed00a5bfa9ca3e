import type { Package, Warning } from "#model";
import type { CatalogResult } from "../types.ts";

const distributionName = /^[A-Za-z0-9][\w.+-]{0,254}$/;
const versionText = /^v?\d[\w.-]{0,99}$/;

/** `URI-PackageURL-2.20`, `CPAN-02Packages-Search-v1.0.0`: the version is behind the last hyphen, but for a `-TRIAL`. */
const versionStart = /-v?\d[\w.]*(?:-TRIAL)?$/;

/**
 * Reads what cpanm writes beside each distribution that it installs; `dist` is its name and version.
 * https://metacpan.org/pod/App::cpanminus
 */
export function parseInstallJson(bytes: Uint8Array, path: string): CatalogResult {
	let record: unknown;
	try {
		record = JSON.parse(new TextDecoder().decode(bytes));
	} catch {
		return { packages: [], warnings: [malformed(path)] };
	}
	const dist = typeof record === "object" && record !== null ? (record as { readonly dist?: unknown }).dist : undefined;
	const text = typeof dist === "string" && dist.length <= textLimit ? dist : "";
	const cut = text.search(versionStart);
	const pkg = packageOf(text.slice(0, Math.max(cut, 0)), text.slice(cut + 1), path);
	return pkg && cut > 0 ? { packages: [pkg], warnings: [] } : { packages: [], warnings: [malformed(path)] };
}

const textLimit = 512;

/**
 * Reads the log that Perl's own installer appends to: `=head2 <date>: C<Module> L<Foo::Bar|Foo::Bar>`, then items, with
 * `C<VERSION: 1.23>` among them. Of a module that was installed several times the last counts. The distribution is
 * taken to be called as its main module, as nearly all are.
 * https://metacpan.org/pod/ExtUtils::Command::MM#perllocal_install
 */
export function parsePerllocal(bytes: Uint8Array, path: string): CatalogResult {
	const versions = new Map<string, string>();
	let module = "";
	for (const line of new TextDecoder().decode(bytes).split("\n")) {
		if (line.startsWith("=head2 ")) module = /C<Module> L<([\w:]{1,255})\|/.exec(line)?.[1] ?? "";
		const version = /^C<VERSION: ([^>\s]{1,100})>/.exec(line)?.[1];
		if (version !== undefined && module !== "" && versions.size < modulesLimit) versions.set(module, version);
	}
	const packages = [...versions].flatMap(
		([name, version]) => packageOf(name.replaceAll("::", "-"), version, path) ?? [],
	);
	return { packages, warnings: [] };
}

/** CPAN has some 45,000 distributions. */
const modulesLimit = 50_000;

function packageOf(name: string, version: string, path: string): Package | null {
	return distributionName.test(name) && versionText.test(version) ? { type: "cpan", name, version, path } : null;
}

function malformed(path: string): Warning {
	const message = "The record of this Perl distribution is broken, so the distribution is missing from the inventory.";
	return { code: "package_file_malformed", message, path };
}
