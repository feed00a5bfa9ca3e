import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { extract } from "tar-stream";
import { describe, expect, it } from "vitest";
import { parseStatus } from "./parse-status.ts";
import { readStanzas } from "./stanzas.ts";
import { thirdPartyOf } from "./third-party.ts";

describe("thirdPartyOf", () => {
	it.each([
		["Docker <support@docker.com>", "Docker"],
		["Containerd team <help@containerd.io>", "Docker"],
		["cudatools <cudatools@nvidia.com>", "NVIDIA"],
		["NVIDIA CORPORATION <cudatools@nvidia.com>", "NVIDIA"],
		["Google Cloud CLI Authors <https://code.google.com/p/google-cloud-sdk/>", "Google Cloud CLI"],
		["Google Cloud SDK Authors <https://code.google.com/p/google-cloud-sdk/>", "Google Cloud CLI"],
		["HashiCorp", "HashiCorp"],
		["HashiCorp <support@hashicorp.com>", "HashiCorp"],
		[".NET Team <dotnetpackages@dotnetfoundation.org>", "Microsoft"],
		["Microsoft <nugetaspnet@microsoft.com>", "Microsoft"],
		["PowerShell Team <PowerShellTeam@hotmail.com>", "Microsoft"],
		["Azure Python CLI Team <azpycli@microsoft.com>", "Microsoft"],
		["Microsoft SQL ODBC Team <mssql-odbc@microsoft.com>", "Microsoft"],
		["Microsoft Corporation", "Microsoft"],
		["MongoDB Packaging <packaging@mongodb.com>", "MongoDB"],
		["MariaDB Developers <maria-developers@lists.launchpad.net>", "MariaDB"],
		["MariaDB Developers <developers@lists.mariadb.org>", "MariaDB"],
		["Elasticsearch Team <info@elastic.co>", "Elastic"],
		["Kibana Team <info@elastic.co>", "Elastic"],
		["NGINX Packaging <nginx-packaging@f5.com>", "F5 NGINX"],
		["Sergey Budnevitch <sb@nginx.com>", "F5 NGINX"],
		["Cloudflare <support@cloudflare.com>", "Cloudflare"],
		["support@influxdb.com", "InfluxData"],
		["GitLab, Inc. <support@gitlab.com>", "GitLab"],
		["contact@grafana.com", "Grafana Labs"],
		["Grafana Labs <support@grafana.com>", "Grafana Labs"],
		["Datadog Packages <package@datadoghq.com>", "Datadog"],
		["NodeSource Support <support@nodesource.com>", "NodeSource"],
		["Ivan Iguaran <ivan@nodesource.com>", "NodeSource"],
		["Tailscale Inc <info@tailscale.com>", "Tailscale"],
		["GitHub", "GitHub"],
		["MySQL Release Engineering <mysql-build@oss.oracle.com>", "Oracle MySQL"],
		["Percona Development Team <info@percona.com>", "Percona"],
		["Kubernetes Authors <dev@kubernetes.io>", "Kubernetes"],
		["Eclipse Adoptium Package Maintainers <temurin-dev@eclipse.org>", "Eclipse Temurin"],
		["Amazon Corretto Team <corretto-team@amazon.com>", "Amazon Corretto"],
		["RabbitMQ Team <rabbitmq-core@groups.vmware.com>", "RabbitMQ"],
		["RabbitMQ Team <info@rabbitmq.com>", "RabbitMQ"],
		["Redis Ltd. <redis@redis.io>", "Redis"],
		["Azul Systems <support@azul.com>", "Azul Zulu"],
		["Kohsuke Kawaguchi <kk@kohsuke.org>", "Jenkins"],
		["Confluent Packaging <packages@confluent.io>", "Confluent"],
		["Timescale <hello@timescale.com>", "Timescale"],
		["Christian Marillat <marillat@deb-multimedia.org>", "deb-multimedia.org"],
		["Chrome Linux Team <chromium-dev@chromium.org>", "Google Chrome"],
		["Yarn Developers <yarn@dan.cx>", "Yarn"],
		["ClickHouse Dev Team <packages+linux@clickhouse.com>", "ClickHouse"],
		["Puppet, Inc. <info@puppet.com>", "Puppet"],
		["Zabbix Packager <info@zabbix.com>", "Zabbix"],
	])("takes %s for %s", (maintainer, vendor) => {
		expect(thirdPartyOf(maintainer, "1.0-1")).toBe(vendor);
	});

	it.each([
		"Alex Doyle <adoyle@nvidia.com>",
		"Jose Luis Rivero <jrivero@osrfoundation.org>",
		"Brandon Weeks <bweeks@google.com>",
		"Mongo C Driver Team <mongo-c-driver-debian@googlegroups.com>",
		"Debian Kubernetes Packaging Team <team+kubernetes@tracker.debian.org>",
		"Debian MongoDB Maintainers <team+mongodb@tracker.debian.org>",
		"Debian MySQL Maintainers <pkg-mysql-maint@lists.alioth.debian.org>",
		"Debian NVIDIA Maintainers <pkg-nvidia-devel@lists.alioth.debian.org>",
		"Debian Nginx Maintainers <pkg-nginx-maintainers@alioth-lists.debian.net>",
		"Debian PostgreSQL Maintainers <team+postgresql@tracker.debian.org>",
		"Docker Compose Team <team+docker-compose@tracker.debian.org>",
		"LLVM Packaging Team <pkg-llvm-team@lists.alioth.debian.org>",
		"Ubuntu Developers <ubuntu-devel-discuss@lists.ubuntu.com>",
		"Vladimir Petko <vladimir.petko@canonical.com>",
	])("takes %s for the distribution's own", (maintainer) => {
		expect(thirdPartyOf(maintainer, "1.0-1")).toBeUndefined();
	});

	it.each([
		"",
		"<>",
		"@",
		"microsoft.com",
		"Someone <someone@users.noreply.gitlab.com>",
		"Docker fans <docker.com@example.org>",
		"Someone <support@docker.com.example.org>",
		"Someone <microsoft.com>",
		"constructor <constructor@constructor>",
	])("is not misled by %j", (maintainer) => {
		expect(thirdPartyOf(maintainer, "1.0-1")).toBeUndefined();
	});

	it.each([
		["16.4-1.pgdg120+1", "PostgreSQL (apt.postgresql.org)"],
		["1:3.4.4-1.pgdg22.04+2", "PostgreSQL (apt.postgresql.org)"],
		["9.1.2-1~pgdg+1", "PostgreSQL (apt.postgresql.org)"],
		["8.3.6-1+ubuntu22.04.1+deb.sury.org+1", "PHP (deb.sury.org)"],
		["5.6.10-1+deb.sury.org~trusty+1", "PHP (deb.sury.org)"],
		["7.3.33-24+0~20241224.123+debian12~1.gbp64cad4", "PHP (deb.sury.org)"],
		["7:6.1.1-dmo3", "deb-multimedia.org"],
		["6:7.4.2-1rl1~jammy1", "Redis"],
		["1:11.4.2+maria~ubu2404", "MariaDB"],
		["20.20.2-1nodesource1", "NodeSource"],
		["1:2.45.2-0ppa1~ubuntu22.04.1", "Launchpad PPA"],
		["3.0-1~ppa2", "Launchpad PPA"],
	])("takes version %s for one of %s, whoever maintains it", (version, vendor) => {
		expect(thirdPartyOf("Debian Team <team@tracker.debian.org>", version)).toBe(vendor);
	});

	it.each([
		"16.4-0+deb12u1",
		"8.2.26-1~deb12u1",
		"1.5+debian1-2",
		"2.9-1~bpo12+1",
		"0~2.gbp234f0c6-1",
		"3.4.4~r2+gbp-1+b1",
		"2.4-jenkins-3-7",
		"1.1.1f-1ubuntu2.24+esm1",
		"4.8-1ubuntu7~22.04.1",
		"1.0-1mappa1",
		"2024a-0+deb12u1",
	])("takes version %s for the distribution's own", (version) => {
		expect(thirdPartyOf("Debian Team <team@tracker.debian.org>", version)).toBeUndefined();
	});

	it("believes the maintainer before the version", () => {
		expect(thirdPartyOf("Timescale <hello@timescale.com>", "2.15.0-1.pgdg120+1")).toBe("Timescale");
	});

	it("does not mind case and blanks", () => {
		expect([thirdPartyOf("  GITHUB ", "1"), thirdPartyOf("x < Support@Docker.COM >", "1")]).toEqual([
			"GitHub",
			"Docker",
		]);
	});
});

