/**
 * What differs between two snapshots, so that only what they speak of otherwise is judged again. SQLite compares the
 * files itself, package by package; nothing but names comes out.
 */
import { existsSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { EngineError } from "../../errors.ts";
import { openFile } from "./reader.ts";

/** `everything` when there is nothing to compare with. */
export type AdvisoryChanges =
	| { readonly everything: true }
	| {
			readonly everything: false;
			/** Packages of whose affected versions, or of whose advisories, anything differs. */
			readonly packages: readonly { readonly ecosystem: string; readonly name: string }[];
			/** Identifiers of vulnerabilities of which anything is known otherwise that a match tells: ratings, vectors, texts. */
			readonly vulnerabilities: readonly string[];
			/** Those of which only KEV or EPSS differ. */
			readonly scores: readonly string[];
			/** Ecosystems that the advisories spoke of before and no longer do, or the other way round. */
			readonly ecosystems: readonly string[];
			/** What Red Hat's content sets stand for differs. */
			readonly products: boolean;
	  };

/** Beyond so many differences, judging all again is cheaper than telling which. */
const mostNames = 2_000_000;

/** Compares two snapshot files; one that is missing or of another schema makes everything new. @throws EngineError for the newer */
export function changesBetween(older: string | null, newer: string): AdvisoryChanges {
	const database = openFile(newer);
	try {
		if (older === null || !existsSync(older) || !attach(database, older)) return { everything: true };
		database.exec(sameRecords);
		const packages = rows(database, changedPackages).map(([ecosystem, name]) => ({ ecosystem, name }));
		if (packages.length > mostNames) return { everything: true };
		const facts = rows(database, changedFacts);
		const judged = new Set(rows(database, changedVectors).map(([id]) => id));
		for (const [id, onlyScores] of facts) if (onlyScores === "0") judged.add(id);
		return {
			everything: false,
			packages,
			vulnerabilities: [...judged],
			scores: facts.map(([id]) => id).filter((id) => !judged.has(id)),
			ecosystems: rows(database, changedEcosystems).map(([ecosystem]) => ecosystem),
			products: rows(database, changedProducts).length > 0,
		};
	} finally {
		database.close();
	}
}

/** False when the file is none of this version's. */
function attach(database: DatabaseSync, older: string): boolean {
	try {
		openFile(older).close();
	} catch (error) {
		if (error instanceof EngineError) return false;
		throw error;
	}
	// Names of temporary tables are all that is written.
	database.exec("PRAGMA query_only = OFF; PRAGMA temp_store = FILE; PRAGMA cache_size = -16384;");
	const url = `file:${encodeURI(older).replaceAll("?", "%3f").replaceAll("#", "%23")}?immutable=1`;
	database.prepare("ATTACH DATABASE ? AS old").run(url);
	return true;
}

function rows(database: DatabaseSync, sql: string): (readonly [string, string])[] {
	return database
		.prepare(sql)
		.all()
		.map((row) => [String(row["a"]), String(row["b"])]);
}

/**
 * Records by feed and id, numbered anew in each snapshot: `same` joins the numbers of those that read alike. `modified` is
 * no part of it: feeds write it anew without changing a word.
 */
const sameRecords = `
	CREATE TEMP TABLE same (new INTEGER PRIMARY KEY, old INTEGER NOT NULL UNIQUE);
	INSERT INTO temp.same
	SELECT now.record, was.record FROM main.records AS now JOIN old.records AS was USING (feed, id)
	WHERE now.body = was.body AND (now.withdrawn IS NULL) = (was.withdrawn IS NULL);
`;

/**
 * All entries on a package as one text, those of one record in their order. Positions are not compared: some feeds count
 * them through. A record that reads otherwise now is -1, which no record is.
 */
const changedPackages = `
	SELECT p.ecosystem AS a, p.name AS b FROM main.packages AS p
	LEFT JOIN old.packages AS q ON q.ecosystem = p.ecosystem AND q.name = p.name
	WHERE q.package IS NULL OR (
		SELECT group_concat(coalesce(same.old, -1) || body, char(10) ORDER BY same.old, position)
		FROM main.affected LEFT JOIN temp.same ON same.new = record WHERE package = p.package
	) IS NOT (
		SELECT group_concat(record || body, char(10) ORDER BY record, position) FROM old.affected WHERE package = q.package)
	UNION ALL
	SELECT ecosystem, name FROM old.packages AS q
	WHERE NOT EXISTS (SELECT 1 FROM main.packages AS p WHERE p.ecosystem = q.ecosystem AND p.name = q.name)
`;

/** Vectors are lent by identifier; what a record gives counts by its name, not by its number. */
const changedVectors = `
	SELECT DISTINCT a, '' AS b FROM (
		SELECT * FROM (
			SELECT identifier AS a, id, type, vector FROM main.vectors JOIN main.records USING (record)
			EXCEPT SELECT identifier, id, type, vector FROM old.vectors JOIN old.records USING (record))
		UNION ALL
		SELECT * FROM (
			SELECT identifier AS a, id, type, vector FROM old.vectors JOIN old.records USING (record)
			EXCEPT SELECT identifier, id, type, vector FROM main.vectors JOIN main.records USING (record)))
`;

/** Without KEV (\`k\`), EPSS (\`e\`) and the day of the last change (\`m\`), which no finding tells. */
const bare = (body: string) => `json_remove(${body}, '$.k', '$.e', '$.m')`;

/** By identifier, with 1 where nothing but KEV and EPSS differs in any feed. */
const changedFacts = `
	SELECT id AS a, min(scored) AS b FROM (
		SELECT now.id, ${bare("now.body")} = ${bare("was.body")} AS scored
		FROM main.vulnerabilities AS now JOIN old.vulnerabilities AS was USING (id, feed)
		WHERE now.body <> was.body AND json_remove(now.body, '$.m') <> json_remove(was.body, '$.m')
		UNION ALL
		SELECT id, ${bare("body")} = '{}' FROM main.vulnerabilities AS now
		WHERE NOT EXISTS (SELECT 1 FROM old.vulnerabilities AS was WHERE was.id = now.id AND was.feed = now.feed)
		UNION ALL
		SELECT id, ${bare("body")} = '{}' FROM old.vulnerabilities AS was
		WHERE NOT EXISTS (SELECT 1 FROM main.vulnerabilities AS now WHERE was.id = now.id AND was.feed = now.feed)
	) GROUP BY id
`;

const changedEcosystems = `
	SELECT ecosystem AS a, '' AS b FROM main.ecosystems
	WHERE records > 0 AND ecosystem NOT IN (SELECT ecosystem FROM old.ecosystems WHERE records > 0)
	UNION
	SELECT ecosystem, '' FROM old.ecosystems
	WHERE records > 0 AND ecosystem NOT IN (SELECT ecosystem FROM main.ecosystems WHERE records > 0)
`;

const changedProducts = `
	SELECT * FROM (SELECT content_set AS a, cpe AS b FROM main.products EXCEPT SELECT content_set, cpe FROM old.products)
	UNION ALL
	SELECT * FROM (SELECT content_set, cpe FROM old.products EXCEPT SELECT content_set, cpe FROM main.products)
	LIMIT 1
`;
