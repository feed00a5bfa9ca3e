/**
 * Vendors that publish their own Debian packages. Debian's advisories do not speak of these, so their packages are
 * marked instead of being matched (as Trivy does since 0.70). An entry is the domain of the Maintainer's address,
 * whole: a person's address at a mail service is no vendor.
 */
const vendorOfDomain: Readonly<Record<string, string>> = {
	"cloudflare.com": "Cloudflare",
	"couchdb.apache.org": "Apache CouchDB",
	"datadoghq.com": "Datadog",
	"docker.com": "Docker",
	"elastic.co": "Elastic",
	"f5.com": "F5 NGINX",
	"gitlab.com": "GitLab",
	"grafana.com": "Grafana Labs",
	"hashicorp.com": "HashiCorp",
	"influxdata.com": "InfluxData",
	"influxdb.com": "InfluxData",
	"konghq.com": "Kong",
	"mariadb.com": "MariaDB",
	"mariadb.org": "MariaDB",
	"microsoft.com": "Microsoft",
	"mongodb.com": "MongoDB",
	"nginx.com": "F5 NGINX",
	"nodesource.com": "NodeSource",
	"nvidia.com": "NVIDIA",
	"openrobotics.org": "Open Source Robotics Foundation",
	"osrfoundation.org": "Open Source Robotics Foundation",
	"sap.com": "SAP",
	"tailscale.com": "Tailscale",
};

/** Vendors that give a name and no address of their own. */
const vendorOfName: Readonly<Record<string, string>> = {
	"google cloud cli authors": "Google Cloud CLI",
	"mariadb developers": "MariaDB",
	github: "GitHub",
	hashicorp: "HashiCorp",
};

/** The vendor of a package by its `Maintainer` field (`Name <address>`); undefined for the distribution's own. */
export function thirdPartyOf(maintainer: string): string | undefined {
	const [, name = "", address = ""] = /^([^<]*)(?:<([^>]*)>)?/.exec(maintainer) ?? [];
	const domain = address.slice(address.lastIndexOf("@") + 1);
	return lookUp(vendorOfDomain, domain) ?? lookUp(vendorOfName, name);
}

function lookUp(table: Readonly<Record<string, string>>, key: string): string | undefined {
	const lower = key.trim().toLowerCase();
	return Object.hasOwn(table, lower) ? table[lower] : undefined;
}
