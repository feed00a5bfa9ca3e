import { sql } from "kysely";
import type { Db } from "#store";
import { bodies } from "./bodies.ts";
import type { Counts, MadeArtifact } from "./images.ts";
import { firstFree, insertRows } from "./insert.ts";
import type { PoolPackage } from "./packages.ts";
import type { Random } from "./random.ts";

interface Row {
	readonly id: number;
	readonly made: MadeArtifact;
	readonly parent: Row | null;
	readonly position: number;
	readonly inventoryId: number | null;
	/** Ids of the scan and of its group: equal, for there is a group for each. Null for one that was never asked for. */
	readonly scanId: number | null;
}

const severityColumns = ["critical", "high", "medium", "low", "negligible", "unknown"] as const;
const made = Date.UTC(2026, 0, 1);

/** The number of artifacts that were inserted. */
export async function insertArtifacts(
	db: Db,
	random: Random,
	tops: readonly MadeArtifact[],
	snapshotId: string,
	packagesPerImage: number,
): Promise<number> {
	const rows = await numbered(db, tops);
	const images = rows.filter(({ made: { kind } }) => kind === "image");
	await insertInventories(db, random, images, bodies(random, packagesPerImage));
	await insertRows(db, "artifacts", artifactColumns(snapshotId), rows);
	await insertScans(db, "scan_groups", images);
	await insertScans(db, "scans", images);
	await insertRows(
		db,
		"index_edges",
		[
			{ name: "parent_id", type: "bigint", of: ({ parent }) => parent?.id ?? null },
			{ name: "child_id", type: "bigint", of: ({ id }) => id },
			{ name: "position", type: "int", of: ({ position }) => position },
		],
		rows.filter(({ parent }) => parent !== null),
	);
	await insertRows(
		db,
		"tags",
		[
			{ name: "repository_id", type: "bigint", of: ({ row }) => row.made.place.repository },
			{ name: "name", type: "text", of: ({ tag }) => tag },
			{ name: "artifact_id", type: "bigint", of: ({ row }) => row.id },
		],
		rows.flatMap((row) => row.made.tags.map((tag) => ({ row, tag }))),
	);
	await insertRows(
		db,
		"artifact_layers",
		[
			{ name: "artifact_id", type: "bigint", of: ({ row }) => row.id },
			{ name: "position", type: "int", of: ({ position }) => position },
			{ name: "digest", type: "text", of: () => `sha256:${random.hex(64)}` },
			{ name: "size", type: "bigint", of: () => 1_000_000 + random.integer(100_000_000) },
			{ name: "created_by", type: "text", of: ({ position }) => `RUN step ${position}` },
		],
		images.flatMap((row) => [0, 1, 2, 3, 4].map((position) => ({ row, position }))),
	);
	return rows.length;
}

async function numbered(db: Db, tops: readonly MadeArtifact[]): Promise<readonly Row[]> {
	const [firstId, firstInventory, firstScan] = [
		await firstFree(db, "artifacts"),
		await firstFree(db, "inventories"),
		Math.max(await firstFree(db, "scans"), await firstFree(db, "scan_groups")),
	];
	const rows: Row[] = [];
	let inventories = 0;
	const add = (artifact: MadeArtifact, parent: Row | null, position: number): Row => {
		const number = rows.length;
		const row = {
			id: firstId + number,
			made: artifact,
			parent,
			position,
			inventoryId: artifact.inventory ? firstInventory + inventories++ : null,
			scanId: artifact.kind === "image" && artifact.state !== "not_scanned" ? firstScan + number : null,
		};
		rows.push(row);
		return row;
	};
	for (const top of tops) {
		const row = add(top, null, 0);
		top.children.forEach((child, position) => add(child, row, position));
	}
	return rows;
}

/** The inverted index is built at the end: row by row it takes minutes. */
async function insertInventories(
	db: Db,
	random: Random,
	rows: readonly Row[],
	packed: readonly Buffer[],
): Promise<void> {
	await sql`DROP INDEX inventories_packages`.execute(db);
	await insertRows(
		db,
		"inventories",
		[
			{ name: "id", type: "bigint", of: ({ inventoryId }) => inventoryId },
			{ name: "digest", type: "bytea", of: () => `\\x${random.hex(64)}` },
			{
				name: "package_ids",
				type: "int[]",
				of: ({ made: { inventory } }) => `{${inventory?.packages.map(({ id }) => id).join(",") ?? ""}}`,
			},
			{ name: "body", type: "bytea", of: ({ id }) => `\\x${packed[id % packed.length]?.toString("hex") ?? ""}` },
		],
		rows.filter(({ inventoryId }) => inventoryId !== null),
	);
	await sql`CREATE INDEX inventories_packages ON inventories USING gin (package_ids)`.execute(db);
}

type Artifacts = Parameters<typeof insertRows<Row>>[2];

