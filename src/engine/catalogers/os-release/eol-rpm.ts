/** Tumbleweed is rolling. */
export const rpmLastDays = {
	// https://wiki.almalinux.org/release-notes/; the day before SUPPORT_END in the distribution's own os-release
	almalinux: { "8": "2029-05-31", "9": "2032-05-31", "10": "2035-05-31" },
	// https://aws.amazon.com/amazon-linux-2/faqs/; 2023 as SUPPORT_END in its own os-release; 2014 to 2018 are the AMI
	amzn: {
		"2": "2026-06-30",
		"2014": "2023-12-31",
		"2015": "2023-12-31",
		"2016": "2023-12-31",
		"2017": "2023-12-31",
		"2018": "2023-12-31",
		"2023": "2029-06-30",
	},
	// https://learn.microsoft.com/azure/azure-linux/release-cadence-lifecycle
	azurelinux: { "3": "2027-08-31" },
	// https://www.centos.org/cl-vs-cs/; 8 is both CentOS Linux and CentOS Stream, with different dates; 9 is Stream
	centos: {
		"5": "2017-03-31",
		"6": "2020-11-30",
		"7": "2024-06-30",
		"8-linux": "2021-12-31",
		"8-stream": "2024-05-31",
		"9": "2027-05-31",
	},
	// https://docs.fedoraproject.org/en-US/releases/eol/; later ones say it themselves (SUPPORT_END)
	fedora: {
		"20": "2015-06-23",
		"21": "2015-12-01",
		"22": "2016-07-19",
		"23": "2016-12-20",
		"24": "2017-08-08",
		"25": "2017-12-12",
		"26": "2018-05-29",
		"27": "2018-11-30",
		"28": "2019-05-28",
		"29": "2019-11-26",
		"30": "2020-05-26",
		"31": "2020-11-24",
		"32": "2021-05-25",
		"33": "2021-11-30",
		"34": "2022-06-07",
		"35": "2022-12-13",
		"36": "2023-05-16",
		"37": "2023-12-05",
		"38": "2024-05-21",
		"39": "2024-11-26",
		"40": "2025-05-13",
		"41": "2025-12-15",
	},
	// https://www.mageia.org/support/
	mageia: { "5": "2017-12-31", "6": "2019-09-30", "7": "2021-06-30", "8": "2023-11-30" },
	// as azurelinux, whose former name it is
	mariner: { "1": "2023-08-31", "2": "2025-07-31" },
	// https://www.oracle.com/a/ocom/docs/elsp-lifetime-069338.pdf (premier support; months, of which the last day)
	ol: { "5": "2017-06-30", "6": "2021-03-31", "7": "2024-12-31", "8": "2029-07-31", "9": "2032-06-30" },
	// https://www.openeuler.org/en/download/archive/ (months, of which the last day)
	openeuler: {
		"20.03-LTS": "2021-03-31",
		"20.03-LTS-SP1": "2022-12-31",
		"20.03-LTS-SP2": "2022-04-30",
		"20.03-LTS-SP3": "2023-12-31",
		"20.03-LTS-SP4": "2025-11-30",
		"22.03-LTS": "2024-03-31",
		"22.03-LTS-SP1": "2024-12-31",
		"22.03-LTS-SP2": "2024-03-31",
		"22.03-LTS-SP3": "2025-12-31",
		"22.03-LTS-SP4": "2026-06-30",
		"24.03-LTS": "2026-05-31",
		"24.03-LTS-SP1": "2026-12-31",
		"24.03-LTS-SP2": "2026-03-31",
		"24.03-LTS-SP3": "2027-12-31",
	},
	// https://en.opensuse.org/Lifetime
	"opensuse-leap": {
		"42.1": "2017-05-17",
		"42.2": "2018-01-26",
		"42.3": "2019-07-01",
		"15.0": "2019-12-03",
		"15.1": "2021-02-02",
		"15.2": "2022-01-04",
		"15.3": "2022-12-31",
		"15.4": "2023-12-07",
		"15.5": "2024-12-31",
		"15.6": "2026-04-30",
		"16.0": "2027-10-31",
	},
	// https://blogs.vmware.com/vsphere/2022/01/photon-1-x-end-of-support-announcement.html
	photon: { "1": "2022-02-28" },
	// https://access.redhat.com/support/policy/updates/errata (end of maintenance support)
	rhel: {
		"4": "2012-02-29",
		"5": "2017-03-31",
		"6": "2020-11-30",
		"7": "2024-06-30",
		"8": "2029-05-31",
		"9": "2032-05-31",
		"10": "2035-05-31",
	},
	// https://wiki.rockylinux.org/rocky/version/; the same as SUPPORT_END in the distribution's own os-release
	rocky: { "8": "2029-05-31", "9": "2032-05-31", "10": "2035-05-31" },
	// https://www.suse.com/lifecycle (general support; service packs count from 0)
	sles: {
		"11.0": "2010-12-31",
		"11.1": "2012-08-31",
		"11.2": "2014-01-31",
		"11.3": "2016-01-31",
		"11.4": "2019-03-31",
		"12.0": "2016-06-30",
		"12.1": "2017-05-31",
		"12.2": "2018-03-31",
		"12.3": "2019-06-30",
		"12.4": "2020-06-30",
		"12.5": "2024-10-31",
		"15.0": "2019-12-31",
		"15.1": "2021-01-31",
		"15.2": "2021-12-31",
		"15.3": "2022-12-31",
		"15.4": "2023-12-31",
		"15.5": "2024-12-31",
		"15.6": "2025-12-31",
		"15.7": "2031-07-31",
	},
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;
