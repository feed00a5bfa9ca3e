import { createHash } from "node:crypto";
import { severities } from "#model";
import type { Db } from "#store";
import { insertRows } from "./insert.ts";
import type { Pool, PoolPackage } from "./packages.ts";

/** Package versions, all of them judged by the snapshot, and what they match. */
export async function insertPool(db: Db, { packages, vulnerabilities }: Pool, snapshotId: string): Promise<void> {
	await insertRows(
		db,
		"vulnerabilities",
		[
			{ name: "id", type: "int", of: ({ id }) => id },
			{ name: "key", type: "text", of: ({ key }) => key },
			{ name: "aliases", type: "text[]", of: ({ alias }) => `{${alias}}` },
			{ name: "severity", type: "smallint", of: ({ severity }) => severity },
			{ name: "title", type: "text", of: ({ key }) => `A weakness that is known as ${key}` },
			{ name: "description", type: "text", of: ({ key }) => `What is wrong: ${key}. `.repeat(12) },
		],
		vulnerabilities,
	);
	await insertRows(
		db,
		"package_versions",
		[
			{ name: "id", type: "int", of: ({ id }) => id },
			{ name: "key", type: "bytea", of: ({ id, purl }) => `\\x${sha256(`${id} ${purl}`)}` },
			{ name: "type", type: "text", of: ({ type }) => type },
			{ name: "name", type: "text", of: ({ name }) => name },
			{ name: "version", type: "text", of: ({ version }) => version },
			{ name: "purl", type: "text", of: ({ purl }) => purl },
			{ name: "subject", type: "jsonb", of: subjectOf },
			{ name: "snapshot_id", type: "bigint", of: () => snapshotId },
			...severities.map((name, severity) => ({
				name,
				type: "int",
				of: ({ matches }: PoolPackage) => matches.filter((match) => match.severity === severity).length,
			})),
			{
				name: "fixable",
				type: "int",
				of: ({ matches }) => matches.filter(({ fixedVersion }) => fixedVersion !== null).length,
			},
		],
		packages,
	);
	await insertRows(
		db,
		"package_lookups",
		[
			{ name: "ecosystem", type: "text", of: ({ ecosystem }) => ecosystem },
			{ name: "name", type: "text", of: ({ name }) => name },
			{ name: "package_id", type: "int", of: ({ id }) => id },
		],
		packages,
	);
	await insertRows(
		db,
		"package_matches",
		[
			{ name: "package_id", type: "int", of: ({ packageId }) => packageId },
			{ name: "vulnerability_id", type: "int", of: ({ vulnerabilityId }) => vulnerabilityId },
			{ name: "severity", type: "smallint", of: ({ severity }) => severity },
			{ name: "fixed_version", type: "text", of: ({ fixedVersion }) => fixedVersion },
			{ name: "state", type: "text", of: ({ fixedVersion }) => (fixedVersion === null ? "affected" : "fixed") },
			{ name: "severity_source", type: "text", of: () => "osv" },
			{ name: "body", type: "jsonb", of: () => matchBody },
		],
		packages.flatMap(({ id, matches }) => matches.map((match) => ({ packageId: id, ...match }))),
	);
}

function subjectOf({ type, ecosystem, name, version, purl }: PoolPackage): string {
	return JSON.stringify({ ecosystem, package: { name, version, type, purl } });
}

const matchBody = JSON.stringify({
	aliases: [],
	cvss: [{ type: "CVSS_V3", vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", score: 9.8 }],
	references: ["https://advisories.example/one", "https://advisories.example/two"],
});

function sha256(text: string): string {
	return createHash("sha256").update(text).digest("hex");
}
