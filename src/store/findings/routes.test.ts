/** The routes over real stores: who gets what, in which form. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Id } from "#contract";
import { createApp, type Identified, registerRoutes, type ServiceDeps, type Sight, seesAll } from "#server";
import { advisoryService } from "../advisories/index.ts";
import { reportSource } from "../results/index.ts";
import { clock, contents, deb, type ResultsFixture, resultsFixture } from "../results/results-fixture.ts";
import { findingStore } from "./index.ts";

let fixture: ResultsFixture;
let image: Id;
let unscanned: Id;
let app: ReturnType<typeof createApp>;
let sight: Sight = seesAll;
const sent: unknown[] = [];
const audited: unknown[] = [];

function who(admin: boolean): Identified {
	return {
		principal: {
			userId: "1",
			username: "ann",
			platformAdmin: admin,
			via: "session",
			scopes: new Set(["read", "scan", "admin"]),
			workspaceId: null,
			mustChangePassword: false,
		},
		sight,
	};
}

beforeAll(async () => {
	fixture = await resultsFixture();
	await fixture.publish([{ id: "CVE-2026-1", ecosystem: "Debian:12", name: "curl", fixed: "8" }]);
	image = await fixture.keep(contents([deb("curl@7")]));
	unscanned = await fixture.image();
	const { db, files, advisories } = fixture;
	app = createApp({
		gatekeeper: {
			identify: async (request) => (request.headers["x-nobody"] ? null : who(request.headers["x-admin"] === "1")),
		},
		log: null,
	});
	registerRoutes(app, {
		findings: findingStore(db),
		reports: reportSource({ db, advisories, clock, version: "test" }),
		advisories: advisoryService({ db, files, advisories, clock }),
		queue: { send: async (kind: string, payload: unknown) => sent.push([kind, payload]) && "1" },
		audit: { record: async (entry: { action: string }) => void audited.push(entry.action) },
	} as unknown as ServiceDeps);
	await app.ready();
});
afterAll(async () => {
	await app.close();
	await fixture.close();
});

const get = async (path: string, headers: Record<string, string> = {}) =>
	await app.inject({ url: `/api/v1${path}`, headers });

describe("reports", () => {
	test.each([
		["json", "application/json", '"schemaVersion"'],
		["sarif", "application/sarif+json", "sarif"],
		["cyclonedx", "application/vnd.cyclonedx+json", "CycloneDX"],
		["spdx", "application/spdx+json", "SPDX"],
		["csv", "text/csv", "CVE-2026-1"],
		["html", "text/html", "<!doctype html>"],
		["trivy-json", "application/json", '"Results"'],
		["table", "text/plain", "CVE-2026-1"],
	])("come as %s", async (format, type, text) => {
		const answer = await get(`/artifacts/${image}/report?format=${format}`);
		expect(answer.statusCode).toBe(200);
		expect(answer.headers["content-type"]).toContain(type);
		expect(answer.headers["content-security-policy"]).toContain("sandbox");
		expect(answer.headers["content-disposition"]).toContain("attachment");
		expect(answer.body.toLowerCase()).toContain(text.toLowerCase());
	});

	test("of nothing, of no known format, and of what was never scanned are refused", async () => {
		expect((await get("/artifacts/999999/report")).statusCode).toBe(404);
		expect((await get(`/artifacts/${unscanned}/report`)).statusCode).toBe(409);
		expect((await get(`/artifacts/${image}/report?format=exe`)).statusCode).toBe(400);
		expect((await get("/artifacts/x/report")).statusCode).toBe(400);
	});
});

test("lists come, and bad queries are refused", async () => {
	expect((await get(`/artifacts/${image}/findings`)).json()).toMatchObject({
		items: [{ id: "CVE-2026-1" }],
		next: null,
	});
	expect((await get(`/artifacts/${image}/packages`)).json()).toMatchObject({ items: [{ name: "curl", findings: 1 }] });
	expect((await get("/vulnerabilities")).json()).toMatchObject({ items: [{ id: "CVE-2026-1", artifacts: 1 }] });
	expect((await get("/vulnerabilities/CVE-2026-1")).json()).toMatchObject({ affected: [{ name: "curl" }] });
	expect((await get("/packages?q=cu")).json()).toMatchObject({ items: [{ name: "curl", artifacts: 1 }] });
	for (const bad of ["sort=nothing", "cursor=zzz", "severity=awful", "limit=0"])
		expect([bad, (await get(`/artifacts/${image}/findings?${bad}`)).statusCode]).toEqual([bad, 400]);
});

test("nothing is shown to nobody, and as if it were not there to those who do not see the space", async () => {
	const paths = [
		`/artifacts/${image}/findings`,
		`/artifacts/${image}/packages`,
		`/artifacts/${image}/report`,
		"/vulnerabilities/CVE-2026-1",
	];
	for (const path of [...paths, "/vulnerabilities", "/packages", "/advisories"])
		expect([path, (await get(path, { "x-nobody": "1" })).statusCode]).toEqual([path, 401]);
	sight = { all: false, spaces: new Map() };
	for (const path of paths) expect([path, (await get(path)).statusCode]).toEqual([path, 404]);
	for (const path of ["/vulnerabilities", "/packages"])
		expect((await get(path)).json()).toEqual({ items: [], next: null });
	sight = seesAll;
});

test("advisories are told to every user and updated by administrators alone", async () => {
	expect((await get("/advisories")).json()).toMatchObject({
		current: { kind: "full", records: 1 },
		update: { state: "idle" },
	});
	const update = (admin: string) =>
		app.inject({ method: "POST", url: "/api/v1/advisories/update", headers: { "x-admin": admin } });
	expect((await update("0")).statusCode).toBe(403);
	expect(sent).toEqual([]);
	const answer = await update("1");
	expect([answer.statusCode, answer.json()]).toEqual([202, { queued: true }]);
	expect(sent).toEqual([["update-advisories", { requestedBy: "ann" }]]);
	expect(audited).toEqual(["advisories.update"]);
});