function artifactColumns(snapshotId: string): Artifacts {
	return [
		{ name: "id", type: "bigint", of: ({ id }) => id },
		{ name: "registry_id", type: "bigint", of: ({ made: { place } }) => place.registry },
		{ name: "space_id", type: "bigint", of: ({ made: { place } }) => place.space },
		{ name: "repository_id", type: "bigint", of: ({ made: { place } }) => place.repository },
		{ name: "digest", type: "text", of: ({ made: { digest } }) => digest },
		{ name: "media_type", type: "text", of: ({ made: { kind } }) => mediaTypes[kind] },
		{ name: "kind", type: "text", of: ({ made: { kind } }) => kind },
		{ name: "top", type: "boolean", of: ({ parent }) => parent === null },
		{ name: "platform", type: "text", of: ({ made: { platform } }) => platform },
		{ name: "size", type: "bigint", of: ({ made: { size } }) => size },
		{ name: "pushed_at", type: "timestamptz", of: ({ made: { age } }) => minutesAgo(age) },
		{ name: "state", type: "text", of: ({ made: { state } }) => state },
		{ name: "active_scan_id", type: "bigint", of: (row) => (isActive(row) ? row.scanId : null) },
		{ name: "last_scan_id", type: "bigint", of: ({ scanId }) => scanId },
		{ name: "result_scan_id", type: "bigint", of: resultScan },
		{ name: "result_scanner", type: "text", of: (row) => (resultScan(row) === null ? null : "builtin") },
		{ name: "result_status", type: "text", of: (row) => (resultScan(row) === null ? null : "complete") },
		{ name: "result_snapshot_id", type: "bigint", of: (row) => (resultScan(row) === null ? null : snapshotId) },
		{ name: "inventory_id", type: "bigint", of: ({ inventoryId }) => inventoryId },
		{
			name: "scanned_at",
			type: "timestamptz",
			of: (row) => (resultScan(row) === null ? null : minutesAgo(row.made.age / 2)),
		},
		...severityColumns.map((name, severity) => ({
			name,
			type: "int",
			of: ({ made: artifact }: Row) => countsOf(artifact)?.[severity] ?? null,
		})),
		{ name: "fixable", type: "int", of: ({ made: artifact }) => fixableOf(artifact) },
		{ name: "suppressed", type: "int", of: ({ made: artifact }) => (fixableOf(artifact) === null ? null : 0) },
		{ name: "union_summary", type: "jsonb", of: ({ made: artifact }) => unionOf(artifact) },
	];
}

const mediaTypes: Readonly<Record<MadeArtifact["kind"], string>> = {
	image: "application/vnd.oci.image.manifest.v1+json",
	index: "application/vnd.oci.image.index.v1+json",
};

function isActive({ made: { state } }: Row): boolean {
	return state === "queued" || state === "scanning";
}

/** An index names its children's scan; any will do here. */
function resultScan({ id, made: artifact, scanId }: Row): number | null {
	if (artifact.kind === "index") return id;
	return artifact.inventory ? scanId : null;
}

function inventoriesOf({ inventory, children }: MadeArtifact): readonly NonNullable<MadeArtifact["inventory"]>[] {
	return [inventory, ...children.map((child) => child.inventory)].filter((one) => one !== null);
}

function countsOf(artifact: MadeArtifact): Counts | null {
	const found = inventoriesOf(artifact);
	const sum = (severity: number): number => found.reduce((total, { counts }) => total + (counts[severity] ?? 0), 0);
	return found.length === 0 ? null : [sum(0), sum(1), sum(2), sum(3), sum(4), sum(5)];
}

function fixableOf(artifact: MadeArtifact): number | null {
	const found = inventoriesOf(artifact);
	return found.length === 0 ? null : found.reduce((total, { fixable }) => total + fixable, 0);
}

function unionOf(artifact: MadeArtifact): string | null {
	if (artifact.kind !== "index") return null;
	const packages = new Set<PoolPackage>(inventoriesOf(artifact).flatMap((inventory) => inventory.packages));
	const matches = [...packages].flatMap((one) => one.matches);
	const bySeverity = severityColumns.map((name, severity) => [
		name,
		matches.filter((match) => match.severity === severity).length,
	]);
	const fixable = matches.filter(({ fixedVersion }) => fixedVersion !== null).length;
	return JSON.stringify({ ...Object.fromEntries(bySeverity), total: matches.length, fixable, suppressed: 0 });
}

function minutesAgo(minutes: number): string {
	return new Date(made - minutes * 60_000).toISOString();
}

/** A group and a scan of the same id for each image that was ever asked for. */
async function insertScans(db: Db, table: "scan_groups" | "scans", images: readonly Row[]): Promise<void> {
	const rows = images.filter(({ scanId }) => scanId !== null);
	const started = ({ made: { state, age } }: Row): string | null =>
		state === "queued" ? null : minutesAgo(age / 2 + 0.1);
	const finished = (row: Row): string | null => (isActive(row) ? null : minutesAgo(row.made.age / 2));
	const shared: Artifacts = [
		{ name: "id", type: "bigint", of: ({ scanId }) => scanId },
		{ name: "registry_id", type: "bigint", of: ({ made: { place } }) => place.registry },
		{ name: "repository_id", type: "bigint", of: ({ made: { place } }) => place.repository },
		{ name: "artifact_id", type: "bigint", of: ({ id }) => id },
		{ name: "scanner", type: "text", of: () => "builtin" },
		{ name: "started_at", type: "timestamptz", of: started },
		{ name: "finished_at", type: "timestamptz", of: finished },
	];
	const own: Artifacts =
		table === "scans"
			? [
					{ name: "group_id", type: "bigint", of: ({ scanId }) => scanId },
					{ name: "space_id", type: "bigint", of: ({ made: { place } }) => place.space },
					{ name: "state", type: "text", of: ({ made: { state } }) => state },
					{ name: "reason", type: "text", of: () => "schedule" },
					{
						name: "error_message",
						type: "text",
						of: ({ made: { state } }) => (state === "failed" ? "The registry did not answer." : null),
					},
				]
			: [
					{ name: "priority", type: "smallint", of: () => 2 },
					{ name: "active", type: "boolean", of: isActive },
					{ name: "bytes_total", type: "bigint", of: ({ made: { size } }) => size },
				];
	await insertRows(db, table, [...shared, ...own], rows);
}
