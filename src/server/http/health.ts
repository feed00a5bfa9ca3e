/** For what starts, balances and restarts processes: `/healthz` says that this one lives, `/readyz` that it can do its work. */
import { Type } from "typebox";
import type { App } from "../app.ts";
import type { ServiceFigures } from "../ports/figures.ts";

const open = { needs: { by: "anybody", scope: null } } as const;
/** Probes give up after some seconds; a database that does not answer must not hold ours up as long. */
const answerWithin = 3000;

const Ready = Type.Object({
	ready: Type.Boolean(),
	missing: Type.Array(Type.Object({ what: Type.String(), why: Type.String() })),
});

export function healthRoutes(app: App, { figures }: { readonly figures: ServiceFigures }): void {
	app.get(
		"/healthz",
		{
			schema: {
				tags: ["service"],
				summary: "The process lives",
				operationId: "health",
				response: { 200: Type.Object({ alive: Type.Boolean() }) },
			},
			config: open,
		},
		async () => ({ alive: true }),
	);
	app.get(
		"/readyz",
		{
			schema: {
				tags: ["service"],
				summary: "The process can work: its database answers and there are advisories",
				operationId: "readiness",
				response: { 200: Ready, 503: Ready },
			},
			config: open,
		},
		async (_request, reply) => {
			if (app.closing.aborted)
				return reply.code(503).send({ ready: false, missing: [{ what: "service", why: "It is stopping." }] });
			const database = await within(figures.database(), "It does not answer.");
			const advisories = database === null ? await advisoriesMissing(figures) : null;
			const missing = [
				...(database === null ? [] : [{ what: "database", why: database }]),
				...(advisories === null ? [] : [{ what: "advisories", why: advisories }]),
			];
			return reply.code(missing.length === 0 ? 200 : 503).send({ ready: missing.length === 0, missing });
		},
	);
}

async function advisoriesMissing(figures: ServiceFigures): Promise<string | null> {
	const found = figures.advisories().then((current) => (current ? null : "No advisories were loaded yet."));
	return within(found, "The database does not answer.");
}

/** What the check says, or `late` when it takes too long or fails: its own words might hold an address or a name. */
async function within(check: Promise<string | null>, late: string): Promise<string | null> {
	const { promise, resolve } = Promise.withResolvers<string>();
	const timer = setTimeout(() => resolve(late), answerWithin);
	try {
		return await Promise.race([check, promise]);
	} catch {
		return late;
	} finally {
		clearTimeout(timer);
	}
}
