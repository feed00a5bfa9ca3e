/**
 * New advisories over 20,000 images with results: judged by what differs. The baseline, in the same run and on the same
 * database, judges every package version and counts every image, as if nothing were known of the snapshot before.
 */
import { execFileSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { sql } from "kysely";
import { type Db, openDatabase } from "../../src/store/database.ts";
import { startEmbeddedPostgres } from "../../src/store/embedded/server.ts";
import { migrate } from "../../src/store/migrate.ts";
import { refreshParents } from "../../src/store/results/parents.ts";
import type { EvaluateFigures } from "./evaluate-once.ts";
import { forgetKept, makeCurrent, setUp, sizes } from "./evaluate-setup.ts";
import { type Line, machine } from "./line.ts";

const rounds = 3;
const targets = { seconds: 10 };

export const evaluate: Line = { name: "evaluate", programs: [], run };

async function run(work: string): Promise<string> {
	chmodSync(work, 0o755);
	const server = await startEmbeddedPostgres(join(work, "postgres"));
	try {
		return await measured(server.url, join(work, "advisories"));
	} finally {
		await server.stop();
	}
}

async function measured(url: string, folder: string): Promise<string> {
	const database = await openDatabase(url);
	const { db, pool } = database;
	try {
		await migrate(pool);
		const { older, newer } = await setUp(db, folder);
		process.stderr.write("bench: set up\n");
		const byDifference: EvaluateFigures[] = [];
		const everything: EvaluateFigures[] = [];
		let did = "";
		for (let round = 0; round < rounds; round++) {
			makeCurrent(folder, newer);
			byDifference.push(once(url, folder));
			did ||= await told(db);
			// Back again, and without the file to compare with.
			makeCurrent(folder, older);
			forgetKept(folder, newer);
			everything.push(once(url, folder));
			process.stderr.write(`bench: round ${round + 1} of ${rounds}\n`);
		}
		const counting = await countAll(db);
		const [fast, slow] = [middle(byDifference), middle(everything)];
		return [
			machine(rounds),
			`${sizes.images} images of ${sizes.packages} packages, ${sizes.indexes} indexes over 3 of them each; ${sizes.versions} package versions, ${sizes.records} advisories, ${sizes.changed} of them changed`,
			did,
			"",
			`${"".padEnd(52)}${["seconds", "peak MB", "blocked ms"].map((title) => title.padStart(11)).join("")}`,
			row("what differs is judged and counted", fast),
			row("all package versions judged, what differs counted", slow),
			`${"all images and indexes counted, nothing judged".padEnd(52)}${(counting / 1000).toFixed(1).padStart(11)}`,
			"",
			`re-evaluated in ${(fast.ms / 1000).toFixed(1)} s (asked: ≤ ${targets.seconds}); judging and counting all of it takes ${((slow.ms + counting) / fast.ms).toFixed(1)} times as long`,
			"",
		].join("\n");
	} finally {
		await database.close();
	}
}

function row(what: string, { ms, peakMb, blockedMs }: EvaluateFigures): string {
	const cells = [(ms / 1000).toFixed(1), peakMb.toFixed(0), blockedMs.toFixed(0)];
	return what.padEnd(52) + cells.map((cell) => cell.padStart(11)).join("");
}

/** By time. */
function middle(figures: readonly EvaluateFigures[]): EvaluateFigures {
	const found = figures.toSorted((a, b) => a.ms - b.ms)[Math.floor(figures.length / 2)];
	if (!found) throw new Error("nothing was measured");
	return found;
}

function once(url: string, folder: string): EvaluateFigures {
	const script = join(import.meta.dirname, "evaluate-once.ts");
	return JSON.parse(execFileSync(process.execPath, [script, url, folder], { encoding: "utf8" })) as EvaluateFigures;
}

async function told(db: Db): Promise<string> {
	const { rows } = await sql<{ packages: number; artifacts: number; appeared: number; gone: number; events: number }>`
		SELECT packages, artifacts, appeared, gone, (SELECT count(*)::int FROM events) AS events
		FROM evaluations ORDER BY id DESC LIMIT 1
	`.execute(db);
	const { packages = 0, artifacts = 0, appeared = 0, gone = 0, events = 0 } = rows[0] ?? {};
	return `${packages} package versions judged again, ${artifacts} images counted again, ${appeared} vulnerabilities new and ${gone} gone, ${events} events`;
}

/** What a recount from nothing costs: all sums, all rows, all unions. Nothing of it stays. */
async function countAll(db: Db): Promise<number> {
	const undo = new Error("undo");
	const started = performance.now();
	let ms = 0;
	try {
		await db.transaction().execute(async (tx) => {
			await sql`
				UPDATE artifacts a SET critical = c.critical, high = c.high, medium = c.medium, low = c.low,
					negligible = c.negligible, unknown = c.unknown, fixable = c.fixable, evaluated_at = now()
				FROM (SELECT i.id, sum(v.critical) AS critical, sum(v.high) AS high, sum(v.medium) AS medium, sum(v.low) AS low,
						sum(v.negligible) AS negligible, sum(v.unknown) AS unknown, sum(v.fixable) AS fixable
					FROM inventories i, unnest(i.package_ids) AS held (id) JOIN package_versions v ON v.id = held.id
					GROUP BY i.id) AS c
				WHERE c.id = a.inventory_id
			`.execute(tx);
			const { rows } = await sql<{ id: string }>`SELECT child_id AS id FROM index_edges ORDER BY child_id`.execute(tx);
			for (let from = 0; from < rows.length; from += 1_000)
				await refreshParents(
					tx,
					rows.slice(from, from + 1_000).map(({ id }) => id),
				);
			ms = performance.now() - started;
			throw undo;
		});
	} catch (error) {
		if (error !== undo) throw error;
	}
	return ms;
}
