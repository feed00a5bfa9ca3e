/** Images with results, and two snapshots of advisories that differ in 1,000 records: what the bench line `evaluate` needs. */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zipSync } from "fflate";
import { sql } from "kysely";
import { identify, updateAdvisories } from "../../src/engine/index.ts";
import type { InstalledPackage } from "../../src/model/index.ts";
import { currentAdvisories } from "../../src/store/advisories/current.ts";
import { evaluate } from "../../src/store/advisories/evaluate.ts";
import { snapshotFiles } from "../../src/store/advisories/snapshot-files.ts";
import { evaluatedSnapshot } from "../../src/store/advisories/snapshot-rows.ts";
import type { Db } from "../../src/store/database.ts";
import { packageVersions } from "../../src/store/results/package-versions.ts";
import { refreshParents } from "../../src/store/results/parents.ts";

export const sizes = {
	images: 20_000,
	packages: 300,
	versions: 60_000,
	records: 50_000,
	changed: 1_000,
	indexes: 1_000,
};

interface Made {
	readonly id: string;
	readonly name: number;
	readonly fixed: number;
}

const names = 20_000;
/** A third of the names are Debian's. */
const isDeb = (name: number) => name % 3 === 0;

/** The same numbers every time; small ones are far more frequent, as popular packages are. */
function dice(): { even: () => number; skewed: () => number } {
	let state = 1;
	const even = () => {
		state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
		return (state >>> 8) / 0x80_0000;
	};
	return { even, skewed: () => even() ** 3 };
}

/** Fills the database and builds the first snapshot; then the second one becomes current, and nothing is judged by it yet. */
export async function setUp(db: Db, folder: string): Promise<{ readonly older: string; readonly newer: string }> {
	const { even, skewed } = dice();
	const records = Array.from({ length: sizes.records }, (_, n): Made => {
		return { id: `CVE-2026-${100_000 + n}`, name: Math.floor(even() * names), fixed: 2 + Math.floor(even() * 6) };
	});
	const older = await publish(folder, records);
	const files = snapshotFiles(folder);
	const advisories = currentAdvisories(files);
	const clock = () => new Date();
	await evaluate({ db, files, advisories, clock }, new AbortController().signal);
	const ids = await insertVersions(db, advisories);
	advisories.close();
	await insertImages(db, ids, skewed);
	const half = sizes.changed / 5;
	const kept = records.slice(half).map((record, n) => (n < half * 2 ? { ...record, fixed: record.fixed + 1 } : record));
	const fresh = Array.from({ length: half * 2 }, (_, n): Made => {
		return { id: `CVE-2027-${100_000 + n}`, name: Math.floor(skewed() * names), fixed: 5 };
	});
	return { older, newer: await publish(folder, [...kept, ...fresh]) };
}

/** An update keeps one snapshot only; these are put aside. */
const aside = "aside";

export function makeCurrent(folder: string, digest: string): void {
	const file = `${digest.slice(7)}.sqlite`;
	copyFileSync(join(folder, aside, file), join(folder, "snapshots", file));
	writeFileSync(join(folder, "current.json"), JSON.stringify({ digest }));
}

export function forgetKept(folder: string, digest: string): void {
	rmSync(join(folder, "kept", `${digest.slice(7)}.sqlite`));
}

/** The digest of the new snapshot, which is current. */
async function publish(folder: string, records: readonly Made[]): Promise<string> {
	const bucket = join(folder, "bucket");
	rmSync(bucket, { recursive: true, force: true });
	for (const [ecosystem, list] of Map.groupBy(records, ({ name }) => (isDeb(name) ? "Debian" : "npm"))) {
		mkdirSync(join(bucket, ecosystem), { recursive: true });
		const zip = zipSync(
			Object.fromEntries(list.map((one) => [`${one.id}.json`, Buffer.from(JSON.stringify(osv(one)))])),
		);
		writeFileSync(join(bucket, ecosystem, "all.zip"), zip);
	}
	writeFileSync(join(bucket, "ecosystems.txt"), "Debian\nnpm\n");
	const fetch = () => Promise.reject(new Error("no network here"));
	const { digest } = await updateAdvisories({
		source: bucket,
		dir: folder,
		kind: "full",
		clock: () => new Date(),
		fetch,
	});
	mkdirSync(join(folder, aside), { recursive: true });
	const file = `${digest.slice(7)}.sqlite`;
	copyFileSync(join(folder, "snapshots", file), join(folder, aside, file));
	return digest;
}

