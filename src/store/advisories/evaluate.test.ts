import { setTimeout as pause } from "node:timers/promises";
import { sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Id } from "#contract";
import type { ImageContents } from "#engine";
import {
	clock,
	contents,
	deb,
	type MadeRecord,
	npm,
	type ResultsFixture,
	resultsFixture,
} from "../results/results-fixture.ts";
import { evaluate } from "./evaluate.ts";

const critical = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
const medium = "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N";
const low = "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N";

let fixture: ResultsFixture;
let scratch: ResultsFixture;
beforeAll(async () => {
	[fixture, scratch] = await Promise.all([resultsFixture(), resultsFixture()]);
});
afterAll(() => Promise.all([fixture.close(), scratch.close()]));

/** Numbers from 0 up to below 1, the same every time. */
function dice(seed: number): () => number {
	let state = seed;
	return () => {
		state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
		return state / 0x7fff_ffff;
	};
}

const names = Array.from({ length: 25 }, (_, n) => `lib${n}`);

function someRecords(random: () => number, count: number): MadeRecord[] {
	const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
	const byId = new Map<string, MadeRecord>();
	for (let n = 0; n < count; n++) {
		const ecosystem = pick(["Debian:12", "npm", "npm"]);
		const number = Math.floor(random() * 30);
		const id = pick([`CVE-2026-${1000 + number}`, `GHSA-${number}-${pick(["a", "b"])}`]);
		const fixed = pick([null, "1.0.0", "2.0.0", "3.0.0"]);
		const aliases = id.startsWith("CVE") ? [] : pick([[], [`CVE-2026-${1000 + number}`]]);
		const vector = pick([undefined, critical, medium, low]);
		byId.set(id, { id, ecosystem, name: pick(names), fixed, aliases, ...(vector ? { vector } : {}) });
	}
	return [...byId.values()];
}

function someImage(random: () => number): ImageContents {
	const packages = names.flatMap((name) => {
		const version = `${1 + Math.floor(random() * 3)}.${Math.floor(random() * 2)}.0`;
		if (random() < 0.5) return [];
		const layer = Math.floor(random() * 2);
		return random() < 0.4 ? [deb(`${name}@${version}`, { layer })] : [npm(`${name}@${version}`, { layer })];
	});
	return contents(packages);
}

/** All that results say, without ids and times. */
async function state({ db }: ResultsFixture, artifacts: readonly Id[]): Promise<unknown> {
	const read = async (query: ReturnType<typeof sql>) => (await query.execute(db)).rows;
	return {
		packages: await read(sql`
			SELECT encode(v.key, 'hex') AS key, critical, high, medium, low, negligible, unknown, fixable, leftover, gap,
				v.snapshot_id IS NULL AS unjudged FROM package_versions v ORDER BY v.key`),
		matches: await read(sql`
			SELECT encode(p.key, 'hex') AS package, v.key, m.severity, m.fixed_version, m.state, m.severity_source, m.body
			FROM package_matches m JOIN package_versions p ON p.id = package_id JOIN vulnerabilities v ON v.id = vulnerability_id
			ORDER BY 1, 2`),
		vulnerabilities: await read(sql`
			SELECT key, aliases, severity, title, description, cwes, published, kev, epss, refs FROM vulnerabilities ORDER BY key`),
		lookups: await read(sql`
			SELECT ecosystem, l.name, encode(p.key, 'hex') AS package FROM package_lookups l JOIN package_versions p
			ON p.id = package_id ORDER BY 1, 2, 3`),
		artifacts: await read(sql`
			SELECT state, result_status, critical, high, medium, low, negligible, unknown, fixable, suppressed, union_summary,
				n.id = (SELECT id FROM advisory_snapshots WHERE evaluated_at IS NOT NULL ORDER BY evaluated_at DESC LIMIT 1) AS current
			FROM unnest(${artifacts}::bigint[]) WITH ORDINALITY AS asked (id, place)
			JOIN artifacts USING (id) LEFT JOIN advisory_snapshots n ON n.id = result_snapshot_id ORDER BY place`),
	};
}

