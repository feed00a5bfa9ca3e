/** Tells what a new snapshot brought. */
import { type Kysely, sql } from "kysely";
import type { Id } from "#contract";
import type { AdvisoryStore } from "#engine";
import type { NewEvent } from "#server";
import { publishIn } from "../events/index.ts";
import { severityOf } from "../results/match-rows.ts";
import type { Database } from "../schema.ts";
import type { Applied } from "./apply.ts";
import { chunks } from "./touched.ts";

/** Vulnerabilities, and images, that are told of one by one; the last event says how many there are. */
const mostEvents = 1_000;

/** Names of packages in one event. */
const mostNames = 10;

interface Appeared {
	readonly id: number;
	readonly key: string;
	readonly severity: number;
	readonly artifacts: number;
	readonly packages: readonly string[];
}

/** In the transaction of `applyJudged`. How many vulnerabilities are on an image that were on none before. */
export async function announce(tx: Kysely<Database>, applied: Applied, { snapshot }: AdvisoryStore): Promise<number> {
	const appeared = await newOnImages(tx);
	const fresh = new Set(applied.fresh);
	// How far a vulnerability reaches is for those who see all images; who sees some is told of each.
	const vulnerabilities = appeared.slice(0, mostEvents).map(
		({ key, severity, artifacts, packages }): NewEvent => ({
			spaceId: null,
			audience: "administrators",
			body: {
				type: "vulnerability.new",
				vulnerability: key,
				severity: severityOf(severity),
				artifacts,
				packages: [...packages],
			},
		}),
	);
	const counts = await countEvents(tx, applied.images.slice(0, mostEvents));
	const last: NewEvent = {
		spaceId: null,
		audience: "everybody",
		body: {
			type: "advisories.changed",
			digest: snapshot.digest,
			builtAt: snapshot.builtAt,
			artifacts: applied.images.length,
			appeared: appeared.length,
		},
	};
	await publishIn(tx, [...vulnerabilities, ...counts, last]);
	return appeared.filter(({ id }) => fresh.has(id)).length;
}

/** Worst first, then by reach. */
async function newOnImages(tx: Kysely<Database>): Promise<readonly Appeared[]> {
	const { rows } = await sql<Appeared>`
		WITH reach AS (
			SELECT n.vulnerability_id, count(DISTINCT a.id)::int AS artifacts
			FROM appeared n JOIN holding h USING (package_id) JOIN artifacts a ON a.inventory_id = h.inventory_id
			GROUP BY n.vulnerability_id
		)
		SELECT v.id, v.key, v.severity, reach.artifacts, (
			SELECT (array_agg(DISTINCT p.name ORDER BY p.name))[1:${sql.lit(mostNames)}]
			FROM appeared n JOIN package_versions p ON p.id = n.package_id WHERE n.vulnerability_id = v.id
		) AS packages
		FROM reach JOIN vulnerabilities v ON v.id = reach.vulnerability_id
		ORDER BY v.severity, reach.artifacts DESC, v.key
	`.execute(tx);
	return rows;
}

async function countEvents(tx: Kysely<Database>, images: readonly Id[]): Promise<readonly NewEvent[]> {
	const events: NewEvent[] = [];
	for (const ids of chunks(images)) {
		const { rows } = await sql<{ id: Id; spaceId: Id; repository: string }>`
			SELECT a.id, a.space_id AS "spaceId", r.name AS repository
			FROM artifacts a JOIN repositories r ON r.id = a.repository_id WHERE a.id = ANY(${ids}::bigint[]) ORDER BY a.id
		`.execute(tx);
		for (const { id, spaceId, repository } of rows)
			events.push({ spaceId, audience: "space", body: { type: "artifact.counts", artifactId: id, repository } });
	}
	return events;
}
