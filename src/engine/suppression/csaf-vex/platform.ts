import type { OsMatch } from "../types.ts";

/** CPE vendor and product -> os-release `ID`. Extended releases (rhel_eus and its kin) are other products. */
const systems: ReadonlyMap<string, string> = new Map([
	["redhat:enterprise_linux", "rhel"],
	["debian:debian_linux", "debian"],
	["canonical:ubuntu_linux", "ubuntu"],
	["alpinelinux:alpine_linux", "alpine"],
	["almalinux:almalinux", "almalinux"],
	["rocky:rocky_linux", "rocky"],
	["resf:rocky_linux", "rocky"],
	["oracle:linux", "ol"],
	["suse:sles", "sles"],
	["suse:linux_enterprise_server", "sles"],
	["opensuse:leap", "opensuse-leap"],
]);

/**
 * The release of a distribution that a CPE names, `cpe:/o:redhat:enterprise_linux:9::baseos` or
 * `cpe:2.3:o:suse:linux_enterprise_server:15:sp5:*`; null for every other product, and where no release is given.
 * https://csrc.nist.gov/pubs/ir/7695/final
 */
export function osOfCpe(cpe: string): OsMatch | null {
	const uri = cpe.toLowerCase().replace(/^cpe:(?:2\.3:|\/)/, "");
	if (uri === cpe.toLowerCase()) return null;
	const [part, vendor, product, version = "", update = ""] = uri.split(":");
	if (part !== "o" && part !== "a") return null;
	const id = systems.get(`${vendor}:${product}`);
	if (id === undefined || !/^\d+(?:\.\d+)*$/.test(version)) return null;
	const servicePack = /^sp(\d+)$/.exec(update)?.[1];
	return { id, version: servicePack === undefined ? version : `${version}.${servicePack}` };
}
