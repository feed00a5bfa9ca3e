import { type BuiltImage, buildImage, buildIndex, file, layoutFiles, sha256Of, writeFiles } from "#engine/testing";
import type { Platform } from "#model";

/** What differs between the platforms: the arm64 image was built later, on a newer base and with one package updated. */
const variants = [
	{
		platform: { os: "linux", architecture: "amd64" },
		libc: "2.36-9+deb12u1",
		openssl: "3.0.11-1~deb12u1",
		minimist: "1.2.5",
	},
	{
		platform: { os: "linux", architecture: "arm64" },
		libc: "2.36-9+deb12u7",
		openssl: "3.0.14-1~deb12u2",
		minimist: "1.2.8",
	},
] as const;

type Variant = (typeof variants)[number];

/** Writes the sample image, an index with two platforms, as an OCI layout with the tag `latest`. */
export async function writeSampleImage(folder: string): Promise<void> {
	const images = variants.map(sampleImage);
	const index = buildIndex(images);
	const files = layoutFiles(images.map((image) => ({ image })));
	files.set(`blobs/sha256/${sha256Of(index.bytes).slice("sha256:".length)}`, index.bytes);
	const entry = { ...index.descriptor, annotations: { "org.opencontainers.image.ref.name": "latest" } };
	files.set("index.json", Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [entry] })));
	await writeFiles(folder, files);
}

function sampleImage(variant: Variant): BuiltImage {
	return buildImage({
		platform: variant.platform,
		layers: [
			{ createdBy: "/bin/sh -c #(nop) ADD file:rootfs.tar.xz in / ", tar: baseLayer(variant) },
			{ createdBy: "RUN /bin/sh -c apt-get install -y curl # buildkit", tar: curlLayer(variant) },
			{ createdBy: "COPY shop /srv/shop # buildkit", tar: shopLayer(variant) },
		],
	});
}

const osRelease = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
ID=debian
`;

function baseLayer(variant: Variant) {
	return [
		file("etc/os-release", osRelease),
		file("etc/debian_version", "12.2\n"),
		file("var/lib/dpkg/status", dpkgStatus(basePackages(variant), variant.platform)),
	];
}

function curlLayer(variant: Variant) {
	const packages = [...basePackages(variant), ...curlPackages];
	return [file("usr/bin/curl", "", 0o755), file("var/lib/dpkg/status", dpkgStatus(packages, variant.platform))];
}

function shopLayer({ minimist }: Variant) {
	const modules = {
		lodash: "4.17.20",
		minimist,
		semver: "7.3.8",
		tar: "6.1.11",
		"ansi-regex": "5.0.1",
		express: "4.19.2",
	};
	return [
		file("srv/shop/package.json", packageJson("shop", "1.4.0")),
		...Object.entries(modules).map(([name, version]) =>
			file(`srv/shop/node_modules/${name}/package.json`, packageJson(name, version)),
		),
	];
}

interface DebianPackage {
	readonly name: string;
	readonly version: string;
	readonly source?: string;
}

function basePackages({ libc, openssl }: Variant): readonly DebianPackage[] {
	return [
		{ name: "base-files", version: "12.4+deb12u2" },
		{ name: "libc-bin", version: libc, source: "glibc" },
		{ name: "libc6", version: libc, source: "glibc" },
		{ name: "libssl3", version: openssl, source: "openssl" },
		{ name: "openssl", version: openssl },
		{ name: "zlib1g", version: "1:1.2.13.dfsg-1", source: "zlib" },
	];
}

const curlPackages: readonly DebianPackage[] = [
	{ name: "curl", version: "7.88.1-10+deb12u1" },
	{ name: "libcurl4", version: "7.88.1-10+deb12u1", source: "curl" },
	{ name: "libexpat1", version: "2.5.0-1", source: "expat" },
	{ name: "libnghttp2-14", version: "1.52.0-1", source: "nghttp2" },
];

/** deb-control(5) stanzas, as dpkg keeps them. */
function dpkgStatus(packages: readonly DebianPackage[], { architecture }: Platform): string {
	return packages
		.map(({ name, version, source }) => {
			const lines = [`Package: ${name}`, "Status: install ok installed", `Architecture: ${architecture}`];
			return [...lines, ...(source ? [`Source: ${source}`] : []), `Version: ${version}`, ""].join("\n");
		})
		.join("\n");
}

function packageJson(name: string, version: string): string {
	return `${JSON.stringify({ name, version })}\n`;
}
