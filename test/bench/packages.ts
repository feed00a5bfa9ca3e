/** Packages to match: those of the test data's images, each at several versions, as inventories of one image each. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { InstalledPackage, OperatingSystem, PackageType } from "#model";
import type { Inventory } from "../../src/engine/inventory/merge.ts";
import { testdata } from "../quality/testdata.ts";

const types: Readonly<Record<string, PackageType>> = {
	alma: "rpm",
	alpine: "apk",
	composer: "composer",
	debian: "deb",
	gemspec: "gem",
	gobinary: "golang",
	"node-pkg": "npm",
	"python-pkg": "pypi",
	rustbinary: "cargo",
	wolfi: "apk",
};
const osIds: Readonly<Record<string, string>> = { alma: "almalinux" };

/** `count` different packages altogether: all that there are at their own versions, then at higher ones. */
export function inventories(count: number): readonly Inventory[] {
	const images = readdirSync(join(testdata, "expected"))
		.filter((name) => name.endsWith(".packages.tsv"))
		.sort()
		.map((name) => inventoryOf(name.slice(0, -".packages.tsv".length)));
	const known = new Set<string>();
	const grown = images.map((image) => ({ ...image, packages: [] as InstalledPackage[], all: image.packages }));
	for (let step = 0; known.size < count; step++) {
		for (const { os, packages, all } of grown) {
			for (const pkg of all) {
				const version = raised(pkg.version, step);
				const source = pkg.source && { ...pkg.source, version: raised(pkg.source.version, step) };
				const key = `${os?.id} ${os?.versionId} ${pkg.type} ${pkg.name} ${version}`;
				if (known.has(key) || known.size >= count) continue;
				known.add(key);
				packages.push({ ...pkg, version, ...(source ? { source } : {}) });
			}
		}
	}
	return grown.map(({ os, packages, contentSets, unread, warnings }) => ({
		os,
		packages,
		contentSets,
		unread,
		warnings,
	}));
}

/** The version with its last number raised: as well formed as it was, and most often judged differently. */
function raised(version: string, step: number): string {
	return step === 0 ? version : version.replace(/\d+(?=\D*$)/, (digits) => String(Number(digits) + step));
}

function inventoryOf(image: string): Inventory {
	let os: OperatingSystem | null = null;
	const rows = readFileSync(join(testdata, "expected", `${image}.packages.tsv`), "utf8")
		.split("\n")
		.filter(Boolean);
	const packages = rows.flatMap((row): InstalledPackage[] => {
		const [target = "", from = "", name = "", version = "", sourceName = "", sourceVersion = ""] = row.split("\t");
		const type = types[from];
		if (type === undefined) return [];
		const isOs = type === "deb" || type === "rpm" || type === "apk";
		const [, versionId = ""] = target.split(" ");
		if (isOs) os = { id: osIds[from] ?? from, versionId };
		const source = isOs && sourceName !== "" ? { name: sourceName, version: sourceVersion } : undefined;
		const path = isOs ? "var/lib/packages" : target;
		return [{ type, name, version, ...(source ? { source } : {}), path, paths: [path], layer: 0 }];
	});
	return { os, packages, contentSets: [], unread: [], warnings: [] };
}