async function keepAll(where: ResultsFixture, images: readonly ImageContents[]): Promise<readonly Id[]> {
	const ids: Id[] = [];
	for (const image of images) ids.push(await where.keep(image));
	const indexes = [await where.index(ids.slice(0, 3)), await where.index(ids.slice(2, 6))];
	// A child that was kept again tells its parents.
	await where.keep(images[0] ?? contents([]), ids[0]);
	await where.keep(images[2] ?? contents([]), ids[2]);
	return [...ids, ...indexes];
}

async function forget({ db }: ResultsFixture): Promise<void> {
	await sql`TRUNCATE artifacts, inventories, package_versions, vulnerabilities, evaluations, advisory_snapshots CASCADE`.execute(
		db,
	);
}

const deps = (of: ResultsFixture) => ({ db: of.db, files: of.files, advisories: of.advisories, clock });
const never = new AbortController().signal;

/** Breaks every other connection to the database off: what a process killed with -9 looks like from there. */
async function breakOff({ url }: ResultsFixture): Promise<void> {
	const client = new pg.Client({ connectionString: url });
	await client.connect();
	await client.query(
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
	);
	await client.end();
}

test("results that were brought to a new snapshot are those of judging all from nothing, however often it was broken off", async () => {
	const random = dice(7);
	const images = Array.from({ length: 12 }, () => someImage(random));
	let records = someRecords(random, 40);
	await fixture.publish(records);
	const artifacts = await keepAll(fixture, images);
	let brokenOff = 0;
	for (let round = 0; round < 5; round++) {
		records = [...records.filter(() => random() < 0.7), ...someRecords(random, 12)];
		records = [...new Map(records.map((record) => [record.id, record])).values()];
		await fixture.publish(records);
		for (let tries = 0; tries < 4; tries++) {
			const stop = new AbortController();
			const running = evaluate(deps(fixture), stop.signal).then(
				() => null,
				(error: unknown) => error,
			);
			await pause(random() * 120);
			if (tries % 2 === 0) stop.abort();
			else await breakOff(fixture);
			if ((await running) !== null) brokenOff += 1;
		}
		await evaluate(deps(fixture), never);
		expect(await evaluate(deps(fixture), never)).toBe(false);
		await forget(scratch);
		await scratch.publish(records);
		const anew = await keepAll(scratch, images);
		expect(await state(fixture, artifacts)).toEqual(await state(scratch, anew));
		for (const image of images.slice(0, 3)) await expectReport(fixture, image);
	}
	expect(brokenOff).toBeGreaterThan(0);
}, 60_000);

/** The numbers of the first image with this content are those of its report. */
async function expectReport(where: ResultsFixture, image: ImageContents): Promise<void> {
	const id = await where.keep(image);
	const { summary, status } = await where.report(image);
	const { rows } =
		await sql`SELECT critical, high, medium, low, unknown, fixable, result_status FROM artifacts WHERE id = ${id}`.execute(
			where.db,
		);
	const { critical: c, high, medium: m, low: l, unknown, fixable } = summary;
	expect(rows).toEqual([{ critical: c, high, medium: m, low: l, unknown, fixable, result_status: status }]);
	await sql`DELETE FROM artifacts WHERE id = ${id}`.execute(where.db);
}

