import type { Package } from "#model";
import { databaseFaults } from "../database-faults.ts";
import type { CatalogResult, OwnedFiles } from "../types.ts";

interface ApkRecord {
	readonly line: number;
	readonly fields: Map<string, string>;
	readonly paths: string[];
	folder: string;
	brokenLine: number;
	/** A second P or V line that says something else: two records without an empty line between them. */
	repeatedLine: number;
}

/** Names of apk packages; `.build-deps` and its like are virtual packages. */
const packageName = /^[A-Za-z0-9._][A-Za-z0-9._+~-]*$/;
const printable = /^[\x21-\x7e]+$/;

/**
 * Parses apk's database of installed packages (apk-tools, apk-v2(5)): records of `X:value` lines, parted by an empty
 * line. Read are P name, V version, A architecture, o origin (the source package, whose version is the package's own),
 * F folder and R file in it. A record that cannot be read costs only itself; all of a file make one warning.
 */
export function parseInstalled(bytes: Uint8Array, path: string): CatalogResult {
	const packages: Package[] = [];
	const owned: OwnedFiles[] = [];
	const faults: string[] = [];
	for (const record of readRecords(new TextDecoder().decode(bytes))) {
		const fault = faultOf(record);
		if (fault !== null) faults.push(`line ${record.line} ${fault}`);
		const name = record.fields.get("P");
		const version = record.fields.get("V");
		if (!name || !version || !packageName.test(name) || !printable.test(version)) continue;
		packages.push(packageOf(record, name, version, path));
		if (record.paths.length > 0) owned.push({ owner: name, paths: record.paths });
	}
	return { packages, owned, warnings: databaseFaults(faults, path, { one: "record", many: "records" }) };
}

function* readRecords(text: string): Generator<ApkRecord> {
	let record: ApkRecord | null = null;
	let number = 0;
	for (const raw of text.split("\n")) {
		number++;
		const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
		if (line === "") {
			if (record) yield record;
			record = null;
			continue;
		}
		record ??= { line: number, fields: new Map(), paths: [], folder: "", brokenLine: 0, repeatedLine: 0 };
		addLine(record, line, number);
	}
	if (record) yield record;
}

function addLine(record: ApkRecord, line: string, number: number): void {
	if (line[1] !== ":" || !/[A-Za-z]/.test(line[0] ?? "")) {
		record.brokenLine ||= number;
		return;
	}
	const field = line.slice(0, 1);
	const value = line.slice(2);
	if (field === "F") record.folder = value;
	else if (field === "R") record.paths.push(record.folder === "" ? value : `${record.folder}/${value}`);
	else if ("PVAo".includes(field)) {
		const known = record.fields.get(field);
		if (known === undefined) record.fields.set(field, value.trim());
		else if ("PV".includes(field) && known !== value.trim()) record.repeatedLine ||= number;
	}
}

function faultOf({ fields, brokenLine, repeatedLine }: ApkRecord): string | null {
	const name = fields.get("P");
	if (!name) return "has no P (name) line";
	if (!packageName.test(name)) return "has a P line that is no package name";
	const version = fields.get("V");
	if (!version) return `has no V (version) line for ${name}`;
	if (!printable.test(version)) return `has a V line that is no version for ${name}`;
	if (repeatedLine > 0) return `names a second package or version (line ${repeatedLine})`;
	return brokenLine > 0 ? `is followed by text that is no field (line ${brokenLine})` : null;
}

function packageOf({ fields }: ApkRecord, name: string, version: string, path: string): Package {
	const arch = fields.get("A");
	const origin = fields.get("o");
	return {
		type: "apk",
		name,
		version,
		...(arch && printable.test(arch) ? { arch } : {}),
		source: { name: origin && packageName.test(origin) ? origin : name, version },
		path,
	};
}
