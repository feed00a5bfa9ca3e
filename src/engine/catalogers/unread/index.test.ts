import { describe, expect, it } from "vitest";
import { runCataloger, testdata } from "../testing.ts";
import { unread } from "./index.ts";

describe("what no cataloger reads yet", () => {
	it.each([
		["Arch Linux", "var/lib/pacman/local/bash-5.2.037-1/desc"],
		["Gentoo", "var/db/pkg/app-shells/bash-5.2_p37/PF"],
		["opkg", "usr/lib/opkg/status"],
		["Nix", "nix/var/nix/db/db.sqlite"],
		["Homebrew", "home/linuxbrew/.linuxbrew/Cellar/jq/1.7.1/INSTALL_RECEIPT.json"],
		["LuaRocks", "usr/local/lib/luarocks/rocks-5.4/lpeg/1.1.0-1/rock_manifest"],
		["Julia", "root/.julia/environments/v1.10/Manifest.toml"],
		["Haskell", "opt/ghc/lib/package.conf.d/text-2.0.2.conf"],
	])("%s is told by %s, whatever the file holds", (kind, path) => {
		expect(unread.wants({ path, size: 1, mode: 0o644 })).toBe(true);
		for (const name of ["good", "truncated", "hostile"]) {
			const result = runCataloger(unread, { path, bytes: testdata(import.meta.url, name) });
			expect(result).toEqual({ packages: [], unread: { kind }, warnings: [] });
		}
		expect(unread.wants({ path, size: testdata(import.meta.url, "empty").length, mode: 0o644 })).toBe(false);
	});

	it.each([
		"app/lib/spring.jar",
		"usr/bin/tool",
		"var/lib/rpm/Packages",
		"srv/var/lib/pacman/local/a/desc",
		"Manifest.toml",
	])("leaves %s alone", (path) => {
		expect(unread.wants({ path, size: 1, mode: 0o755 })).toBe(false);
	});
});