describe("a new snapshot", () => {
	const curl: MadeRecord = { id: "CVE-2026-1", ecosystem: "Debian:12", name: "curl", fixed: "8", vector: critical };
	let image: Id;
	let other: Id;
	beforeAll(async () => {
		await forget(fixture);
		await fixture.publish([{ ...curl, id: "CVE-2026-0", name: "bash", fixed: "6" }]);
		image = await fixture.keep(contents([deb("curl@7"), npm("left-pad@1.0.0")]));
		other = await fixture.keep(contents([deb("bash@5")]));
	});
	const figures = async () =>
		(
			await sql`SELECT packages, artifacts, appeared, gone FROM evaluations ORDER BY id DESC LIMIT 1`.execute(
				fixture.db,
			)
		).rows;
	const events = async () =>
		(await sql<{ body: Record<string, unknown> }>`SELECT body FROM events ORDER BY id`.execute(fixture.db)).rows
			.map(({ body }) => body)
			.filter(({ type }) => type !== "scan.state");

	test("is judged only where it differs, and tells what is new on which images", async () => {
		await sql`DELETE FROM events`.execute(fixture.db);
		const { digest } = await fixture.publish([{ ...curl, id: "CVE-2026-0", name: "bash", fixed: "6" }, curl]);
		expect(await evaluate(deps(fixture), never)).toBe(true);
		expect(await figures()).toEqual([{ packages: 1, artifacts: 1, appeared: 1, gone: 0 }]);
		expect(await events()).toMatchObject([
			{
				type: "vulnerability.new",
				vulnerability: "CVE-2026-1",
				severity: "critical",
				artifacts: 1,
				packages: ["curl"],
			},
			{ type: "artifact.counts", artifactId: image, repository: "team/app" },
			{ type: "advisories.changed", digest, artifacts: 1, appeared: 1 },
		]);
	});

	test("judges packages of an ecosystem that had no advisories before, and makes their images complete", async () => {
		const status = async () =>
			(await sql`SELECT id, result_status AS status FROM artifacts ORDER BY id`.execute(fixture.db)).rows;
		expect(await status()).toEqual([
			{ id: image, status: "partial" },
			{ id: other, status: "complete" },
		]);
		const bash = { ...curl, id: "CVE-2026-0", name: "bash", fixed: "6" };
		await fixture.publish([bash, curl, { ...curl, id: "GHSA-1", ecosystem: "npm", name: "other" }]);
		await evaluate(deps(fixture), never);
		expect(await status()).toEqual([
			{ id: image, status: "complete" },
			{ id: other, status: "complete" },
		]);
	});

	test("takes away what it no longer says", async () => {
		const bash = { ...curl, id: "CVE-2026-0", name: "bash", fixed: "6" };
		await fixture.publish([bash, { ...curl, id: "GHSA-1", ecosystem: "npm", name: "other" }]);
		await evaluate(deps(fixture), never);
		expect(await figures()).toEqual([{ packages: 1, artifacts: 1, appeared: 0, gone: 1 }]);
		expect((await sql`SELECT key FROM vulnerabilities`.execute(fixture.db)).rows).toEqual([{ key: "CVE-2026-0" }]);
	});

	test("lies ready when the same one comes again", async () => {
		expect(await evaluate(deps(fixture), never)).toBe(false);
	});

	test("whose older file is gone judges everything", async () => {
		fixture.files.keepOnly([]);
		const bash = { ...curl, id: "CVE-2026-0", name: "bash", fixed: "6" };
		await fixture.publish([bash, { ...curl, id: "GHSA-1", ecosystem: "npm", name: "left-pad", fixed: "2.0.0" }]);
		await evaluate(deps(fixture), never);
		expect(await figures()).toEqual([{ packages: 3, artifacts: 1, appeared: 1, gone: 0 }]);
	});

	test("waits for nobody who keeps results, and loses none of them", async () => {
		const bash = { ...curl, id: "CVE-2026-0", name: "bash", fixed: "6" };
		const kept: Promise<Id>[] = [];
		for (let round = 0; round < 6; round++) {
			const more = Array.from({ length: round }, (_, n) => ({
				...curl,
				id: `CVE-2026-9${n}`,
				name: `new${n}`,
				fixed: "9",
			}));
			await fixture.publish([bash, curl, ...more]);
			const running = evaluate(deps(fixture), never);
			for (let n = 0; n < 5; n++)
				kept.push(fixture.keep(contents([deb(`new${n}@1`), deb(`own${round}-${n}@1`), deb("curl@7")])));
			await running;
		}
		await Promise.all(kept);
		await evaluate(deps(fixture), never);
		const { rows } = await sql`
			SELECT DISTINCT critical FROM artifacts WHERE id = ANY(${await Promise.all(kept)}::bigint[]) ORDER BY 1`.execute(
			fixture.db,
		);
		// curl in all of them, and one more in those with new0 to new4.
		expect(rows).toEqual([{ critical: 2 }]);
	});
});
