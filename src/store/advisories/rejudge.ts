/** Judges the touched package versions by the new snapshot, and notes those of which anything differs. */
import { setImmediate as breath } from "node:timers/promises";
import { type Kysely, sql } from "kysely";
import type { MatchSubject } from "#engine";
import type { MatchBody, MatchRow } from "../results/match-rows.ts";
import { type JudgedRow, judgedRow } from "../results/package-versions.ts";
import { storableJson } from "../results/storable.ts";
import type { Database } from "../schema.ts";
import type { OpenedAdvisories } from "./current.ts";

/** Of the database; a package version has at most some thousand matches of 1 KB. */
const packagesAtOnce = 500;

/** After so long others get their turn. */
const sliceMilliseconds = 10;

interface Kept {
	readonly id: number;
	readonly subject: MatchSubject;
	readonly leftover: string | null;
	readonly gap: boolean;
	readonly matches: readonly MatchRow[];
}

/** How many were judged. */
export async function rejudge(
	connection: Kysely<Database>,
	advisories: OpenedAdvisories,
	signal: AbortSignal,
): Promise<number> {
	let count = 0;
	for (;;) {
		signal.throwIfAborted();
		const batch = await readBatch(connection);
		if (batch.length === 0) return count;
		const differing: { readonly id: number; readonly counts: boolean; readonly row: JudgedRow }[] = [];
		let since = performance.now();
		for (const kept of batch) {
			const row = judgedRow(advisories.judge(kept.subject), advisories.store);
			if (differs(kept, row)) differing.push({ id: kept.id, counts: differsInCounts(kept, row), row });
			if (performance.now() - since < sliceMilliseconds) continue;
			await breath();
			since = performance.now();
		}
		await note(connection, differing);
		const ids = batch.map(({ id }) => id);
		await sql`UPDATE touched SET judged = true WHERE package_id = ANY(${ids}::int[])`.execute(connection);
		// Those that were removed in between have nothing to judge.
		await sql`
			DELETE FROM touched WHERE NOT judged AND package_id <= ${Math.max(...ids)}::int
		`.execute(connection);
		count += batch.length;
	}
}

async function readBatch(connection: Kysely<Database>): Promise<readonly Kept[]> {
	const { rows } = await sql<Omit<Kept, "matches">>`
		SELECT id, subject, leftover, gap FROM touched JOIN package_versions ON id = package_id
		WHERE NOT judged ORDER BY id LIMIT ${packagesAtOnce}
	`.execute(connection);
	const ids = rows.map(({ id }) => id);
	const { rows: matches } = await sql<MatchRow & { packageId: number }>`
		SELECT package_id AS "packageId", key, m.severity, fixed_version AS "fixedVersion", state,
			severity_source AS "severitySource", body
		FROM package_matches m JOIN vulnerabilities v ON v.id = vulnerability_id WHERE package_id = ANY(${ids}::int[])
	`.execute(connection);
	const byPackage = Map.groupBy(matches, ({ packageId }) => packageId);
	return rows.map((row) => ({ ...row, matches: byPackage.get(row.id) ?? [] }));
}

function differs(kept: Kept, row: JudgedRow): boolean {
	return (
		kept.leftover !== row.leftover ||
		kept.gap !== row.gap ||
		kept.matches.length !== row.matches.length ||
		!isSame(kept.matches, row.matches, canonical)
	);
}

/** The union of an index counts vulnerabilities, so that equal numbers do not mean that nothing changed. */
function differsInCounts(kept: Kept, row: JudgedRow): boolean {
	return (
		kept.gap !== row.gap ||
		!isSame(
			kept.matches,
			row.matches,
			({ key, severity, fixedVersion }) => `${key} ${severity} ${fixedVersion === null}`,
		)
	);
}

function isSame(a: readonly MatchRow[], b: readonly MatchRow[], text: (row: MatchRow) => string): boolean {
	const known = new Set(a.map(text));
	return a.length === b.length && b.every((row) => known.has(text(row)));
}

/** jsonb keeps fields in an order of its own. */
function canonical({ key, severity, fixedVersion, state, severitySource, body }: MatchRow): string {
	const { id, aliases, cvss, title, published, references }: MatchBody = body;
	const scores = cvss.map(({ source, version, vector, score }) => [source, version, vector, score]);
	const said = [key, severity, fixedVersion, state, severitySource, id, aliases, scores, title, published, references];
	return storableJson(said);
}

async function note(
	connection: Kysely<Database>,
	differing: readonly { readonly id: number; readonly counts: boolean; readonly row: JudgedRow }[],
): Promise<void> {
	if (differing.length === 0) return;
	const packages = differing.map(({ id, counts, row: { matches: _matches, names: _names, ...columns } }) => ({
		...columns,
		package_id: id,
		counts,
	}));
	await sql`
		INSERT INTO judged_packages SELECT * FROM jsonb_populate_recordset(NULL::judged_packages, ${storableJson(packages)}::jsonb)
	`.execute(connection);
	let matches: unknown[] = [];
	const write = async (): Promise<void> => {
		await sql`
			INSERT INTO judged_matches SELECT * FROM jsonb_populate_recordset(NULL::judged_matches, ${storableJson(matches)}::jsonb)
		`.execute(connection);
		matches = [];
	};
	for (const { id, row } of differing) {
		for (const { fixedVersion, severitySource, ...match } of row.matches)
			matches.push({ ...match, package_id: id, fixed_version: fixedVersion, severity_source: severitySource });
		if (matches.length >= matchesAtOnce) await write();
	}
	await write();
}

const matchesAtOnce = 5_000;
