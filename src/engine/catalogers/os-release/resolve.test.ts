import { describe, expect, it } from "vitest";
import type { OsFact } from "../types.ts";
import { resolveOs } from "./resolve.ts";

type Row = readonly [path: string, id: string, versionId: string];

const sources: Readonly<Record<string, OsFact["source"]>> = {
	"alpine-release": "alpine-release",
	debian_version: "debian_version",
	"lsb-release": "lsb-release",
	"os-release": "os-release",
};

function facts(rows: readonly Row[]): readonly OsFact[] {
	return rows.map(([path, id, versionId]) => {
		const source = sources[path.slice(path.lastIndexOf("/") + 1)] ?? "system-release";
		return { source, path, id, versionId };
	});
}

describe("resolveOs", () => {
	it("knows nothing without facts", () => {
		expect(resolveOs([])).toEqual({ os: null, warnings: [] });
	});

	it.each<[string, Row[], string, string]>([
		[
			"etc before usr/lib",
			[
				["usr/lib/os-release", "debian", "12"],
				["etc/os-release", "debian", "12"],
				["etc/debian_version", "debian", "12.15"],
			],
			"debian",
			"12.15",
		],
		[
			"Debian testing",
			[
				["etc/os-release", "debian", ""],
				["etc/debian_version", "debian", "forky/sid"],
			],
			"debian",
			"forky/sid",
		],
		[
			"a codename adds nothing to a number",
			[
				["etc/os-release", "debian", "13"],
				["etc/debian_version", "debian", "trixie/sid"],
			],
			"debian",
			"13",
		],
		[
			"Ubuntu keeps Debian's file",
			[
				["etc/os-release", "ubuntu", "22.04"],
				["etc/debian_version", "debian", "bookworm/sid"],
				["etc/lsb-release", "ubuntu", "22.04"],
			],
			"ubuntu",
			"22.04",
		],
		[
			"Ubuntu without os-release",
			[
				["etc/debian_version", "debian", "bookworm/sid"],
				["etc/lsb-release", "ubuntu", "22.04"],
			],
			"ubuntu",
			"22.04",
		],
		[
			"Alpine",
			[
				["etc/alpine-release", "alpine", "3.18.9"],
				["etc/os-release", "alpine", "3.18.9"],
			],
			"alpine",
			"3.18.9",
		],
		["Alpine without os-release", [["etc/alpine-release", "alpine", "3.18.9"]], "alpine", "3.18.9"],
		[
			"3.1 is not the beginning of 3.18",
			[
				["etc/os-release", "alpine", "3.18"],
				["etc/alpine-release", "alpine", "3.18.2"],
			],
			"alpine",
			"3.18.2",
		],
		[
			"CentOS",
			[
				["etc/os-release", "centos", "7"],
				["etc/centos-release", "centos", "7.9.2009"],
			],
			"centos",
			"7.9.2009",
		],
		[
			"Oracle calls itself Red Hat too",
			[
				["etc/redhat-release", "rhel", "8.8"],
				["etc/oracle-release", "ol", "8.8"],
			],
			"ol",
			"8.8",
		],
		[
			"the later layer's file counts",
			[
				["etc/os-release", "debian", "11"],
				["etc/os-release", "debian", "12"],
			],
			"debian",
			"12",
		],
		[
			"a distribution that is not known",
			[
				["etc/os-release", "homebrew-os", "1"],
				["etc/debian_version", "debian", "12.1"],
			],
			"homebrew-os",
			"1",
		],
	])("%s", (_, rows, id, versionId) => {
		const { os, warnings } = resolveOs(facts(rows));
		expect(os).toMatchObject({ id, versionId });
		expect(warnings).toEqual([]);
	});

	it.each<[string, Row[], string]>([
		[
			"two families",
			[
				["etc/os-release", "wolfi", "20230201"],
				["etc/debian_version", "debian", "12.5"],
			],
			"wolfi",
		],
		[
			"two releases",
			[
				["etc/os-release", "alpine", "3.18.9"],
				["etc/alpine-release", "alpine", "3.9.6"],
			],
			"alpine",
		],
		[
			"two os-releases",
			[
				["usr/lib/os-release", "ubuntu", "22.04"],
				["etc/os-release", "debian", "12"],
			],
			"debian",
		],
		[
			"two Debians",
			[
				["etc/os-release", "debian", "12"],
				["etc/debian_version", "debian", "11.9"],
			],
			"debian",
		],
	])("notes that the files disagree: %s", (_, rows, id) => {
		const { os, warnings } = resolveOs(facts(rows));
		expect(os?.id).toBe(id);
		expect(warnings).toMatchObject([{ code: "os_ambiguous" }]);
		for (const [path] of rows) expect(warnings[0]?.message).toContain(`${path} says`);
	});

	it("gives the end of life and the name", () => {
		const [base] = facts([["etc/os-release", "debian", "12"]]);
		const { os } = resolveOs(base ? [{ ...base, prettyName: "Debian GNU/Linux 12 (bookworm)" }] : []);
		expect(os).toEqual({
			id: "debian",
			versionId: "12",
			prettyName: "Debian GNU/Linux 12 (bookworm)",
			eol: "2028-06-30",
		});
	});
});
