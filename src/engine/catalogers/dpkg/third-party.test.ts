import { describe, expect, it } from "vitest";
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
	])("takes %s for %s", (maintainer, vendor) => {
		expect(thirdPartyOf(maintainer)).toBe(vendor);
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
		expect(thirdPartyOf(maintainer)).toBeUndefined();
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
		expect(thirdPartyOf(maintainer)).toBeUndefined();
	});

	it("does not mind case and blanks", () => {
		expect([thirdPartyOf("  GITHUB "), thirdPartyOf("x < Support@Docker.COM >")]).toEqual(["GitHub", "Docker"]);
	});
});
