import type { Cataloger, FileInfo } from "../types.ts";

interface Evidence {
	readonly kind: string;
	readonly path: RegExp;
}

/** Where package managers that no cataloger reads yet keep what they installed. */
const evidence: readonly Evidence[] = [
	// https://man.archlinux.org/man/alpm-db-desc.5
	{ kind: "Arch Linux", path: /^var\/lib\/pacman\/local\/[^/]+\/desc$/ },
	// https://wiki.gentoo.org/wiki/Handbook:AMD64/Portage/Files
	{ kind: "Gentoo", path: /^var\/db\/pkg\/[^/]+\/[^/]+\/PF$/ },
	// https://openwrt.org/docs/guide-user/additional-software/opkg
	{ kind: "opkg", path: /^usr\/lib\/opkg\/status$/ },
	// https://nix.dev/manual/nix/latest/store
	{ kind: "Nix", path: /^nix\/var\/nix\/db\/db\.sqlite$/ },
	// https://docs.brew.sh/Formula-Cookbook
	{ kind: "Homebrew", path: /(?:^|\/)Cellar\/[^/]+\/[^/]+\/INSTALL_RECEIPT\.json$/ },
	// https://github.com/luarocks/luarocks/wiki/File-locations
	{ kind: "LuaRocks", path: /\/luarocks\/rocks[^/]*\/[^/]+\/[^/]+\/rock_manifest$/ },
	// https://pkgdocs.julialang.org/v1/toml-files/
	{ kind: "Julia", path: /\/environments\/v\d+\.\d+\/Manifest\.toml$/ },
	// https://cabal.readthedocs.io/en/stable/external-commands.html
	{ kind: "Haskell", path: /\/package\.conf\.d\/[^/]+\.conf$/ },
];

/**
 * Notices packages that have no cataloger yet, so that a report can say that they were not looked at.
 * The path alone tells the kind, and the body is not read.
 */
export const unread: Cataloger = {
	id: "unread",
	version: 4,
	wants: (file) => kindOf(file) !== null,
	open: (file) => {
		const kind = kindOf(file);
		return {
			write() {},
			end: () => ({ packages: [], ...(kind === null ? {} : { unread: { kind } }), warnings: [] }),
		};
	},
};

function kindOf({ path, size }: FileInfo): string | null {
	if (size === 0) return null;
	return evidence.find((item) => item.path.test(path))?.kind ?? null;
}
