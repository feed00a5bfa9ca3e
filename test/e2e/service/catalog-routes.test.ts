import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accessRoutes, artifactRoutes, repositoryRoutes, spaceRoutes } from "#server";
import { catalogStore } from "#store";
import { type AccessService, type Credentials, startAccessService } from "../support/access-service.ts";

let service: AccessService;
let admin: Credentials;
let member: Credentials;
let stranger: Credentials;
let own: string;
let foreign: string;
let workspace: string;
let index: string;
let child: string;
let hidden: string;

beforeAll(async () => {
	service = await startAccessService((app, deps, { db }) => {
		const catalog = catalogStore(db);
		accessRoutes(app, deps);
		spaceRoutes(app, { ...deps, catalog });
		repositoryRoutes(app, { ...deps, catalog });
		artifactRoutes(app, { ...deps, catalog });
	});
	await service.user("harbour-master", { platformAdmin: true });
	const deckhand = await service.user("deckhand");
	await service.user("passenger");
	workspace = await service.workspace("deck", { [deckhand]: "viewer" });
	own = await service.space("own", { workspaceId: workspace });
	foreign = await service.space("foreign");
	[index = "", child = ""] = await insertIndex(own, "own/app");
	[hidden = ""] = await insertIndex(foreign, "foreign/app");
	[admin, member, stranger] = [
		await service.signIn("harbour-master"),
		await service.signIn("deckhand"),
		await service.signIn("passenger"),
	];
});
afterAll(() => service.close());

/** An index that waits, of two images with a group of their own; ids of the index, then the images. */
async function insertIndex(space: string, name: string): Promise<readonly string[]> {
	const { db } = service.database;
	const { rows } = await sql<{ id: string; parent: string | null; registry: string; repository: string }>`
		WITH repository AS (
			INSERT INTO repositories (registry_id, space_id, name) SELECT registry_id, id, ${name} FROM spaces WHERE id = ${space}
			RETURNING *)
		INSERT INTO artifacts (registry_id, space_id, repository_id, digest, media_type, kind, top, state)
		SELECT registry_id, space_id, id, 'sha256:' || repeat(n::text, 64), 'type', CASE n WHEN 0 THEN 'index' ELSE 'image' END,
			n = 0, 'queued' FROM repository, generate_series(0, 2) AS n
		RETURNING id, registry_id AS registry, repository_id AS repository`.execute(db);
	const [top, ...children] = rows;
	if (!top) throw new Error("Nothing was inserted.");
	const { rows: groups } = await sql<{ id: string }>`
		INSERT INTO scan_groups (registry_id, repository_id, artifact_id, scanner, priority)
		VALUES (${top.registry}, ${top.repository}, ${top.id}, 'builtin', 1) RETURNING id`.execute(db);
	for (const [position, image] of children.entries()) {
		await sql`INSERT INTO index_edges VALUES (${top.id}, ${image.id}, ${position})`.execute(db);
		await sql`
			WITH scan AS (
				INSERT INTO scans (group_id, artifact_id, registry_id, space_id, repository_id, scanner, state, reason)
				VALUES (${groups[0]?.id}, ${image.id}, ${top.registry}, ${space}, ${top.repository}, 'builtin', 'queued', 'push')
				RETURNING id)
			UPDATE artifacts SET active_scan_id = scan.id, last_scan_id = scan.id FROM scan WHERE artifacts.id = ${image.id}`.execute(
			db,
		);
	}
	await sql`INSERT INTO tags (repository_id, name, artifact_id) VALUES (${top.repository}, 'latest', ${top.id})`.execute(
		db,
	);
	return rows.map(({ id }) => id);
}

const get = async (path: string, who: Credentials) => {
	const answer = await service.ask("GET", path, who);
	return { status: answer.statusCode, body: answer.json() };
};
const idsOf = (body: { readonly items: readonly { readonly id: string }[] }): readonly string[] =>
	body.items.map(({ id }) => id);

describe("what is seen", () => {
	test("lists hold what the asker sees, and filters by other ids find nothing", async () => {
		for (const [path, mine] of [
			["artifacts", index],
			["spaces", own],
		] as const) {
			expect(idsOf((await get(path, member)).body)).toEqual([mine]);
			expect(idsOf((await get(path, admin)).body)).toHaveLength(2);
			expect((await get(path, stranger)).body).toEqual({ items: [], next: null });
		}
		expect((await get("repositories?total=true", member)).body).toMatchObject({
			items: [
				{ name: "own/app", artifacts: 1, tags: 1, newest: { artifactId: index, tag: "latest", state: "queued" } },
			],
			total: 1,
		});
		for (const path of [`artifacts?space=${foreign}`, "repositories?registry=77", `artifacts?repository=4242`])
			expect(await get(path, member)).toEqual({ status: 200, body: { items: [], next: null } });
	});

	test("what is not visible is as what is not there", async () => {
		for (const path of [
			`artifacts/${hidden}`,
			`artifacts/${hidden}/children`,
			`spaces/${foreign}`,
			"repositories/99999",
		]) {
			const { status, body } = await get(path, member);
			expect([path, status, body.code]).toEqual([path, 404, "not_found"]);
		}
		expect((await get(`artifacts/${hidden}`, admin)).status).toBe(200);
	});

	test("a workspace's spaces are its members' knowledge", async () => {
		await service.ask("PATCH", `spaces/${own}`, admin, { public: true });
		expect(idsOf((await get("spaces", stranger)).body)).toEqual([own]);
		for (const path of ["spaces", "repositories", "artifacts"]) {
			const query = `${path}?workspace=${workspace}&total=true`;
			expect((await get(query, stranger)).body).toEqual({ items: [], next: null, total: 0 });
			expect((await get(query, member)).body.total).toBe(1);
		}
		await service.ask("PATCH", `spaces/${own}`, admin, { public: false });
	});
});

