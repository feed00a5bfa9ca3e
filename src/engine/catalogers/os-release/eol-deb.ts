/** Echo is rolling. */
export const debLastDays = {
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
		"8.04": "2013-05-09",
		"8.10": "2010-04-30",
		"9.04": "2010-10-23",
		"9.10": "2011-04-30",
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
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * Where a paid extension is switched on: Ubuntu's Expanded Security Maintenance. (Legacy support after it is another
 * purchase, which an image does not tell.) https://ubuntu.com/about/release-cycle; eol-esm in the same ubuntu.csv
 */
export const esmLastDays = {
	ubuntu: {
		"12.04": "2019-04-26",
		"14.04": "2024-04-25",
		"16.04": "2026-04-23",
		"18.04": "2028-04-26",
		"20.04": "2030-04-23",
		"22.04": "2032-04-21",
		"24.04": "2034-04-25",
		"26.04": "2036-04-23",
	},
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;