function osv({ id, name, fixed }: Made): unknown {
	const [ecosystem, text] = isDeb(name) ? ["Debian:12", `lib${name}`] : ["npm", `mod${name}`];
	return {
		id,
		modified: "2026-11-20T00:00:00Z",
		summary: `Something is wrong with ${text}`,
		severity: [{ type: "CVSS_V3", score: `CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:${name % 2 ? "H" : "L"}/I:N/A:N` }],
		references: [{ type: "WEB", url: `https://advisories.example/${id}` }],
		affected: [
			{
				package: { ecosystem, name: text },
				ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: `${fixed}.0.0` }] }],
			},
		],
	};
}

/** By the way that scans take. */
async function insertVersions(db: Db, advisories: ReturnType<typeof currentAdvisories>): Promise<readonly number[]> {
	const os = { id: "debian", versionId: "12", prettyName: "Debian GNU/Linux 12" };
	const packages = Array.from({ length: sizes.versions }, (_, n): InstalledPackage => {
		const name = n % names;
		const version = `${1 + (n % 7)}.${Math.floor(n / names)}.0`;
		const [type, text] = isDeb(name) ? (["deb", `lib${name}`] as const) : (["npm", `mod${name}`] as const);
		return { type, name: text, version, layer: 0, path: "p", paths: ["p"] };
	});
	const identified = identify({ os, packages, contentSets: [], unread: [], warnings: [] });
	const snapshot = await evaluatedSnapshot(db);
	if (!snapshot) throw new Error("no snapshot");
	const ids: number[] = [];
	for (let from = 0; from < identified.length; from += 2_000) {
		const some = identified.slice(from, from + 2_000);
		const rows = await advisories.with(snapshot, (opened) =>
			db.transaction().execute((tx) => packageVersions(tx, some, opened)),
		);
		ids.push(...rows.map(({ id }) => id));
	}
	return ids;
}

async function insertImages(db: Db, ids: readonly number[], skewed: () => number): Promise<void> {
	await sql`INSERT INTO registries (name, kind, url) VALUES ('bench', 'distribution', 'https://bench.test')`.execute(
		db,
	);
	await sql`INSERT INTO spaces (registry_id, name) SELECT id, 'bench' FROM registries`.execute(db);
	await sql`INSERT INTO repositories (registry_id, space_id, name) SELECT registry_id, id, 'bench/app' FROM spaces`.execute(
		db,
	);
	for (let made = 0; made < sizes.images; made += 1_000) {
		const sets = Array.from({ length: 1_000 }, () => {
			const held = new Set<number>();
			while (held.size < sizes.packages) held.add(ids[Math.floor(skewed() * ids.length)] ?? 1);
			return `{${[...held].join(",")}}`;
		});
		await sql`
			INSERT INTO inventories (digest, package_ids, body)
			SELECT sha256((${made} + place)::text::bytea), held::int[], ''
			FROM unnest(${sets}::text[]) WITH ORDINALITY AS made (held, place)
		`.execute(db);
	}
	await sql`
		INSERT INTO artifacts (registry_id, space_id, repository_id, digest, media_type, kind, platform, state, result_scan_id,
			result_scanner, result_status, result_snapshot_id, inventory_id, scanned_at, evaluated_at, critical, high, medium, low,
			negligible, unknown, fixable, suppressed)
		SELECT r.registry_id, r.space_id, r.id, 'sha256:' || encode(i.digest, 'hex'), 'image', 'image', 'linux/amd64', 'complete', i.id,
			'builtin', 'complete', s.id, i.id, now(), now(), sum(v.critical), sum(v.high), sum(v.medium), sum(v.low),
			sum(v.negligible), sum(v.unknown), sum(v.fixable), 0
		FROM inventories i, unnest(i.package_ids) AS held (id) JOIN package_versions v ON v.id = held.id, repositories r,
			advisory_snapshots s
		GROUP BY i.id, r.id, s.id
	`.execute(db);
	await sql`
		INSERT INTO artifacts (registry_id, space_id, repository_id, digest, media_type, kind)
		SELECT registry_id, space_id, id, 'sha256:index' || n, 'index', 'index' FROM repositories,
			generate_series(1, ${sizes.indexes}::int) AS n
	`.execute(db);
	await sql`
		INSERT INTO index_edges (parent_id, child_id, position)
		SELECT p.id, c.id, c.n % 3 FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM artifacts WHERE kind = 'index') p
		JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM artifacts WHERE kind = 'image') c ON (c.n + 2) / 3 = p.n
	`.execute(db);
	const { rows } = await sql<{ id: string }>`SELECT child_id AS id FROM index_edges ORDER BY child_id`.execute(db);
	for (let from = 0; from < rows.length; from += 500)
		await db.transaction().execute((tx) =>
			refreshParents(
				tx,
				rows.slice(from, from + 500).map(({ id }) => id),
			),
		);
	for (const table of ["artifacts", "inventories", "package_versions", "package_matches", "vulnerabilities"])
		await sql`VACUUM (ANALYZE) ${sql.table(table)}`.execute(db);
}
