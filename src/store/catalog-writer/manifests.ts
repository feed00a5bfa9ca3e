import { sql } from "kysely";
import type { Digest } from "#model";
import type { ManifestFacts, SeenManifest } from "#server";
import type { Db } from "../database.ts";
import { refreshParents } from "../results/parents.ts";
import { cleanText, holdRepository, refreshTop, repeating, type Tx } from "./repeating.ts";

/** Real ones have some twenty platforms. */
const mostChildren = 1000;
/** Of one instruction: the longest are here-documents of some kilobytes. */
const mostInstruction = 4096;

const indexTypes: ReadonlySet<string> = new Set([
	"application/vnd.oci.image.index.v1+json",
	"application/vnd.docker.distribution.manifest.list.v2+json",
]);

export async function knownManifests(
	db: Db,
	repositoryId: string,
	digests: readonly Digest[],
): Promise<ReadonlySet<Digest>> {
	if (digests.length === 0) return new Set();
	const { rows } = await sql<{ digest: Digest }>`
		SELECT digest FROM artifacts
		WHERE repository_id = ${repositoryId} AND digest = ANY(${digests}::text[]) AND (
			size IS NOT NULL OR unsupported_reason IS NOT NULL
			OR EXISTS (SELECT FROM index_edges WHERE parent_id = artifacts.id))
	`.execute(db);
	return new Set(rows.map(({ digest }) => digest));
}

export async function seeManifests(
	db: Db,
	repositoryId: string,
	manifests: readonly SeenManifest[],
	at: Date,
): Promise<ReadonlyMap<Digest, string>> {
	const read = new Map(manifests.map((manifest) => [manifest.facts.digest, manifest]));
	if (read.size === 0) return new Map();
	return repeating(db, async (tx) => {
		const ids = new Map<Digest, string>();
		if (!(await holdRepository(tx, repositoryId))) return ids;
		const all = [...read.values()];
		// Children before parents, each kind in the order of digests: as everybody locks them.
		await insertNamed(
			tx,
			repositoryId,
			all.flatMap(({ facts }) => named(facts)),
			at,
			ids,
		);
		await insertRead(
			tx,
			repositoryId,
			all.filter(({ facts }) => facts.kind !== "index"),
			at,
			ids,
		);
		await insertRead(
			tx,
			repositoryId,
			all.filter(({ facts }) => facts.kind === "index"),
			at,
			ids,
		);
		await insertLayers(tx, all, ids);
		await insertEdges(tx, all, ids);
		await refreshTop(tx, [...ids.values()]);
		await refreshParents(tx, [...ids.values()]);
		return ids;
	});
}

interface NamedManifest {
	readonly digest: Digest;
	readonly mediaType: string;
	readonly kind: "image" | "index" | "other";
	readonly platform: string | null;
	readonly unsupported: string | null;
}

const attested = "It is an attestation about another image of the index, no image.";

/** What an index says of its children, before they are read. */
function named({ digest, children }: ManifestFacts): readonly NamedManifest[] {
	return children
		.slice(0, mostChildren)
		.filter((child) => child.digest !== digest)
		.map((child) => ({
			digest: child.digest,
			mediaType: cleanText(child.mediaType, 255),
			kind: child.attestation ? "other" : indexTypes.has(child.mediaType) ? "index" : "image",
			platform: child.platform && cleanText(child.platform, 100),
			unsupported: child.attestation ? attested : null,
		}));
}

async function insertNamed(
	tx: Tx,
	repositoryId: string,
	children: readonly NamedManifest[],
	at: Date,
	ids: Map<Digest, string>,
): Promise<void> {
	const distinct = [...new Map(children.map((child) => [child.digest, child])).values()];
	const { rows } = await sql<{ id: string; digest: Digest }>`
		INSERT INTO artifacts AS known (registry_id, space_id, repository_id, digest, media_type, kind, platform,
			unsupported_reason, state, seen_at)
		SELECT repositories.registry_id, repositories.space_id, repositories.id, child.digest, child."mediaType",
			child.kind, child.platform, child.unsupported,
			CASE WHEN child.unsupported IS NULL THEN 'not_scanned' ELSE 'not_supported' END, ${at}
		FROM repositories, jsonb_to_recordset(${JSON.stringify(distinct)}::jsonb)
			AS child (digest text, "mediaType" text, kind text, platform text, unsupported text)
		WHERE repositories.id = ${repositoryId} ORDER BY child.digest
		ON CONFLICT (repository_id, digest) DO UPDATE SET
			seen_at = greatest(known.seen_at, excluded.seen_at), platform = coalesce(known.platform, excluded.platform)
		RETURNING id, digest
	`.execute(tx);
	for (const { id, digest } of rows) ids.set(digest, id);
}

/**
 * What was read wins over what an index said. The state is touched only where no scan is at it: a scan will find out by
 * itself; what a scan called unsupported stays so.
 */
