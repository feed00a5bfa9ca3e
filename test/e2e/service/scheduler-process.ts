/**
 * A scheduler by itself, for tests that kill it: `node scheduler-process.ts` with SCHEDULER as JSON. With `halt` it stops
 * for good at that step, and says so.
 */
import { startScheduler } from "#server";
import { leaderLock, openDatabase, openJobQueue, openScanSignals, scanStore, scheduleStore } from "#store";

export interface SchedulerSettings {
	readonly database: string;
	/** `taken`: due times are, scans are not asked for; `asked`: they are, and the run does not know. */
	readonly halt?: "taken" | "asked";
}

const settings = JSON.parse(process.env["SCHEDULER"] ?? "{}") as SchedulerSettings;
const { db, pool } = await openDatabase(settings.database, { connections: 6, name: "scheduler" });
const queue = await openJobQueue({ db, pool, connectionString: settings.database });
const signals = openScanSignals(settings.database, () => {});
const scans = scanStore({ db, queue, signals });
const schedules = scheduleStore(db);
const leader = leaderLock({ connectionString: settings.database });

async function haltAt(step: SchedulerSettings["halt"]): Promise<void> {
	if (settings.halt !== step) return;
	process.stdout.write(`${step}\n`);
	await new Promise(() => {});
}

let leads = false;
startScheduler({
	schedules: {
		...schedules,
		take: async (now, plan) => {
			const took = await schedules.take(now, plan);
			if (took > 0) await haltAt("taken");
			return took;
		},
	},
	scans: {
		request: async (ask) => {
			const answer = await scans.request(ask);
			await haltAt("asked");
			return answer;
		},
	},
	leader: {
		...leader,
		held: async () => {
			const held = await leader.held();
			if (held && !leads) process.stdout.write("leads\n");
			leads = held;
			return held;
		},
	},
	queue,
	enqueueDue: [],
	advisories: {
		info: async () => ({
			current: null,
			update: { state: "idle", startedAt: null, finishedAt: null, error: null },
			evaluations: [],
		}),
	},
	updateHour: null,
	clock: () => new Date(),
	onError: (error, what) => void process.stderr.write(`${what}: ${String(error)}\n`),
	times: { lookMs: 200, followMs: 100, updateLookMs: 60_000, pruneMs: 3_600_000 },
});
