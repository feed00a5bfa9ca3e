/** Catalogers of texts: one file, some lines or some JSON. */
import { apk } from "../../../src/engine/catalogers/apk/index.ts";
import { composer } from "../../../src/engine/catalogers/composer/index.ts";
import { conda } from "../../../src/engine/catalogers/conda/index.ts";
import { dpkg } from "../../../src/engine/catalogers/dpkg/index.ts";
import { npm } from "../../../src/engine/catalogers/npm/index.ts";
import { osRelease } from "../../../src/engine/catalogers/os-release/index.ts";
import { python } from "../../../src/engine/catalogers/python/index.ts";
import { redhatContentSets } from "../../../src/engine/catalogers/redhat-content-sets/index.ts";
import { ruby } from "../../../src/engine/catalogers/ruby/index.ts";
import { sbom } from "../../../src/engine/catalogers/sbom/index.ts";
import { jsonTexts, testdataOf, texts } from "../inputs.ts";
import type { FuzzTarget } from "../target.ts";
import { catalogerTarget } from "./cataloger.ts";

const releaseFiles = [
	"etc/os-release",
	"usr/lib/os-release",
	"etc/alpine-release",
	"etc/apk/repositories",
	"etc/debian_version",
	"etc/lsb-release",
	"var/lib/ubuntu-advantage/status.json",
	"etc/almalinux-release",
	"etc/redhat-release",
	"etc/system-release",
	"etc/azurelinux-release",
	"etc/photon-release",
	"etc/SuSE-release",
];

export const textCatalogers: readonly FuzzTarget[] = [
	catalogerTarget({
		name: "catalogers/os-release",
		cataloger: osRelease,
		paths: releaseFiles.filter((path) => osRelease.wants({ path, size: 1, mode: 0o644 })),
		seeds: () => [
			...testdataOf("catalogers/os-release"),
			...texts(
				"3.19.1\n",
				"bookworm/sid\n",
				"https://dl-cdn.alpinelinux.org/alpine/v3.19/main\n@edge http://x/alpine/edge/testing\n",
				"DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04\nDISTRIB_CODENAME=jammy\n",
				"Red Hat Enterprise Linux release 9.4 (Plow)\n",
				"CentOS Linux release 7.9.2009 (Core)\n",
				"SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4\n",
				"VMware Photon OS 5.0\nPHOTON_BUILD_NUMBER=dde71ec57\n",
				"CBL-Mariner 2.0.20240112\nMARINER_BUILD_NUMBER=1\n",
			),
			...jsonTexts({ attached: true, services: [{ name: "esm-infra", status: "enabled", entitled: "yes" }] }),
		],
		words: [
			"ID=",
			"VERSION_ID=",
			"PRETTY_NAME=",
			"ID_LIKE=",
			'"',
			"'",
			"\\",
			"$",
			"release ",
			"\n",
			"#",
			"esm-infra",
			"enabled",
		],
	}),
	catalogerTarget({
		name: "catalogers/apk",
		cataloger: apk,
		paths: ["lib/apk/db/installed"],
		seeds: () => testdataOf("catalogers/apk"),
		words: ["\nP:", "\nV:", "\nA:x86_64", "\no:", "\nF:", "\nR:", "\nD:", "\n\n", "\r\n", "-r0", "\nt:", "\nm:"],
	}),
	catalogerTarget({
		name: "catalogers/dpkg:status",
		cataloger: dpkg,
		paths: ["var/lib/dpkg/status", "var/lib/dpkg/status.d/base"],
		seeds: () => testdataOf("catalogers/dpkg"),
		words: [
			"\nPackage: ",
			"\nStatus: install ok installed",
			"\nVersion: ",
			"\nSource: a (1:2-3)",
			"\nMaintainer: ",
			"\n\n",
			"\n ",
			"\nOrigin: ",
		],
	}),
	catalogerTarget({
		name: "catalogers/dpkg:md5sums",
		cataloger: dpkg,
		paths: ["var/lib/dpkg/info/bash:amd64.md5sums"],
		seeds: () =>
			texts(
				"d41d8cd98f00b204e9800998ecf8427e  bin/bash\nd41d8cd98f00b204e9800998ecf8427e  usr/share/doc/bash/README\n",
			),
		words: ["d41d8cd98f00b204e9800998ecf8427e  ", "\n", "/", "..", "\\"],
	}),
	catalogerTarget({
		name: "catalogers/npm",
		cataloger: npm,
		paths: ["srv/node_modules/a/package.json"],
		seeds: () => [
			...testdataOf("catalogers/npm"),
			...jsonTexts({
				name: "@a/b",
				version: "1.2.3",
				dependencies: { c: "^1" },
				optionalDependencies: { d: "*" },
				bundled: ["e"],
			}),
		],
		words: ["name", "version", "dependencies", "optionalDependencies", "peerDependencies", "@scope/", "1.0.0"],
		format: "json",
	}),
	catalogerTarget({
		name: "catalogers/python:headers",
		cataloger: python,
		paths: ["usr/lib/python3/dist-packages/a-1.0.dist-info/METADATA", "opt/a-1.0-py3.9.egg-info"],
		seeds: () => [
			...testdataOf("catalogers/python"),
			...texts("Metadata-Version: 2.1\nName: a.b_c\nVersion: 1.0+l\nRequires-Dist: d[e] (>=1); extra == 'x'\n\nText\n"),
		],
		words: ["\nName: ", "\nVersion: ", "\nRequires-Dist: ", "\n\n", "\r\n", "\n ", "\ufeff", ": "],
	}),
	catalogerTarget({
		name: "catalogers/conda",
		cataloger: conda,
		paths: ["opt/conda/conda-meta/a-1.0-py39_0.json"],
		seeds: () => testdataOf("catalogers/conda"),
		words: ["name", "version", "build", "build_number", "channel", "depends"],
		format: "json",
	}),
	catalogerTarget({
		name: "catalogers/composer",
		cataloger: composer,
		paths: ["srv/vendor/composer/installed.json"],
		seeds: () => testdataOf("catalogers/composer"),
		words: ["packages", "name", "version", "version_normalized", "require", "dev-package-names", "dev-main", "v1.0"],
		format: "json",
	}),
	catalogerTarget({
		name: "catalogers/ruby",
		cataloger: ruby,
		paths: ["usr/lib/ruby/gems/3.1.0/specifications/a-1.0.gemspec"],
		seeds: () => testdataOf("catalogers/ruby"),
		words: [
			"s.name = ",
			"s.version = ",
			"Gem::Specification.new do |s|",
			".freeze",
			"%q<",
			'"',
			"'",
			"\\",
			"#{",
			"\nend\n",
			"s.platform = ",
			"# stub: a 1.0 ruby lib\n",
		],
	}),
	catalogerTarget({
		name: "catalogers/redhat-content-sets",
		cataloger: redhatContentSets,
		paths: ["root/buildinfo/content_manifests/a.json"],
		seeds: () => testdataOf("catalogers/redhat-content-sets"),
		words: ["content_sets", "from_dnf_hint", "image_contents", "metadata"],
		format: "json",
	}),
	catalogerTarget({
		name: "catalogers/sbom",
		cataloger: sbom,
		paths: ["opt/bitnami/redis/.spdx-redis.spdx", "app/a.cdx.json"],
		seeds: () => testdataOf("catalogers/sbom"),
		words: [
			"packages",
			"name",
			"versionInfo",
			"externalRefs",
			"purl",
			"SPDXID",
			"components",
			"bomFormat",
			"pkg:generic/a@1",
		],
		format: "json",
	}),
];
