import { describe, expect, it } from "vitest";
import { runCataloger, utf8 } from "../testing.ts";
import { osRelease } from "./index.ts";
import { resolveOs } from "./resolve.ts";

/** Lines of the files as the distributions' own images have them; what is not read is left out. */
type Image = readonly (readonly [path: string, ...lines: string[]])[];

function resolve(image: Image) {
	const read = image.map(([path, ...lines]) =>
		runCataloger(osRelease, { path, bytes: utf8(lines.map((line) => `${line}\n`).join("")) }),
	);
	expect(read.flatMap(({ warnings }) => warnings)).toEqual([]);
	return resolveOs(read.flatMap(({ os }) => (os ? [os] : [])));
}

const etc = "etc/os-release";
const lib = "usr/lib/os-release";

describe("the distributions' own images", () => {
	it.each<[string, Image, string, string, string | undefined]>([
		[
			"Debian",
			[
				[lib, 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"', 'VERSION_ID="12"', "ID=debian"],
				["etc/debian_version", "12.15"],
			],
			"debian",
			"12.15",
			"2028-06-30",
		],
		[
			"Debian, distroless",
			[[lib, 'PRETTY_NAME="Distroless"', 'NAME="Debian GNU/Linux"', 'ID="debian"', 'VERSION_ID="12"']],
			"debian",
			"12",
			"2028-06-30",
		],
		[
			"Ubuntu",
			[
				[lib, 'PRETTY_NAME="Ubuntu 22.04.5 LTS"', 'VERSION_ID="22.04"', "ID=ubuntu", "ID_LIKE=debian"],
				["etc/lsb-release", "DISTRIB_ID=Ubuntu", "DISTRIB_RELEASE=22.04"],
				["etc/debian_version", "bookworm/sid"],
			],
			"ubuntu",
			"22.04",
			"2027-06-01",
		],
		[
			"Ubuntu with ESM",
			[
				[etc, "ID=ubuntu", "ID_LIKE=debian", 'VERSION_ID="18.04"'],
				["var/lib/ubuntu-advantage/status.json", '{"services":[{"name":"esm-infra","status":"enabled"}]}'],
			],
			"ubuntu",
			"18.04",
			"2028-04-26",
		],
		[
			"Alpine",
			[
				[etc, 'NAME="Alpine Linux"', "ID=alpine", "VERSION_ID=3.19.1"],
				["etc/alpine-release", "3.19.1"],
				["etc/apk/repositories", "https://dl.example.org/alpine/v3.19/main"],
			],
			"alpine",
			"3.19.1",
			"2025-11-01",
		],
		["Wolfi", [[etc, "ID=wolfi", 'PRETTY_NAME="Wolfi"', 'VERSION_ID="20230201"']], "wolfi", "20230201", undefined],
		["Chainguard", [[etc, "ID=chainguard", 'VERSION_ID="20230214"']], "chainguard", "20230214", undefined],
		["MinimOS", [[etc, "ID=minimos", 'VERSION_ID="20241031"']], "minimos", "20241031", undefined],
		["Alpaquita", [[etc, "ID=alpaquita", "ID_LIKE=alpine", "VERSION_ID=stream"]], "alpaquita", "stream", undefined],
		[
			"BellSoft's hardened images",
			[[etc, "ID=bellsoft-hardened-containers", "ID_LIKE=alpine", "VERSION_ID=25"]],
			"bellsoft-hardened-containers",
			"25",
			undefined,
		],
		["Echo", [[etc, "ID=echo", "ID_LIKE=debian", 'VERSION_ID="2.0"']], "echo", "2.0", undefined],
		[
			"RHEL",
			[
				[etc, 'NAME="Red Hat Enterprise Linux"', 'ID="rhel"', 'ID_LIKE="centos fedora"', 'VERSION_ID="9.4"'],
				["etc/redhat-release", "Red Hat Enterprise Linux release 9.4 (Plow)"],
			],
			"rhel",
			"9.4",
			"2032-05-31",
		],
		[
			"CentOS",
			[
				[etc, 'ID="centos"', 'ID_LIKE="rhel fedora"', 'VERSION_ID="7"', 'PRETTY_NAME="CentOS Linux 7 (Core)"'],
				["etc/centos-release", "CentOS Linux release 7.9.2009 (Core)"],
			],
			"centos",
			"7.9.2009",
			"2024-06-30",
		],
		[
			"CentOS Stream",
			[
				[etc, 'ID="centos"', 'VERSION_ID="8"', 'PRETTY_NAME="CentOS Stream 8"'],
				["etc/centos-release", "CentOS Stream release 8"],
			],
			"centos",
			"8",
			"2024-05-31",
		],
		[
			"AlmaLinux",
			[
				[etc, 'ID="almalinux"', 'ID_LIKE="rhel centos fedora"', 'VERSION_ID="9.4"', "SUPPORT_END=2032-06-01"],
				["etc/almalinux-release", "AlmaLinux release 9.4 (Seafoam Ocelot)"],
				["etc/redhat-release", "AlmaLinux release 9.4 (Seafoam Ocelot)"],
			],
			"almalinux",
			"9.4",
			"2032-05-31",
		],
		[
			"Rocky",
			[
				[etc, 'ID="rocky"', 'ID_LIKE="rhel centos fedora"', 'VERSION_ID="8.10"', 'SUPPORT_END="2029-05-31"'],
				["etc/rocky-release", "Rocky Linux release 8.10 (Green Obsidian)"],
			],
			"rocky",
			"8.10",
			"2029-05-31",
		],
		[
			"Oracle Linux",
			[
				[etc, 'ID="ol"', 'ID_LIKE="fedora"', 'VERSION_ID="8.10"', 'PRETTY_NAME="Oracle Linux Server 8.10"'],
				["etc/oracle-release", "Oracle Linux Server release 8.10"],
				["etc/redhat-release", "Red Hat Enterprise Linux release 8.10 (Ootpa)"],
			],
			"ol",
			"8.10",
			"2029-07-31",
		],
		[
			"Amazon Linux 2",
			[
				[etc, 'ID="amzn"', 'ID_LIKE="centos rhel fedora"', 'VERSION_ID="2"', 'SUPPORT_END="2025-06-30"'],
				["etc/system-release", "Amazon Linux release 2 (Karoo)"],
			],
			"amzn",
			"2",
			"2026-06-30",
		],
		[
			"Amazon Linux 2023",
			[
				[etc, 'ID="amzn"', 'ID_LIKE="fedora"', 'VERSION_ID="2023"', 'SUPPORT_END="2028-03-15"'],
				["usr/lib/system-release", "Amazon Linux release 2023.6.20241121 (Amazon Linux)"],
			],
			"amzn",
			"2023.6.20241121",
			"2029-06-30",
		],
		[
			"Amazon Linux AMI",
			[
				[etc, 'ID="amzn"', 'ID_LIKE="rhel fedora"', 'VERSION_ID="2018.03"'],
				["etc/system-release", "Amazon Linux AMI release 2018.03"],
			],
			"amzn",
			"2018.03",
			"2023-12-31",
		],
		[
			"SLES",
			[[etc, 'ID="sles"', 'ID_LIKE="suse"', 'VERSION_ID="15.5"', 'PRETTY_NAME="SUSE Linux Enterprise Server 15 SP5"']],
			"sles",
			"15.5",
			"2024-12-31",
		],
		["SL Micro", [[etc, 'ID="sl-micro"', 'ID_LIKE="suse"', 'VERSION_ID="6.0"']], "sl-micro", "6.0", undefined],
		["SLE Micro", [[etc, 'ID="sle-micro"', 'VERSION_ID="5.5"']], "sle-micro", "5.5", undefined],
		[
			"Leap",
			[[lib, 'ID="opensuse-leap"', 'ID_LIKE="suse opensuse"', 'VERSION_ID="15.6"']],
			"opensuse-leap",
			"15.6",
			"2026-04-30",
		],
		[
			"Tumbleweed",
			[[lib, 'ID="opensuse-tumbleweed"', 'ID_LIKE="opensuse suse"', 'VERSION_ID="20240321"']],
			"opensuse-tumbleweed",
			"20240321",
			undefined,
		],
		[
			"Photon",
			[
				[etc, "ID=photon", "VERSION_ID=5.0", 'PRETTY_NAME="VMware Photon OS/Linux"'],
				["etc/photon-release", "VMware Photon OS 5.0", "PHOTON_BUILD_NUMBER=dde71ec57"],
				["etc/lsb-release", 'DISTRIB_ID="VMware Photon OS"', 'DISTRIB_RELEASE="5.0"'],
			],
			"photon",
			"5.0",
			undefined,
		],
		["Azure Linux", [[lib, 'ID="azurelinux"', 'VERSION_ID="3.0"']], "azurelinux", "3.0", "2027-08-31"],
		[
			"CBL-Mariner",
			[
				[lib, "ID=mariner", 'VERSION="2.0.20240123"', 'VERSION_ID="2.0"'],
				["etc/mariner-release", "CBL-Mariner 2.0.20240123", "MARINER_BUILD_NUMBER=a1b2c3d"],
			],
			"mariner",
			"2.0.20240123",
			"2025-07-31",
		],
		[
			"Fedora",
			[
				[lib, "ID=fedora", "VERSION_ID=41", "SUPPORT_END=2025-11-19"],
				["usr/lib/fedora-release", "Fedora release 41 (Forty One)"],
			],
			"fedora",
			"41",
			"2025-12-15",
		],
		["Fedora to come", [[lib, "ID=fedora", "VERSION_ID=50", "SUPPORT_END=2030-05-13"]], "fedora", "50", "2030-05-12"],
		[
			"openEuler",
			[
				[etc, 'ID="openEuler"', 'VERSION="22.03 (LTS-SP3)"', 'VERSION_ID="22.03"'],
				["etc/openEuler-release", "openEuler release 22.03 (LTS-SP3)"],
			],
			"openeuler",
			"22.03-LTS-SP3",
			"2025-12-31",
		],
		[
			"openEuler, innovation",
			[[etc, 'ID="openEuler"', 'VERSION="25.09"', 'VERSION_ID="25.09"']],
			"openeuler",
			"25.09",
			undefined,
		],
		["Mageia", [[etc, 'ID="mageia"', 'ID_LIKE="mandriva fedora"', "VERSION_ID=8"]], "mageia", "8", "2023-11-30"],
		[
			"Bottlerocket",
			[["x86_64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release", "ID=bottlerocket", "VERSION_ID=1.19.2"]],
			"bottlerocket",
			"1.19.2",
			undefined,
		],
		["Arch", [[lib, "ID=arch", "BUILD_ID=rolling"]], "arch", "", undefined],
	])("%s", (_, image, id, versionId, eol) => {
		const { os, warnings } = resolve(image);
		expect(warnings).toEqual([]);
		expect(os).toMatchObject({ id, versionId });
		expect(os?.eol).toBe(eol);
	});
});

describe("images without os-release", () => {
	it.each([
		["etc/redhat-release", "CentOS release 6.10 (Final)", "centos", "6.10"],
		["etc/redhat-release", "Scientific Linux release 7.9 (Nitrogen)", "scientific", "7.9"],
		["etc/redhat-release", "EulerOS release 2.0 (SP8)", "euleros", "2.0"],
		["etc/redhat-release", "Kylin Linux Advanced Server release V10 (Lance)", "kylin", "V10"],
		["etc/redhat-release", "Example Linux release 3.1", "example-linux", "3.1"],
		["etc/system-release", "Alibaba Cloud Linux release 3 (Soaring Falcon)", "alinux", "3"],
		["etc/mageia-release", "Mageia release 9 (Official) for x86_64", "mageia", "9"],
		["etc/openEuler-release", "openEuler release 20.03 (LTS-SP4)", "openeuler", "20.03-LTS-SP4"],
		["etc/openEuler-release", "openEuler release 25.09", "openeuler", "25.09"],
		["etc/photon-release", "VMware Photon Linux 1.0", "photon", "1.0"],
		["etc/mariner-release", "CBL-Mariner 1.0.20230811", "mariner", "1.0.20230811"],
		["etc/azurelinux-release", "Azure Linux 3.0.20240801", "azurelinux", "3.0.20240801"],
	])("%s: %s", (path, line, id, versionId) => {
		expect(resolve([[path, line]]).os).toMatchObject({ id, versionId, prettyName: line });
	});

	it.each([
		[["SUSE Linux Enterprise Server 11 (x86_64)", "VERSION = 11", "PATCHLEVEL = 4"], "sles", "11.4"],
		[["SUSE Linux Enterprise Server 12 (x86_64)", "VERSION = 12", "PATCHLEVEL = 0"], "sles", "12"],
		[["openSUSE 13.2 (x86_64)", "VERSION = 13.2", "CODENAME = Harlequin"], "opensuse", "13.2"],
		[["openSUSE 42.1 (x86_64)", "VERSION = 42.1"], "opensuse-leap", "42.1"],
	])("etc/SuSE-release: %j", (lines, id, versionId) => {
		expect(resolve([["etc/SuSE-release", ...lines]]).os).toMatchObject({ id, versionId });
	});
});

describe("derivatives", () => {
	it.each<[string, Image, string, readonly string[]]>([
		[
			"Linux Mint",
			[
				[etc, "ID=linuxmint", 'ID_LIKE="ubuntu debian"', 'VERSION_ID="21.3"'],
				["etc/lsb-release", "DISTRIB_ID=LinuxMint", "DISTRIB_RELEASE=21.3"],
				["etc/debian_version", "bookworm/sid"],
			],
			"linuxmint",
			["ubuntu", "debian"],
		],
		[
			"Kali",
			[
				[etc, "ID=kali", "ID_LIKE=debian", 'VERSION_ID="2024.1"', 'VERSION_CODENAME="kali-rolling"'],
				["etc/debian_version", "kali-rolling"],
			],
			"kali",
			["debian"],
		],
		[
			"one that nobody knows, over a Debian",
			[
				[etc, "ID=homebrew-os", "ID_LIKE=debian", "VERSION_ID=1"],
				["etc/debian_version", "12.1"],
			],
			"homebrew-os",
			["debian"],
		],
	])("stay themselves and name their relatives: %s", (_, image, id, idLike) => {
		const { os, warnings } = resolve(image);
		expect(warnings).toEqual([]);
		expect(os).toMatchObject({ id, idLike });
		expect(os).not.toHaveProperty("eol");
	});

	it("are told from another family's files by their relatives", () => {
		const { warnings } = resolve([
			[etc, "ID=homebrew-os", 'ID_LIKE="rhel fedora"', "VERSION_ID=1"],
			["etc/debian_version", "12.1"],
		]);
		expect(warnings).toMatchObject([{ code: "os_ambiguous" }]);
	});

	it("get no ESM from a file that Ubuntu left behind", () => {
		const { os } = resolve([
			[etc, "ID=linuxmint", "ID_LIKE=ubuntu", 'VERSION_ID="21.3"'],
			["var/lib/ubuntu-advantage/status.json", '{"services":[{"name":"esm-infra","status":"enabled"}]}'],
		]);
		expect(os).not.toHaveProperty("extended");
	});
});

describe("Ubuntu Pro's state", () => {
	const pro = [
		"var/lib/ubuntu-advantage/status.json",
		'{"services":[{"name":"esm-apps","status":"enabled"}]}',
	] as const;

	it("names no system alone", () => {
		expect(resolve([[...pro]])).toEqual({ os: null, warnings: [] });
	});

	it("shows in the operating system", () => {
		const { os } = resolve([[etc, "ID=ubuntu", 'VERSION_ID="22.04"'], [...pro]]);
		expect(os).toEqual({ id: "ubuntu", versionId: "22.04", eol: "2032-04-21", extended: "esm" });
	});
});