/** The package lists that apt has of the distribution itself, other archives left out; none where apt has none. */
function ownPackageLists(): readonly string[] {
	try {
		const format = ["--format", "$(FILENAME)", "Created-By: Packages"];
		return ["Origin: Debian", "Origin: Ubuntu"].flatMap((origin) =>
			run("apt-get", ["indextargets", ...format, origin])
				.split("\n")
				.filter(Boolean),
		);
	} catch {
		return [];
	}
}

function run(program: string, args: readonly string[]): string {
	return execFileSync(program, args, {
		encoding: "utf8",
		maxBuffer: 1024 * 1024 * 1024,
		stdio: ["ignore", "pipe", "ignore"],
	});
}

const lists = ownPackageLists();
const image = join(
	resolve(process.env["PLIMSOLL_TESTDATA"] ?? "../shared/testdata"),
	"images/debian-12-main-dbonly.oci.tar",
);

describe("the distribution's own packages", () => {
	it.skipIf(lists.length === 0)(
		"are none of another vendor (skipped without apt's package lists)",
		{ timeout: 60_000 },
		() => {
			const wanted = new Set(["package", "version", "maintainer"]);
			let count = 0;
			const taken: string[] = [];
			for (const list of lists) {
				for (const { fields } of readStanzas(run("/usr/lib/apt/apt-helper", ["cat-file", list]), wanted)) {
					count++;
					const vendor = thirdPartyOf(fields.get("maintainer") ?? "", fields.get("version") ?? "");
					if (vendor) taken.push(`${fields.get("package")} ${fields.get("version")}: ${vendor}`);
				}
			}
			expect(taken).toEqual([]);
			expect(count).toBeGreaterThan(1000);
		},
	);

	it.skipIf(!existsSync(image))("of a real image are none either (skipped without PLIMSOLL_TESTDATA)", async () => {
		const blobs = await untar(readFileSync(image));
		const layers = await Promise.all(
			[...blobs.values()].filter((blob) => blob[0] === 0x1f).map((blob) => untar(gunzipSync(blob))),
		);
		const status = layers.flatMap((files) => files.get("var/lib/dpkg/status") ?? []);
		const packages = status.flatMap((bytes) => parseStatus(bytes, "var/lib/dpkg/status").packages);
		expect(packages).toHaveLength(206);
		expect(packages.filter((pkg) => pkg.thirdParty)).toEqual([]);
	});
});

/** The regular files of a tar by their paths, without a leading `./`. */
async function untar(bytes: Uint8Array): Promise<ReadonlyMap<string, Uint8Array>> {
	const files = new Map<string, Uint8Array>();
	const entries = extract();
	entries.end(bytes);
	for await (const entry of entries) {
		files.set(entry.header.name.replace(/^\.\//, ""), await buffer(entry));
	}
	return files;
}
