/** Which package manager a distribution lives by: files of two families in one image do not belong together. */
const families: Readonly<Record<string, readonly string[]>> = {
	apk: ["alpaquita", "alpine", "bellsoft-hardened-containers", "chainguard", "minimos", "postmarketos", "wolfi"],
	deb: ["debian", "devuan", "echo", "kali", "linuxmint", "pop", "raspbian", "ubuntu"],
	pacman: ["arch", "manjaro"],
	portage: ["gentoo"],
	rpm: [
		"alinux",
		"almalinux",
		"amzn",
		"anolis",
		"azurelinux",
		"bottlerocket",
		"centos",
		"cloudlinux",
		"euleros",
		"eurolinux",
		"fedora",
		"hummingbird",
		"kylin",
		"mageia",
		"mariner",
		"ol",
		"opencloudos",
		"openeuler",
		"opensuse",
		"opensuse-leap",
		"opensuse-microos",
		"opensuse-tumbleweed",
		"photon",
		"rhel",
		"rocky",
		"scientific",
		"sl-micro",
		"sle-micro",
		"sle-micro-rancher",
		"sle_hpc",
		"sled",
		"sles",
		"sles_sap",
		"suse",
		"tencentos",
		"virtuozzo",
	],
};

/** The family of a distribution, or else of the nearest relative that has one; undefined when nothing tells. */
export function familyOf({
	id,
	idLike = [],
}: {
	readonly id: string;
	readonly idLike?: readonly string[];
}): string | undefined {
	for (const name of [id, ...idLike]) {
		const family = Object.keys(families).find((key) => families[key]?.includes(name));
		if (family !== undefined) return family;
	}
	return undefined;
}
