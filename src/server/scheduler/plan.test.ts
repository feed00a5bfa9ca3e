import { expect, test } from "vitest";
import type { DueSchedule } from "../ports/schedules.ts";
import { planRuns } from "./plan.ts";

function schedule(cron: string, dueAt: string, jitterSeconds = 0): DueSchedule {
	return { id: "1", cron, timeZone: "UTC", jitterSeconds, dueAt: new Date(dueAt), runAt: new Date(dueAt) };
}
const shown = (plan: ReturnType<typeof planRuns>) => ({
	runs: plan.runs.map(({ dueAt, state }) => `${dueAt.toISOString().slice(0, 16)} ${state}`),
	next: plan.next?.dueAt.toISOString().slice(0, 16),
});

test("in time: one run, and the next due time", () => {
	const plan = planRuns(schedule("0 3 * * *", "2026-05-01T03:00Z"), new Date("2026-05-01T03:00:20Z"));
	expect(shown(plan)).toEqual({ runs: ["2026-05-01T03:00 running"], next: "2026-05-02T03:00" });
});

test("missed by hours: it is made up for", () => {
	const plan = planRuns(schedule("0 3 * * *", "2026-05-01T03:00Z"), new Date("2026-05-01T20:00Z"));
	expect(shown(plan)).toEqual({ runs: ["2026-05-01T03:00 running"], next: "2026-05-02T03:00" });
});

test("missed many times: the last one stands in for all, the first is noted", () => {
	const plan = planRuns(schedule("*/5 * * * *", "2026-05-01T03:00Z"), new Date("2026-05-09T20:02Z"));
	expect(shown(plan)).toEqual({
		runs: ["2026-05-01T03:00 skipped", "2026-05-09T20:00 running"],
		next: "2026-05-09T20:05",
	});
	expect(plan.runs[0]?.error).toContain("2026-05-09T20:00:00.000Z stands in");
});

test("missed by more than a day: noted, not made up for", () => {
	const plan = planRuns(schedule("0 3 * * 1", "2026-05-04T03:00Z"), new Date("2026-05-05T03:01Z"));
	expect(shown(plan)).toEqual({ runs: ["2026-05-04T03:00 skipped"], next: "2026-05-11T03:00" });
	expect(planRuns(schedule("0 3 * * 1", "2026-05-04T03:00Z"), new Date("2026-05-05T02:59Z")).runs[0]?.state).toBe(
		"running",
	);
});

test("a schedule that cannot be understood any more fails and is not due again", () => {
	const broken = { ...schedule("0 3 * * *", "2026-05-01T03:00Z"), timeZone: "Europe/Atlantis" };
	const plan = planRuns(broken, new Date("2026-05-01T03:00Z"));
	expect(plan.next).toBeNull();
	expect(plan.runs).toMatchObject([{ state: "failed", error: expect.stringContaining("Atlantis") }]);
});
