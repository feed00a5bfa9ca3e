import { expect, test } from "vitest";
import { requireRecent } from "./advisory-age.ts";
import type { AdvisoryStore } from "./ports.ts";

const now = new Date("2026-11-23T18:00:00Z");

function storeOf(builtAt: string): AdvisoryStore {
	return {
		snapshot: { digest: "sha256:1", builtAt, sources: [] },
		kind: "full",
		lookup: () => [],
		vulnerability: () => null,
		products: () => [],
		severities: () => [],
		close: () => undefined,
	};
}

test("advisories within the age that is allowed are used, and of any age when none is said", () => {
	expect(() => requireRecent(storeOf("2026-11-16T18:00:00Z"), 7, now)).not.toThrow();
	expect(() => requireRecent(storeOf("2026-11-23T06:00:01Z"), 0.5, now)).not.toThrow();
	expect(() => requireRecent(storeOf("2016-01-01T00:00:00Z"), null, now)).not.toThrow();
});

test("older ones are refused, with their date and both ways to newer ones", () => {
	const refused = (): void => requireRecent(storeOf("2026-11-16T17:59:59Z"), 7, now);
	expect(refused).toThrow("older than the 7 days that are allowed: it was built 2026-11-16.");
	expect(() => requireRecent(storeOf("2026-10-01T00:00:00Z"), 30, now)).toThrow(
		expect.objectContaining({ code: "advisories_too_old", hint: expect.stringMatching(/db update.*db import/) }),
	);
});
