/**
 * The last day of free, public security updates, by os-release `ID` and release key. Long-term support that is free
 * for all counts: for Debian that is the end of LTS, since Debian's own security tracker serves fixes until then, and
 * for Ubuntu the end of standard support. What is paid for or needs an account does not count (Debian ELTS, Ubuntu
 * Pro, Red Hat ELS). LTS serves fewer architectures, which this date cannot say. A release whose date is not known for
 * sure is left out. Wolfi and Chainguard are rolling: they have no releases that could end.
 *
 * Dates to come change: check them when a release is added.
 */
const lastDays: Readonly<Record<string, Readonly<Record<string, string>>>> = {
	// https://alpinelinux.org/releases/
	alpine: {
		"2.0": "2012-04-01",
		"2.1": "2012-11-01",
		"2.2": "2013-05-01",
		"2.3": "2013-11-01",
		"2.4": "2014-05-01",
		"2.5": "2014-11-01",
		"2.6": "2015-05-01",
		"2.7": "2015-11-01",
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
		"3.24": "2028-06-01",
	},
	// https://wiki.debian.org/LTS; as in debian.csv of the package distro-info-data (column eol-lts, before 6 eol)
	debian: {
		"4": "2010-02-15",
		"5": "2012-02-06",
		"6": "2016-02-29",
		"7": "2018-05-31",
		"8": "2020-06-30",
		"9": "2022-06-30",
		"10": "2024-06-30",
		"11": "2026-08-31",
		"12": "2028-06-30",
		"13": "2030-06-30",
	},
	// https://wiki.ubuntu.com/Releases; as in ubuntu.csv of the package distro-info-data (eol-server, or else eol)
	ubuntu: {
		"10.04": "2015-04-30",
		"10.10": "2012-04-10",
		"11.04": "2012-10-28",
		"11.10": "2013-05-09",
		"12.04": "2017-04-28",
		"12.10": "2014-05-16",
		"13.04": "2014-01-27",
		"13.10": "2014-07-17",
		"14.04": "2019-04-25",
		"14.10": "2015-07-23",
		"15.04": "2016-02-04",
		"15.10": "2016-07-28",
		"16.04": "2021-04-30",
		"16.10": "2017-07-20",
		"17.04": "2018-01-13",
		"17.10": "2018-07-19",
		"18.04": "2023-05-31",
		"18.10": "2019-07-18",
		"19.04": "2020-01-23",
		"19.10": "2020-07-17",
		"20.04": "2025-05-29",
		"20.10": "2021-07-22",
		"21.04": "2022-01-20",
		"21.10": "2022-07-14",
		"22.04": "2027-06-01",
		"22.10": "2023-07-20",
		"23.04": "2024-01-25",
		"23.10": "2024-07-11",
		"24.04": "2029-05-31",
		"24.10": "2025-07-10",
		"25.04": "2026-01-15",
		"25.10": "2026-07-09",
		"26.04": "2031-05-29",
		"26.10": "2027-07-15",
	},
	// https://wiki.almalinux.org/release-notes/; the day before SUPPORT_END in the distribution's own os-release
	almalinux: { "8": "2029-05-31", "9": "2032-05-31", "10": "2035-05-31" },
	// https://wiki.rockylinux.org/rocky/version/; the same as SUPPORT_END in the distribution's own os-release
	rocky: { "8": "2029-05-31", "9": "2032-05-31", "10": "2035-05-31" },
	// https://access.redhat.com/support/policy/updates/errata (end of maintenance support)
	rhel: {
		"5": "2017-03-31",
		"6": "2020-11-30",
		"7": "2024-06-30",
		"8": "2029-05-31",
		"9": "2032-05-31",
		"10": "2035-05-31",
	},
	// https://www.centos.org/cl-vs-cs/; 8 is both CentOS Linux and CentOS Stream, with different dates; 9 is Stream
	centos: { "5": "2017-03-31", "6": "2020-11-30", "7": "2024-06-30", "9": "2027-05-31" },
	// https://aws.amazon.com/amazon-linux-2/faqs/; 2023 as SUPPORT_END in its own os-release; 2016 to 2018 are the AMI
	amzn: { "2": "2026-06-30", "2016": "2023-12-31", "2017": "2023-12-31", "2018": "2023-12-31", "2023": "2029-06-30" },
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
