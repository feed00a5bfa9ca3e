/** Filtering by a workspace tells which spaces it has: only its members may. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AccessService } from "../support/access-service.ts";
import { makeWorld, type World } from "../support/access-world.ts";
import { registeredRoutes, startWholeService } from "../support/whole-service.ts";

const routes = (await registeredRoutes()).filter(({ fields }) => fields.includes("workspace"));
let service: AccessService;
let world: World;
beforeAll(async () => {
	service = await startWholeService();
	world = await makeWorld(service);
	// What everybody sees is also in a workspace that not everybody knows.
	await service.database.db.updateTable("spaces").set({ public: true }).execute();
});
afterAll(() => service.close());

test("there are such lists", () => {
	expect(routes.map(({ url }) => url)).toContain("/api/v1/vulnerabilities");
});

test.each(routes)("$url shows it to members, and nothing to others", async ({ url }) => {
	const ask = async (actor: "stranger" | "viewer" | "administrator", query: string) => {
		const answer = await service.ask("GET", `${url}${query}`, await world.credentials(actor, false));
		return answer.json<{ items: readonly unknown[]; total?: number }>();
	};
	const filter = `?total=true&workspace=${world.ids["workspace"]}`;
	expect((await ask("stranger", "")).items.length).toBeGreaterThan(0);
	expect(await ask("stranger", filter)).toEqual({ items: [], next: null, total: 0 });
	for (const actor of ["viewer", "administrator"] as const)
		expect((await ask(actor, filter)).items.length).toBeGreaterThan(0);
});
