import type { Package } from "#model";
import { databaseFaults } from "../database-faults.ts";
import type { CatalogResult } from "../types.ts";
import type { RpmPackage } from "./read-package.ts";
import { fullVersion, isPlain, sourceOf } from "./source-rpm.ts";
import { settleVendors, thirdPartyOf } from "./vendors.ts";

const fieldCount = 10;
const faultLimit = 1000;

/**
 * The list of packages that images without rpm (CBL-Mariner and Azure Linux distroless) carry instead of a database: a
 * package a line, tabs between name, version-release, time of installation, time of build, vendor, epoch, size,
 * architecture, epoch as a number, source package's file. `(none)` stands for what a package does not tell.
 * https://github.com/microsoft/marinara
 */
export function parseManifest(bytes: Uint8Array, path: string): CatalogResult {
	const packages: Package[] = [];
	const faults: string[] = [];
	const text = new TextDecoder().decode(bytes);
	let line = 0;
	let anyVendor = false;
	for (let start = 0; start < text.length && faults.length < faultLimit; ) {
		const newline = text.indexOf("\n", start);
		const end = newline < 0 ? text.length : newline;
		const content = text.slice(start, end).replace(/\r$/, "");
		start = end + 1;
		line++;
		if (content === "") continue;
		const found = parseLine(content, path);
		if (typeof found === "string") faults.push(`line ${line} ${found}`);
		else if (found !== null) {
			packages.push(found.pkg);
			anyVendor ||= found.hasVendor;
		}
	}
	return {
		packages: settleVendors(packages, anyVendor),
		warnings: databaseFaults(faults, path, { one: "entry", many: "entries" }),
	};
}

/** The package of a line: null for a key, which is none, or in words why it cannot be told. */
function parseLine(line: string, path: string): RpmPackage | string | null {
	const fields = line.split("\t", fieldCount + 1);
	if (fields.length !== fieldCount) {
		return `has ${fields.length > fieldCount ? `more than ${fieldCount}` : fields.length} fields, not ${fieldCount}`;
	}
	const [name = "", full = "", , , vendor = "", epochOrNone = "", , arch = "", epochNumber = "", sourceRpm = ""] =
		fields;
	if (name === "gpg-pubkey") return null;
	const hyphen = full.lastIndexOf("-");
	const version = full.slice(0, Math.max(hyphen, 0));
	const release = full.slice(hyphen + 1);
	if (!isPlain(name)) return "has no name that can be one";
	if (!isPlain(full) || version === "" || release === "") return `has no version that can be one, for ${name}`;
	const epoch = epochOf(epochNumber) ?? epochOf(epochOrNone) ?? 0;
	const source = sourceOf(sourceRpm, epoch);
	const hasVendor = vendor !== "" && vendor !== "(none)";
	const thirdParty = thirdPartyOf(hasVendor ? vendor : null, release);
	const pkg: Package = {
		type: "rpm",
		name,
		version: fullVersion(epoch, version, release),
		...(isPlain(arch) && arch !== "(none)" ? { arch } : {}),
		...(source ? { source } : {}),
		...(thirdParty ? { thirdParty } : {}),
		path,
	};
	return { pkg, hasVendor };
}

/** rpm's epochs are of 32 bits. */
function epochOf(text: string): number | null {
	return /^[0-9]{1,10}$/.test(text) && Number(text) <= 0xff_ff_ff_ff ? Number(text) : null;
}
