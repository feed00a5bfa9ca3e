/**
 * Vendors that publish their own Debian packages. Debian's advisories do not speak of these, so their packages are
 * marked instead of being matched (as Trivy does since 0.70). A false entry hides findings of the distribution's own
 * packages, a missing one gives false findings.
 *
 * Each entry is as in the vendor's own packages or in the files that it builds them from. Entries are whole, because
 * a vendor's domain alone proves nothing: Debian 12 has packages maintained from nvidia.com and osrfoundation.org.
 *
 * Left out, since they cannot be told by this field: the PostgreSQL (PGDG), LLVM and PHP (Sury) archives name the
 * same teams as Debian does, and people of Open Robotics (ROS) maintain packages in Debian under the same address.
 * PGDG and Sury packages keep Debian's source names and versions that order well beside Debian's: they are matched.
 */
const vendorOfAddress: Readonly<Record<string, string>> = {
	"contact@grafana.com": "Grafana Labs",
	"corretto-team@amazon.com": "Amazon Corretto",
	"cuda-quantum@nvidia.com": "NVIDIA",
	"cudatools@nvidia.com": "NVIDIA",
	"dev@couchdb.apache.org": "Apache CouchDB",
	"dev@kubernetes.io": "Kubernetes",
	"dotnetpackages@dotnetfoundation.org": "Microsoft",
	"help@containerd.io": "Docker",
	"info@elastic.co": "Elastic",
	"info@percona.com": "Percona",
	"info@tailscale.com": "Tailscale",
	"kubernetes-dev+release@googlegroups.com": "Kubernetes",
	"mysql-build@oss.oracle.com": "Oracle MySQL",
	"mysql-dev@percona.com": "Percona",
	"nginx-packaging@f5.com": "F5 NGINX",
	"package@datadoghq.com": "Datadog",
	"packaging@mongodb.com": "MongoDB",
	"powershellteam@hotmail.com": "Microsoft",
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
};

/** Vendors whose archives name many single employees, and from whose domain nobody maintains a package of Debian. */
const vendorOfDomain: Readonly<Record<string, string>> = {
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
 * The vendor of a package by its `Maintainer` field, undefined for the distribution's own. The field is
 * `Name <address>`; vendors' packages also have a bare name or a bare address there.
 */
export function thirdPartyOf(maintainer: string): string | undefined {
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
