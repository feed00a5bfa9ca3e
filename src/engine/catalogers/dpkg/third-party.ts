/**
 * Vendors that publish their own Debian packages. Debian's and Ubuntu's advisories do not speak of these, so their
 * packages are marked instead of being matched (as Trivy does since 0.70). A false entry hides findings of the
 * distribution's own packages, a missing one gives false findings, or none where there should be a question mark.
 *
 * Each entry is as in the vendor's own packages or in the files that it builds them from. Entries are whole, because
 * a vendor's domain alone proves nothing: Debian 12 has packages maintained from nvidia.com and osrfoundation.org.
 * None of these rules fits any of the 63,000 packages of Debian 12 (main, security, updates).
 *
 * Left out, since they cannot be told by what dpkg records: the LLVM archive names the same team as Debian does, and
 * people of Open Robotics (ROS) maintain packages in Debian under the same address.
 */
const vendorOfAddress: Readonly<Record<string, string>> = {
	"chrome-linux-team@google.com": "Google Chrome",
	"chromium-dev@chromium.org": "Google Chrome",
	"cloud-support@confluent.io": "Confluent",
	"contact@grafana.com": "Grafana Labs",
	"corretto-team@amazon.com": "Amazon Corretto",
	"cuda-quantum@nvidia.com": "NVIDIA",
	"cudatools@nvidia.com": "NVIDIA",
	"dev@couchdb.apache.org": "Apache CouchDB",
	"dev@kubernetes.io": "Kubernetes",
	"dotnetpackages@dotnetfoundation.org": "Microsoft",
	"hello@timescale.com": "Timescale",
	"help@containerd.io": "Docker",
	"info@elastic.co": "Elastic",
	"info@percona.com": "Percona",
	"info@puppet.com": "Puppet",
	"info@puppetlabs.com": "Puppet",
	"info@rabbitmq.com": "RabbitMQ",
	"info@tailscale.com": "Tailscale",
	"info@zabbix.com": "Zabbix",
	"kk@kohsuke.org": "Jenkins",
	"kubernetes-dev+release@googlegroups.com": "Kubernetes",
	"marillat@deb-multimedia.org": "deb-multimedia.org",
	"mysql-build@oss.oracle.com": "Oracle MySQL",
	"mysql-dev@percona.com": "Percona",
	"nginx-packaging@f5.com": "F5 NGINX",
	"package@datadoghq.com": "Datadog",
	"packages+linux@clickhouse.com": "ClickHouse",
	"packages@confluent.io": "Confluent",
	"packaging@mongodb.com": "MongoDB",
	"powershellteam@hotmail.com": "Microsoft",
	"rabbitmq-core@groups.vmware.com": "RabbitMQ",
	"redis@redis.io": "Redis",
	"sapmachine@sap.com": "SAP",
	"sb@nginx.com": "F5 NGINX",
	"support@cloudflare.com": "Cloudflare",
	"support@docker.com": "Docker",
	"support@gitlab.com": "GitLab",
	"support@grafana.com": "Grafana Labs",
	"support@influxdata.com": "InfluxData",
	"support@influxdb.com": "InfluxData",
	"support@konghq.com": "Kong",
	"temurin-dev@eclipse.org": "Eclipse Temurin",
	"yarn@dan.cx": "Yarn",
};

/** Vendors whose archives name many single employees, and from whose domain nobody maintains a package of Debian. */
const vendorOfDomain: Readonly<Record<string, string>> = {
	"azul.com": "Azul Zulu",
	"azulsystems.com": "Azul Zulu",
	"microsoft.com": "Microsoft",
	"nodesource.com": "NodeSource",
};

/** Vendors that give a name with no address, with a web page for one, or with changing ones. */
const vendorOfName: Readonly<Record<string, string>> = {
	"google cloud cli authors": "Google Cloud CLI",
	"google cloud sdk authors": "Google Cloud CLI",
	"mariadb developers": "MariaDB",
	"microsoft corporation": "Microsoft",
	github: "GitHub",
	hashicorp: "HashiCorp",
};

/**
 * Archives that rebuild Debian's packages, or newer releases of them, under Debian's names and with its maintainers.
 * They mark the version instead. Some of their packages have no counterpart in the distribution (PostgreSQL 17 beside
 * Debian 12), and of the others the distribution's fixed versions are not theirs: neither "affected" nor "not affected"
 * would be known.
 */
const vendorOfVersion: readonly (readonly [mark: RegExp, vendor: string])[] = [
	// apt.postgresql.org: 16.4-1.pgdg120+1
	[/[.~]pgdg[\d+]/, "PostgreSQL (apt.postgresql.org)"],
	// The PPA of the same packager: 8.3.6-1+ubuntu22.04.1+deb.sury.org+1
	[/[+~]deb\.sury\.org/, "PHP (deb.sury.org)"],
	// packages.sury.org: 8.2.26-1+0~20241121.64+debian12~1.gbpf32dee
	[/\+0~\d{8}\.\d{1,5}\+debian\d{1,3}~\d{1,4}\.gbp[\da-f]{6}/, "PHP (deb.sury.org)"],
	// 7:6.1.1-dmo3
	[/-dmo\d/, "deb-multimedia.org"],
	// packages.redis.io: 6:7.4.2-1rl1~bookworm1
	[/-\d{1,4}rl\d{1,4}~/, "Redis"],
	// 1:11.4.2+maria~ubu2404
	[/\+maria~/, "MariaDB"],
	// 20.20.2-1nodesource1
	[/\dnodesource\d/, "NodeSource"],
	// Launchpad's custom for personal archives: 1:2.45.2-0ppa1~ubuntu22.04.1, 3.0-1~ppa2
	[/[\d~+.-]ppa\d{1,4}(?:[~+.]|$)/, "Launchpad PPA"],
];

/**
 * The vendor of a package, undefined for the distribution's own: by its `Maintainer` field, else by a mark in its
 * version. The field is `Name <address>`; vendors' packages also have a bare name or a bare address there.
 */
export function thirdPartyOf(maintainer: string, version: string): string | undefined {
	return vendorOfMaintainer(maintainer) ?? vendorOfVersion.find(([mark]) => mark.test(version))?.[1];
}

function vendorOfMaintainer(maintainer: string): string | undefined {
	const [, before = "", bracketed] = /^([^<]*)(?:<([^>]*)>)?/.exec(maintainer) ?? [];
	const address = bracketed ?? before;
	const at = address.lastIndexOf("@");
	const domain = at < 0 ? "" : address.slice(at + 1);
	return lookUp(vendorOfAddress, address) ?? lookUp(vendorOfDomain, domain) ?? lookUp(vendorOfName, before);
}

function lookUp(table: Readonly<Record<string, string>>, key: string): string | undefined {
	const lower = key.trim().toLowerCase();
	return Object.hasOwn(table, lower) ? table[lower] : undefined;
}
