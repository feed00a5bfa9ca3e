/**
 * The last day of free, public security updates, by os-release `ID` and release key. Long-term support that is free
 * for all counts (Debian LTS); paid extensions (Ubuntu Pro, Red Hat ELS) do not. A release whose date is not known
 * for sure is left out. Wolfi and Chainguard are rolling: they have no releases that could end.
 */
const lastDays: Readonly<Record<string, Readonly<Record<string, string>>>> = {
	// https://alpinelinux.org/releases/
	alpine: {
		"3.0": "2016-05-01",
		"3.1": "2016-11-01",
		"3.2": "2017-05-01",
		"3.3": "2017-11-01",
		"3.4": "2018-05-01",
		"3.5": "2018-11-01",
		"3.6": "2019-05-01",
		"3.7": "2019-11-01",
		"3.8": "2020-05-01",
		"3.9": "2020-11-01",
		"3.10": "2021-05-01",
		"3.11": "2021-11-01",
		"3.12": "2022-05-01",
		"3.13": "2022-11-01",
		"3.14": "2023-05-01",
		"3.15": "2023-11-01",
		"3.16": "2024-05-23",
		"3.17": "2024-11-22",
		"3.18": "2025-05-09",
		"3.19": "2025-11-01",
		"3.20": "2026-04-01",
		"3.21": "2026-11-01",
		"3.22": "2027-05-01",
		"3.23": "2027-11-01",
	},
	// https://wiki.debian.org/LTS
	debian: {
		"6": "2016-02-29",
		"7": "2018-05-31",
		"8": "2020-06-30",
		"9": "2022-06-30",
		"10": "2024-06-30",
		"11": "2026-08-31",
		"12": "2028-06-30",
		"13": "2030-06-30",
	},
	// https://wiki.ubuntu.com/Releases
	ubuntu: {
		"14.04": "2019-04-02",
		"16.04": "2021-04-02",
		"18.04": "2023-05-31",
		"20.04": "2025-05-31",
		"22.04": "2027-04-01",
		"22.10": "2023-07-20",
		"23.04": "2024-01-20",
		"23.10": "2024-07-12",
		"24.04": "2029-05-31",
		"24.10": "2025-07-10",
		"25.04": "2026-01-17",
	},
	// https://wiki.almalinux.org/release-notes/
	almalinux: { "8": "2029-03-01", "9": "2032-05-31", "10": "2035-05-31" },
	// https://wiki.rockylinux.org/rocky/version/
	rocky: { "8": "2029-05-31", "9": "2032-05-31" },
	// https://access.redhat.com/support/policy/updates/errata (end of maintenance support)
	rhel: { "6": "2020-11-30", "7": "2024-06-30", "8": "2029-05-31", "9": "2032-05-31" },
	// https://wiki.centos.org/About/Product; 8 is both CentOS Linux and CentOS Stream, with different dates
	centos: { "6": "2020-11-30", "7": "2024-06-30" },
	// https://aws.amazon.com/amazon-linux-2/faqs/, https://docs.aws.amazon.com/linux/al2023/
	amzn: { "2": "2026-06-30", "2018": "2023-12-31", "2023": "2028-03-15" },
};

/** Distributions whose releases are told by two numbers; all others go by the first. */
const twoNumbers = new Set(["alpine", "ubuntu"]);

/** The release that a version belongs to (`12.15` to `12`, `3.18.9` to `3.18`); empty for testing and rolling ones. */
export function releaseKey(id: string, versionId: string): string {
	const [, major, minor] = /^(\d+)(?:\.(\d+))?(?:\.\d+)*(?:-r\d+)?$/.exec(versionId) ?? [];
	if (major === undefined) return "";
	if (!twoNumbers.has(id)) return major;
	return minor === undefined ? "" : `${major}.${minor}`;
}

/** End of life, `YYYY-MM-DD`; undefined where it is not known or there is none. */
export function endOfLife(id: string, versionId: string): string | undefined {
	const releases = Object.hasOwn(lastDays, id) ? lastDays[id] : undefined;
	const key = releaseKey(id, versionId);
	return releases && Object.hasOwn(releases, key) ? releases[key] : undefined;
}
