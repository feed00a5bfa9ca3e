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
const packageName = /^[A-Za-z0-9._][A-Za-z0-9._+~-]{0,199}$/;
const printable = /^[\x21-\x7e]{1,300}$/;

/** Alpine's own repositories hold some 25,000 packages. Records after these are not read: a hostile file holds millions. */
const mostRecords = 200_000;

/**
 * Room for names of files: their characters, and a fixed cost each. A full desktop's come to 20 million. Files that
 * find no room count as nobody's, which hides no package.
 */
const pathRoom = { characters: 64 * 1024 * 1024, perPath: 64 } as const;

/**
 * Parses apk's database of installed packages (apk-tools, apk-v2(5)): records of `X:value` lines, parted by an empty
 * line. Read are P name, V version, A architecture, o origin (the source package, whose version is the package's own),
 * F folder and R file in it. A record that cannot be read costs only itself; all of a file make one warning.
 */
export function parseInstalled(bytes: Uint8Array, path: string): CatalogResult {
	const packages: Package[] = [];
	const owned: OwnedFiles[] = [];
	const faults: string[] = [];
	let records = 0;
	for (const record of readRecords(new TextDecoder().decode(bytes))) {
		if (++records > mostRecords) {
			faults.push(`line ${record.line} and all after it were not read: there are more than ${mostRecords}`);
			break;
		}
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
	let room: number = pathRoom.characters;
	let number = 0;
	for (const line of linesOf(text)) {
		number++;
		if (line === "") {
			if (record) yield record;
			record = null;
			continue;
		}
		record ??= { line: number, fields: new Map(), paths: [], folder: "", brokenLine: 0, repeatedLine: 0 };
		if (line.startsWith("R:")) room -= addPath(record, line.slice(2), room);
		else addLine(record, line, number);
	}
	if (record) yield record;
}

/** One by one: a file of nothing but line ends would make an array many times its size. */
function* linesOf(text: string): Generator<string> {
	for (let start = 0; start < text.length; ) {
		const newline = text.indexOf("\n", start);
		const end = newline < 0 ? text.length : newline;
		yield text.slice(start, end > start && text[end - 1] === "\r" ? end - 1 : end);
		start = end + 1;
	}
}

/** Keeps the file's path where there is room for it; the room that it takes. */
function addPath(record: ApkRecord, file: string, room: number): number {
	const cost = record.folder.length + file.length + pathRoom.perPath;
	if (cost > room) return 0;
	record.paths.push(record.folder === "" ? file : `${record.folder}/${file}`);
	return cost;
}

function addLine(record: ApkRecord, line: string, number: number): void {
	if (line[1] !== ":" || !/[A-Za-z]/.test(line[0] ?? "")) {
		record.brokenLine ||= number;
		return;
	}
	const field = line.slice(0, 1);
	const value = line.slice(2);
	if (field === "F") record.folder = value;
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
