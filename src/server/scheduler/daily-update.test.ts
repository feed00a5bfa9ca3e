import { expect, test } from "vitest";
import type { AdvisoriesInfo } from "#contract";
import { isUpdateDue } from "./daily-update.ts";

const update = (state: "idle" | "running" | "failed", startedAt: string | null, finishedAt = startedAt) =>
	({ state, startedAt, finishedAt, error: null }) satisfies AdvisoriesInfo["update"];

test.each([
	["never fetched", update("idle", null), "2026-05-02T01:00Z", true],
	["fetched since the hour", update("idle", "2026-05-02T03:00:05Z"), "2026-05-02T23:00Z", false],
	["before the hour, fetched since yesterday's", update("idle", "2026-05-01T03:00:05Z"), "2026-05-02T02:59Z", false],
	["at the hour", update("idle", "2026-05-01T03:00:05Z"), "2026-05-02T03:00Z", true],
	["down at the hour, days ago", update("idle", "2026-04-20T03:00:05Z"), "2026-05-02T02:00Z", true],
	["it runs", update("running", "2026-05-01T03:00Z", null), "2026-05-02T03:00Z", false],
	["it failed just now", update("failed", "2026-05-02T03:00Z", "2026-05-02T03:10Z"), "2026-05-02T03:30Z", false],
	["it failed an hour ago", update("failed", "2026-05-02T03:00Z", "2026-05-02T03:10Z"), "2026-05-02T04:10Z", true],
])("%s", (_name, last, now, due) => {
	expect(isUpdateDue(last, 3, new Date(now))).toBe(due);
});