async function insertRead(
	tx: Tx,
	repositoryId: string,
	manifests: readonly SeenManifest[],
	at: Date,
	ids: Map<Digest, string>,
): Promise<void> {
	if (manifests.length === 0) return;
	const facts = manifests.map(({ facts, pushedAt }) => ({
		digest: facts.digest,
		mediaType: cleanText(facts.mediaType, 255),
		kind: facts.kind,
		platform: facts.platform && cleanText(facts.platform, 100),
		size: facts.size,
		unsupported: unsupported(facts),
		pushedAt,
	}));
	const { rows } = await sql<{ id: string; digest: Digest }>`
		INSERT INTO artifacts AS known (registry_id, space_id, repository_id, digest, media_type, kind, platform, size,
			unsupported_reason, pushed_at, state, seen_at)
		SELECT repositories.registry_id, repositories.space_id, repositories.id, read.digest, read."mediaType", read.kind,
			read.platform, read.size, read.unsupported, read."pushedAt",
			CASE WHEN read.unsupported IS NULL THEN 'not_scanned' ELSE 'not_supported' END, ${at}
		FROM repositories, jsonb_to_recordset(${JSON.stringify(facts)}::jsonb) AS read (digest text, "mediaType" text,
			kind text, platform text, size bigint, unsupported text, "pushedAt" timestamptz)
		WHERE repositories.id = ${repositoryId} ORDER BY read.digest
		ON CONFLICT (repository_id, digest) DO UPDATE SET
			media_type = excluded.media_type,
			kind = excluded.kind,
			size = excluded.size,
			platform = coalesce(excluded.platform, known.platform),
			pushed_at = coalesce(known.pushed_at, excluded.pushed_at),
			seen_at = greatest(known.seen_at, excluded.seen_at),
			unsupported_reason = CASE
				WHEN known.active_scan_id IS NOT NULL OR known.state IN ('queued', 'scanning') THEN known.unsupported_reason
				WHEN excluded.unsupported_reason IS NULL AND known.last_scan_id IS NOT NULL THEN known.unsupported_reason
				ELSE excluded.unsupported_reason END,
			state = CASE
				WHEN known.active_scan_id IS NOT NULL OR known.state IN ('queued', 'scanning') THEN known.state
				WHEN excluded.unsupported_reason IS NOT NULL THEN 'not_supported'
				WHEN known.state = 'not_supported' AND known.last_scan_id IS NULL THEN 'not_scanned'
				ELSE known.state END
		RETURNING id, digest
	`.execute(tx);
	for (const { id, digest } of rows) ids.set(digest, id);
}

function unsupported(facts: ManifestFacts): string | null {
	if (facts.unsupported !== null) return cleanText(facts.unsupported, 500) || "It is no container image.";
	if (facts.kind !== "index") return null;
	if (facts.children.length > mostChildren)
		return `It is an index of ${facts.children.length} manifests, more than the ${mostChildren} that are read.`;
	return facts.children.every(({ attestation }) => attestation) ? "It is an index without any image." : null;
}

async function insertLayers(
	tx: Tx,
	manifests: readonly SeenManifest[],
	ids: ReadonlyMap<Digest, string>,
): Promise<void> {
	const layers = manifests.flatMap(({ facts }) =>
		facts.layers.map((layer, position) => ({
			artifact: ids.get(facts.digest),
			position,
			digest: layer.digest,
			diffId: layer.diffId && cleanText(layer.diffId, 255),
			size: layer.size,
			createdBy: cleanText(layer.createdBy, mostInstruction),
		})),
	);
	if (layers.length === 0) return;
	await sql`
		INSERT INTO artifact_layers (artifact_id, position, digest, diff_id, size, created_by)
		SELECT artifact, position, digest, "diffId", size, "createdBy"
		FROM jsonb_to_recordset(${JSON.stringify(layers)}::jsonb) AS layer (artifact bigint, position int, digest text,
			"diffId" text, size bigint, "createdBy" text)
		ORDER BY artifact, position
		ON CONFLICT DO NOTHING
	`.execute(tx);
}

async function insertEdges(
	tx: Tx,
	manifests: readonly SeenManifest[],
	ids: ReadonlyMap<Digest, string>,
): Promise<void> {
	const edges = manifests.flatMap(({ facts }) =>
		named(facts).map(({ digest }, position) => ({ parent: ids.get(facts.digest), child: ids.get(digest), position })),
	);
	if (edges.length === 0) return;
	// A child that stands in an index twice is one child, at its first place.
	await sql`
		INSERT INTO index_edges (parent_id, child_id, position)
		SELECT parent, child, min(position)
		FROM jsonb_to_recordset(${JSON.stringify(edges)}::jsonb) AS edge (parent bigint, child bigint, position int)
		GROUP BY parent, child ORDER BY parent, child
		ON CONFLICT DO NOTHING
	`.execute(tx);
}
