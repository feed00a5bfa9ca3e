/** Schedules over HTTP on a real database; who may do what is in access-table.ts. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Schedule, ScheduleRun } from "#contract";
import type { AccessService, Credentials } from "../support/access-service.ts";
import { startWholeService } from "../support/whole-service.ts";

let service: AccessService;
let admin: Credentials;
beforeAll(async () => {
	service = await startWholeService();
	await service.user("administrator", { platformAdmin: true });
	admin = await service.signIn("administrator");
});
afterAll(() => service.close());
beforeEach(async () => {
	await service.database.db.deleteFrom("schedules").execute();
});

type Method = "GET" | "POST" | "PATCH" | "DELETE";
async function ask(method: Method, path: string, body?: unknown) {
	const answer = await service.ask(method, `schedules${path}`, admin, body);
	return { status: answer.statusCode, body: answer.body === "" ? null : answer.json<Record<string, unknown>>() };
}
async function create(rest: object = {}): Promise<Schedule> {
	const { status, body } = await ask("POST", "", { name: "nightly", cron: "0 3 * * *", action: "scan_new", ...rest });
	expect(status, JSON.stringify(body)).toBe(201);
	return body as unknown as Schedule;
}

test("a schedule is made, read, changed, paused, resumed and deleted, and each is in the audit log", async () => {
	const made = await create({ timeZone: "Asia/Shanghai", scope: { repositories: ["library/**"] } });
	expect(made).toMatchObject({
		timeZone: "Asia/Shanghai",
		scope: { repositories: ["library/**"] },
		jitterSeconds: 0,
		paused: false,
		lastRunAt: null,
	});
	expect(made.nextRunAt).toMatch(/T19:00:00\.000Z$/);
	expect((await ask("GET", `/${made.id}`)).body).toEqual(made);
	expect((await ask("PATCH", `/${made.id}`, { paused: true })).body).toEqual({
		...made,
		paused: true,
		nextRunAt: null,
	});
	expect((await ask("PATCH", `/${made.id}`, { paused: false })).body).toEqual(made);
	expect((await ask("PATCH", `/${made.id}`, { cron: "30 4 * * *", timeZone: "UTC" })).body).toMatchObject({
		nextRunAt: expect.stringMatching(/T04:30:00\.000Z$/),
	});
	expect((await ask("DELETE", `/${made.id}`)).status).toBe(204);
	expect((await ask("GET", `/${made.id}`)).status).toBe(404);
	const log = await service.ask("GET", `audit?subject=schedule/${made.id}`, admin);
	const actions = log.json<{ items: { action: string }[] }>().items.map(({ action }) => action);
	expect(actions.toReversed()).toEqual(["schedule.create", ...Array(3).fill("schedule.update"), "schedule.delete"]);
});

test("run now answers with the run, also when paused, and the history has it", async () => {
	const { id } = await create({ paused: true });
	const first = await ask("POST", `/${id}/run`);
	expect([first.status, first.body]).toMatchObject([
		202,
		{ scheduleId: id, trigger: "manual", state: "running", scans: { queued: 0, complete: 0, failed: 0 } },
	]);
	const { body } = await ask("GET", `/${id}/runs?total=true`);
	expect(body).toMatchObject({ items: [first.body as unknown as ScheduleRun], next: null, total: 1 });
});

test("lists are sorted and paged", async () => {
	for (const [name, cron] of [
		["b", "0 1 * * *"],
		["a", "0 2 * * *"],
		["C", "0 3 * * *"],
	] as const)
		await create({ name, cron });
	await create({ name: "d", paused: true });
	const names = async (query: string) =>
		((await ask("GET", query)).body as unknown as { items: Schedule[] }).items.map(({ name }) => name);
	expect(await names("")).toEqual(["a", "b", "C", "d"]);
	expect((await names("?sort=nextRunAt")).at(-1)).toBe("d");
	const page = (await ask("GET", "?limit=2&sort=-name")).body;
	expect(await names(`?limit=2&sort=-name&cursor=${String(page?.["next"])}`)).toEqual(["b", "a"]);
	expect((await ask("GET", "?sort=cron")).status).toBe(400);
});

test("a preview says when and in words", async () => {
	const { status, body } = await ask("POST", "/preview", { cron: "30 3 * * 1-5", timeZone: "Europe/Berlin" });
	expect([status, body?.["words"]]).toEqual([200, "At 03:30 on Monday to Friday, Europe/Berlin time."]);
	const next = body?.["next"] as string[];
	expect(next).toHaveLength(5);
	expect(next).toEqual(next.toSorted());
	expect(next.every((time) => /T0[12]:30:00/.test(time))).toBe(true);
});

test.each([
	["a bad minute", { cron: "61 * * * *" }, 422, /minute is "61"/],
	["a sixth field", { cron: "* * * * * *" }, 422, /6 fields, not five/],
	["a name for five fields", { cron: "@everysecond" }, 422, /1 field, not five/],
	["a day that never comes", { cron: "0 0 31 2 *" }, 422, /never comes/],
	["a zone that is none", { timeZone: "Mars/Base" }, 422, /Mars\/Base/],
	["a jitter as long as the time between runs", { cron: "*/5 * * * *", jitterSeconds: 300 }, 422, /jitter of 300 s/],
	["a scope for a re-evaluation", { action: "reevaluate", scope: { tags: ["v*"] } }, 422, /no scope/],
	["a registry that is not there", { scope: { registry: "99999" } }, 422, /registry that is not there/],
	["an unknown action", { action: "delete" }, 400, /action/],
	["an unknown part of a scope", { scope: { image: "x" } }, 400, /scope/],
])("refuses %s, and says what is wrong", async (_name, wrong, status, detail) => {
	const given = { name: "x", cron: "0 3 * * *", action: "rescan", ...wrong };
	const made = await ask("POST", "", given);
	expect([made.status, made.body?.["detail"]]).toEqual([status, expect.stringMatching(detail)]);
	const { id } = await create({ action: "rescan" });
	const changed = await ask("PATCH", `/${id}`, wrong);
	expect([changed.status, changed.body?.["detail"]]).toEqual([status, expect.stringMatching(detail)]);
});

test("a name is taken once", async () => {
	await create();
	const again = await ask("POST", "", { name: "nightly", cron: "0 3 * * *", action: "rescan" });
	expect([again.status, again.body?.["code"]]).toEqual([409, "conflict"]);
});
