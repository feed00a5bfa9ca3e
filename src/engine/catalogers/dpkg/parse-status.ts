import type { Package } from "#model";
import { databaseFaults } from "../database-faults.ts";
import type { CatalogResult } from "../types.ts";
import { readStanzas, type Stanza } from "./stanzas.ts";
import { thirdPartyOf } from "./third-party.ts";

const wanted = new Set(["package", "version", "status", "architecture", "source", "maintainer"]);

/** dpkg's own rule for names (deb-control(5) is stricter). The longest of Debian 12 has 75 characters. */
const packageName = /^[A-Za-z0-9][A-Za-z0-9.+_-]{0,199}$/;
/** The longest version of Debian 12 has 52. */
const printable = /^[\x21-\x7e]{1,300}$/;

/** Debian 12 has some 63,000 packages in all. Stanzas after these are not read: a hostile file holds millions. */
const mostStanzas = 200_000;

/**
 * Parses `status` or a file of `status.d` (dpkg(1), deb822(5)). Versions are kept as they are written.
 * A broken stanza costs at most itself; all of a file make one warning.
 */
export function parseStatus(bytes: Uint8Array, path: string): CatalogResult {
	const packages: Package[] = [];
	const faults: string[] = [];
	let stanzas = 0;
	for (const stanza of readStanzas(new TextDecoder().decode(bytes), wanted)) {
		if (++stanzas > mostStanzas) {
			faults.push(`line ${stanza.line} and all after it were not read: there are more than ${mostStanzas}`);
			break;
		}
		if (!isInstalled(stanza.fields.get("status"))) continue;
		const fault = faultOf(stanza);
		if (fault !== null) faults.push(`line ${stanza.line} ${fault}`);
		const name = stanza.fields.get("package") ?? "";
		const version = stanza.fields.get("version") ?? "";
		if (packageName.test(name) && printable.test(version)) packages.push(packageOf(stanza, name, version, path));
	}
	return { packages, warnings: databaseFaults(faults, path, { one: "entry", many: "entries" }) };
}

/**
 * `Status` is "want flag state" (dpkg(1), "Package states"). The state decides: a package that is merely to be removed
 * (`deinstall ok installed`) is still on disk, where Trivy passes it over; of one with only its configuration left, or
 * purged, nothing is that could run.
 */
function isInstalled(status: string | undefined): boolean {
	const state = status?.split(/\s+/, 3).at(2);
	return state === undefined || !goneStates.has(state);
}

const goneStates = new Set(["not-installed", "config-files"]);

function faultOf({ fields, brokenLine }: Stanza): string | null {
	const name = fields.get("package");
	if (!name) return "has no Package field";
	if (!packageName.test(name)) return "has a Package field that is no package name";
	const version = fields.get("version");
	if (!version) return `has no Version field for ${name}`;
	if (!printable.test(version)) return `has a Version field that is no version for ${name}`;
	if (brokenLine !== undefined) return `is followed by text that is no field (line ${brokenLine})`;
	return null;
}

function packageOf({ fields }: Stanza, name: string, version: string, path: string): Package {
	const arch = fields.get("architecture");
	const thirdParty = thirdPartyOf(fields.get("maintainer") ?? "", version);
	return {
		type: "deb",
		name,
		version,
		...(arch && printable.test(arch) ? { arch } : {}),
		source: sourceOf(fields.get("source"), name, version),
		...(thirdParty ? { thirdParty } : {}),
		path,
	};
}

/** `Source: name (version)`; what is not written equals the binary package's own (deb-control(5)). */
function sourceOf(source: string | undefined, name: string, version: string): { name: string; version: string } {
	const [, sourceName, sourceVersion] = /^(\S+)(?:\s+\(\s*([\x21-\x7e]{1,300}?)\s*\))?/.exec(source ?? "") ?? [];
	if (!sourceName || !packageName.test(sourceName)) return { name, version };
	return { name: sourceName, version: sourceVersion ?? version };
}
