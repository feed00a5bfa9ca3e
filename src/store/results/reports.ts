/** Reports on what is kept, as a scan would write them now. */
import { type Kysely, sql } from "kysely";
import type { Id } from "#contract";
import { type ImageContents, type IndexContents, matcherOver, reportOn, reportOnIndex, type ScanDeps } from "#engine";
import { parsePlatform } from "#model";
import { type Clock, type ReportSource, sees } from "#server";
import type { CurrentAdvisories, OpenedAdvisories } from "../advisories/current.ts";
import { evaluatedSnapshot } from "../advisories/snapshot-rows.ts";
import type { Db } from "../database.ts";
import type { Database } from "../schema.ts";
import { contentsOfArtifact, nameOf } from "./contents.ts";

export interface ReportDeps {
	readonly db: Db;
	readonly advisories: CurrentAdvisories;
	readonly clock: Clock;
	/** Plimsoll's own. */
	readonly version: string;
}

export function reportSource(deps: ReportDeps): ReportSource {
	return {
		report: async (id, sight, { listPackages }) => {
			const artifact = await find(deps.db, id);
			if (!artifact || !sees(sight, artifact.space_id)) return null;
			const read =
				artifact.kind === "index" ? await readChildren(deps.db, artifact) : await contentsOfArtifact(deps.db, id);
			if (!read) return "no_result";
			return await withEvaluated(deps, async ({ store }) => {
				const { clock, version } = deps;
				const { signal } = new AbortController();
				const scan: ScanDeps = { advisories: store, cache: null, signal, clock, version, onEvent: () => undefined };
				const options = { platform: "all", osOwned: "drop", listPackages } as const;
				return "chosen" in read
					? reportOnIndex(nameOf(artifact), read, matcherOver(store), options, scan)
					: reportOn(read, matcherOver(store), options, scan);
			});
		},
	};
}

interface ArtifactRow {
	readonly id: Id;
	readonly space_id: Id;
	readonly kind: string;
	readonly digest: `sha256:${string}`;
	readonly media_type: string;
	readonly platform: string | null;
	readonly state: string;
	readonly repository: string;
	readonly url: string;
}

const columns = sql`a.id, a.space_id, a.kind, a.digest, a.media_type, a.platform, a.state, r.name AS repository, g.url`;
const from = sql`artifacts a JOIN repositories r ON r.id = a.repository_id JOIN registries g ON g.id = a.registry_id`;

async function find(db: Kysely<Database>, id: Id): Promise<ArtifactRow | null> {
	const { rows } = await sql<ArtifactRow>`SELECT ${columns} FROM ${from} WHERE a.id = ${id}`.execute(db);
	return rows[0] ?? null;
}

/** Children without a result are named as such; null when no child has one. */
async function readChildren(db: Kysely<Database>, index: ArtifactRow): Promise<IndexContents | null> {
	const { rows } = await sql<ArtifactRow>`
		SELECT ${columns} FROM index_edges e JOIN ${from} ON a.id = e.child_id
		WHERE e.parent_id = ${index.id} AND a.kind = 'image' ORDER BY e.position
	`.execute(db);
	const children = await Promise.all(
		rows.map(async (row) => ({ row, contents: await contentsOfArtifact(db, row.id) })),
	);
	if (children.every(({ contents }) => contents === null)) return null;
	return {
		digest: index.digest,
		mediaType: index.media_type,
		chosen: rows.length,
		children: children.map(({ row, contents }) => childOf(row, contents)),
		warnings: [],
	};
}

function childOf(row: ArtifactRow, contents: ImageContents | null): IndexContents["children"][number] {
	if (contents) return { kind: "read", contents };
	const platform = row.platform === null ? null : parsePlatform(row.platform);
	return {
		kind: "failed",
		child: { mediaType: row.media_type, digest: row.digest, size: 0, ...(platform ? { platform } : {}) },
		why: { code: "child_failed", message: `${row.platform ?? row.digest} has no result: it is ${row.state}.` },
	};
}

/** With the snapshot that results are of; again when that has just changed and the old file is gone. */
async function withEvaluated<T>(
	{ db, advisories }: Pick<ReportDeps, "db" | "advisories">,
	act: (opened: OpenedAdvisories) => Promise<T>,
): Promise<T | "no_result"> {
	const snapshot = await evaluatedSnapshot(db);
	if (!snapshot) return "no_result";
	try {
		return await advisories.with(snapshot, act);
	} catch (error) {
		const now = await evaluatedSnapshot(db);
		if (!now || now.digest === snapshot.digest) throw error;
		return await advisories.with(now, act);
	}
}
