import type { FindingStore } from "#server";
import type { Db } from "../database.ts";
import { listFindings } from "./finding-rows.ts";
import { listKnownPackages } from "./known-packages.ts";
import { listPackages } from "./package-rows.ts";
import { listVulnerabilities, oneVulnerability } from "./vulnerability-rows.ts";

export function findingStore(db: Db): FindingStore {
	return {
		findings: (id, query, sight) => listFindings(db, id, query, sight),
		packages: (id, query, sight) => listPackages(db, id, query, sight),
		vulnerabilities: (query, sight) => listVulnerabilities(db, query, sight),
		vulnerability: (id, sight) => oneVulnerability(db, id, sight),
		knownPackages: (query, sight) => listKnownPackages(db, query, sight),
	};
}
