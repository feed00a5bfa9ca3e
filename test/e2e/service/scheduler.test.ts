/** Schedulers as processes: one leads, they die at the worst moments, and each due time runs once all the same. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Id, ScheduleAction } from "#contract";
import { nextRun, type ScheduleStore } from "#server";
import { openJobQueue, scheduleStore } from "#store";
import { type TestDatabase, testDatabase } from "#store/testing";
import { eventually } from "../support/eventually.ts";
import type { SchedulerSettings } from "./scheduler-process.ts";

const program = fileURLToPath(new URL("scheduler-process.ts", import.meta.url));
const images = 520;

let database: TestDatabase;
let schedules: ScheduleStore;
const started: ChildProcess[] = [];
beforeAll(async () => {
	database = await testDatabase();
	schedules = scheduleStore(database.db);
	const { db, pool, url } = database;
	// Makes the queue's own tables before several processes want to.
	const queue = await openJobQueue({ db, pool, connectionString: url });
	await queue.stop(0);
});
afterAll(() => database.close());
beforeEach(async () => {
	const { db } = database;
	await sql`TRUNCATE registries, schedules CASCADE`.execute(db);
	await sql`DELETE FROM pgboss.job`.execute(db);
	await sql`WITH registry AS (
		INSERT INTO registries (name, kind, url) VALUES ('main', 'distribution', 'http://127.0.0.1') RETURNING id
	), space AS (INSERT INTO spaces (registry_id, name) SELECT id, 'library' FROM registry RETURNING id, registry_id
	), repository AS (
		INSERT INTO repositories (registry_id, space_id, name) SELECT registry_id, id, 'library/a' FROM space
		RETURNING id, registry_id, space_id
	) INSERT INTO artifacts (registry_id, space_id, repository_id, digest, media_type, kind)
		SELECT registry_id, space_id, id, 'sha256:' || n, 'image', 'image' FROM repository, generate_series(1, ${images}) n`.execute(
		db,
	);
});
afterEach(async () => {
	for (const child of started.splice(0)) await kill(child);
});

const until = (holds: () => Promise<boolean>): Promise<true> => eventually(async () => (await holds()) || null);

interface Scheduler {
	readonly child: ChildProcess;
	readonly said: () => string;
}

function start(settings: Pick<SchedulerSettings, "halt"> = {}): Scheduler {
	const child = spawn(process.execPath, [program], {
		env: { PATH: process.env["PATH"] ?? "", SCHEDULER: JSON.stringify({ ...settings, database: database.url }) },
		stdio: ["ignore", "pipe", "inherit"],
	});
	started.push(child);
	let said = "";
	child.stdout?.setEncoding("utf8").on("data", (text: string) => {
		said += text;
	});
	return { child, said: () => said };
}

async function kill(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const exited = once(child, "exit");
	child.kill("SIGKILL");
	await exited;
}

/** A schedule that is due at once. */
async function dueNow(action: ScheduleAction = "rescan"): Promise<Id> {
	const plan = {
		name: `due ${action}`,
		cron: "0 3 * * *",
		timeZone: "UTC",
		action,
		scope: {},
		jitterSeconds: 0,
		paused: false,
		createdBy: null,
	};
	const { id } = await schedules.create(plan, nextRun(new Date()));
	await sql`UPDATE schedules SET next_due_at = date_trunc('minute', now()), next_run_at = now() WHERE id = ${id}`.execute(
		database.db,
	);
	return id;
}

async function scansOf(scheduleId: Id): Promise<{ readonly scans: number; readonly artifacts: number }> {
	const { rows } = await sql<{ scans: number; artifacts: number }>`
		SELECT count(*)::int AS scans, count(DISTINCT s.artifact_id)::int AS artifacts
		FROM scans s JOIN schedule_runs r ON r.id = s.schedule_run_id WHERE r.schedule_id = ${scheduleId}`.execute(
		database.db,
	);
	return rows[0] ?? { scans: 0, artifacts: 0 };
}

const queued = (id: Id) =>
	until(async () => {
		const [run] = (await schedules.runs(id, {})).items;
		return run?.scans.queued === images;
	});

test.each(["taken", "asked"] as const)(
	"a scheduler that is killed when scans are %s loses none and doubles none",
	async (halt) => {
		const id = await dueNow();
		const first = start({ halt });
		await until(async () => first.said().includes(halt));
		const second = start();
		await kill(first.child);
		await until(async () => second.said().includes("leads"));
		await queued(id);
		expect(await scansOf(id)).toEqual({ scans: images, artifacts: images });
		expect((await schedules.runs(id, {})).items).toMatchObject([
			{ trigger: "cron", state: "running", scans: { queued: images } },
		]);
	},
	30_000,
);

test("two schedulers: one leads, a due time runs once, a click wakes the leader, the run ends with its scans", async () => {
	const both = [start(), start()];
	await until(async () => both.some(({ said }) => said().includes("leads")));
	const id = await dueNow();
	await queued(id);
	expect(await scansOf(id)).toEqual({ scans: images, artifacts: images });
	expect(both.filter(({ said }) => said().includes("leads"))).toHaveLength(1);
	const { db } = database;
	await sql`UPDATE scans SET state = 'complete', finished_at = now()`.execute(db);
	await sql`UPDATE artifacts SET state = 'complete', active_scan_id = NULL`.execute(db);
	await until(async () => (await schedules.runs(id, {})).items[0]?.state === "complete");
	await schedules.runNow(id, new Date());
	await until(async () => (await schedules.runs(id, {})).items[0]?.scans.queued === images);
	expect((await schedules.runs(id, {})).items.map(({ trigger }) => trigger)).toEqual(["manual", "cron"]);
}, 30_000);

test("a leader whose connection is cut leads again, or another does; re-evaluation is one job", async () => {
	const both = [start(), start()];
	await until(async () => both.some(({ said }) => said().includes("leads")));
	await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE application_name = 'plimsoll scheduler' AND datname = current_database()`.execute(database.db);
	const id = await dueNow("reevaluate");
	await until(async () => (await schedules.runs(id, {})).items[0]?.state === "complete");
	const { rows } = await sql<{ jobs: number }>`
		SELECT count(*)::int AS jobs FROM pgboss.job WHERE name = 'evaluate-advisories'`.execute(database.db);
	expect(rows[0]?.jobs).toBe(1);
}, 30_000);
