import type { Package, Warning } from "#model";
import { databaseFaults } from "../database-faults.ts";
import type { CatalogResult, OwnedFiles } from "../types.ts";
import { isBerkeleyDb, readBerkeleyDb } from "./berkeley-db.ts";
import type { DatabaseReader } from "./database.ts";
import { readHeader } from "./header.ts";
import { isNdb, readNdb } from "./ndb.ts";
import { ownedBudget, readFiles, readPackage } from "./read-package.ts";
import { isSqlite, readSqlite } from "./sqlite.ts";
import type { StoredFile } from "./stored-file.ts";
import { settleVendors } from "./vendors.ts";

/** A database with more faults than this is no database of rpm's; reading ends there. */
const faultLimit = 1000;

/** The fullest systems have some 10,000 packages. */
const packageLimit = 200_000;

/**
 * Packages of rpm's database and the files that they own. Which of the three forms it has is told by its first bytes,
 * not by its name. A broken header costs at most itself; all faults of a file make one warning.
 */
export function parseDatabase(file: StoredFile, path: string): CatalogResult {
	if (file.length === 0) return { packages: [], warnings: [] };
	const read = readerOf(file);
	if (read === null) return { packages: [], warnings: [unknownForm(path)] };
	const packages: Package[] = [];
	const owned: OwnedFiles[] = [];
	const faults: string[] = [];
	let budget = ownedBudget;
	let anyVendor = false;
	for (const item of read(file)) {
		if (faults.length >= faultLimit) break;
		if (packages.length >= packageLimit) {
			faults.push(`package ${packageLimit + 1}, where reading was given up`);
			break;
		}
		if ("fault" in item) {
			faults.push(item.fault);
			continue;
		}
		const header = readHeader(item.header);
		const found = header === null ? "is no package header" : readPackage(header, path);
		let fault = item.cut ?? (typeof found === "string" ? found : found?.fault);
		if (header !== null && found !== null && typeof found !== "string") {
			packages.push(found.pkg);
			anyVendor ||= found.hasVendor;
			// Files of other vendors' packages count as nobody's.
			if (!found.pkg.thirdParty || !found.hasVendor) {
				const files = readFiles(header, budget);
				budget -= files.cost;
				fault ??= files.fault;
				if (files.paths.length > 0) owned.push({ owner: found.pkg.name, paths: files.paths });
			}
		}
		if (fault !== undefined) faults.push(`header ${item.number} ${fault}`);
	}
	return {
		packages: settleVendors(packages, anyVendor),
		...(owned.length > 0 ? { owned } : {}),
		warnings: databaseFaults(faults, path, { one: "entry", many: "entries" }),
	};
}

function readerOf(file: StoredFile): DatabaseReader | null {
	const start = file.read(0, Math.min(file.length, 16));
	if (start === null) return null;
	if (isSqlite(start)) return readSqlite;
	if (isNdb(start)) return readNdb;
	return isBerkeleyDb(start) ? readBerkeleyDb : null;
}

function unknownForm(path: string): Warning {
	const message =
		"The file should hold rpm's package database and begins like none of its forms (SQLite, ndb, Berkeley DB hash): packages that it lists are missing.";
	return { code: "package_database_malformed", message, path };
}
