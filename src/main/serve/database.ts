/** The database of this process: the one that DATABASE_URL names, the embedded one, or that of a Plimsoll beside us. */
import type { Logger } from "pino";
import { attachEmbeddedPostgres, migrate, type OpenedDatabase, openDatabase, startEmbeddedPostgres } from "#store";
import type { DataFolder } from "./data-folder.ts";
import type { ServeSettings } from "./settings.ts";

export interface ServiceDatabase extends OpenedDatabase {
	readonly url: string;
	/** For what people ask and only reads, or writes little: none of it may take long or keep connections from work. */
	readonly forRequests: OpenedDatabase;
}

/** Lists take tens of milliseconds; who waits longer than this has gone. */
const statementMilliseconds = 15_000;
const waitMilliseconds = 5000;

/** @throws StoreError */
export async function openServiceDatabase(
	settings: ServeSettings,
	folder: DataFolder,
	log: Logger,
): Promise<ServiceDatabase> {
	const { url, stop } = await serverFor(settings, folder, log);
	try {
		const opened = await openDatabase(url, { name: `plimsoll ${[...settings.roles].join("+")}`, connections: 20 });
		const applied = await migrate(opened.pool);
		if (applied.length > 0) log.info({ migrations: applied }, "the database was brought up to date");
		const forRequests = await openDatabase(url, {
			name: "plimsoll requests",
			connections: 10,
			statementMilliseconds,
			waitMilliseconds,
		});
		return {
			...opened,
			url,
			forRequests,
			close: async () => {
				await Promise.all([opened.close(), forRequests.close()]);
				await stop();
			},
		};
	} catch (error) {
		await stop();
		throw error;
	}
}

interface Server {
	readonly url: string;
	readonly stop: () => Promise<void>;
}

const nothing = async (): Promise<void> => {};

async function serverFor({ databaseUrl, roles }: ServeSettings, folder: DataFolder, log: Logger): Promise<Server> {
	if (databaseUrl !== null) return { url: databaseUrl, stop: nothing };
	// Who serves the API keeps the database; workers join it.
	if (!roles.has("api")) return { ...(await attachEmbeddedPostgres(folder.postgres)), stop: nothing };
	return startEmbeddedPostgres(folder.postgres, { onTrouble: (message) => log.warn(message) });
}