describe("one artifact", () => {
	test("an index that waits shows its place, its children and theirs", async () => {
		const { body } = await get(`artifacts/${index}`, member);
		expect(body).toMatchObject({ kind: "index", state: "queued", tags: ["latest"], parents: [], layers: [], os: null });
		expect(body.progress).toEqual({ percent: null, bytesDone: 0, bytesTotal: null, place: 1, estimateSeconds: null });
		expect(body.children).toHaveLength(2);
		for (const shown of body.children) expect(shown.progress.place).toBe(1);
		expect((await get(`artifacts/${child}`, member)).body.parents).toEqual([{ id: index, digest: body.digest }]);
		const first = await get(`artifacts/${index}/children?limit=1&total=true`, member);
		expect([idsOf(first.body), first.body.total]).toEqual([[child], 2]);
		const rest = await get(`artifacts/${index}/children?limit=1&cursor=${first.body.next}`, member);
		expect([rest.body.items.length, rest.body.next]).toEqual([1, null]);
	});

	test("one at work shows real percent, and when it may end", async () => {
		const { db } = service.database;
		await sql`UPDATE scan_groups SET started_at = now() - interval '10 seconds', bytes_done = 25, bytes_total = 100
			WHERE artifact_id = ${index}`.execute(db);
		await sql`UPDATE artifacts SET state = 'scanning' WHERE id = ${index}`.execute(db);
		const { progress } = (await get(`artifacts/${index}`, member)).body;
		expect(progress).toMatchObject({ percent: 25, bytesDone: 25, bytesTotal: 100, place: null });
		expect(progress.estimateSeconds).toBeGreaterThanOrEqual(30);
	});

	test("a failed one says why", async () => {
		const { db } = service.database;
		await sql`UPDATE artifacts SET state = 'failed' WHERE id IN (${index}, ${child})`.execute(db);
		await sql`UPDATE scans SET state = 'failed', error_message = 'The registry is gone.' WHERE artifact_id = ${child}`.execute(
			db,
		);
		for (const id of [index, child])
			expect((await get(`artifacts/${id}`, member)).body).toMatchObject({
				state: "failed",
				reason: "The registry is gone.",
				progress: null,
			});
	});
});

describe("bad input", () => {
	const bad = [
		"artifacts?sort=colour",
		"artifacts?sort=__proto__",
		"artifacts?sort=constructor",
		"artifacts?cursor=garbage",
		`artifacts?cursor=${cursor(["-severity"])}`,
		`artifacts?cursor=${cursor(["-severity", "a", "b", "c", "d", "e"])}`,
		`artifacts?cursor=${cursor(["-severity", "1", "1", "1", "1", "99999999999999999999"])}`,
		`artifacts?cursor=${cursor(["-severity", "1", "1", "1", "1", "1\0"])}`,
		`artifacts?cursor=${cursor(["-pushedAt", "1", "1"])}`,
		`artifacts?sort=-pushedAt&cursor=${cursor(["-pushedAt", "yesterdayish", "1"])}`,
		`artifacts?package=nothing&cursor=garbage`,
		"artifacts?q=a%00b",
		"artifacts?tag=%00",
		"artifacts?package=%00",
		"artifacts?vulnerability=%00",
		"repositories?q=%00",
		"spaces?q=%00",
		"spaces?sort=pushedAt",
		"artifacts?limit=0",
		"artifacts?limit=201",
		"artifacts?state=new",
		"artifacts?severity=awful",
		"artifacts?space=-1",
		"artifacts?space=1;2",
		"artifacts?digest=sha256:1",
		`artifacts/${"9".repeat(19)}`,
		"artifacts/x",
	];
	test.each(bad)("%s is refused", async (path) => {
		const { status, body } = await get(path, admin);
		expect([status, body.code]).toEqual([400, "invalid_request"]);
	});

	test("a cursor of another sort is named as one", async () => {
		const { body: first } = await get("artifacts?limit=1", admin);
		const { body } = await get(`artifacts?sort=state&limit=1&cursor=${first.next}`, admin);
		expect(body.detail).toBe('The cursor is of a list that was sorted by "-severity", not by "state".');
	});

	test("search text stands for itself", async () => {
		for (const q of ["%", "_", "\\", "' OR true --", "own/app%", "o_n"]) {
			const { status, body } = await get(`artifacts?q=${encodeURIComponent(q)}`, admin);
			expect([status, body.items]).toEqual([200, []]);
		}
		expect(idsOf((await get("artifacts?q=OWN/a", admin)).body)).toEqual([index]);
	});
});

describe("a space's openness", () => {
	test("is changed by platform administrators alone, and audited", async () => {
		expect((await service.ask("PATCH", `spaces/${own}`, member, { public: true })).statusCode).toBe(403);
		expect((await service.ask("PATCH", "spaces/4242", admin, { public: true })).statusCode).toBe(404);
		expect((await service.ask("PATCH", `spaces/${own}`, admin, { public: "sometimes" })).statusCode).toBe(400);
		const changed = await service.ask("PATCH", `spaces/${foreign}`, admin, { public: true });
		expect(changed.json()).toMatchObject({ id: foreign, public: true });
		const { body } = await get("audit?action=space.", admin);
		expect(body.items[0]).toMatchObject({
			action: "space.change",
			subject: `space/${foreign}`,
			details: { public: true },
		});
		expect(idsOf((await get("spaces", stranger)).body)).toEqual([foreign]);
	});
});

function cursor(values: readonly string[]): string {
	return Buffer.from(JSON.stringify(values)).toString("base64url");
}
