/** A scanning child whose images misbehave, by the repository that they are in. */
import { setTimeout as pause } from "node:timers/promises";
import { serveScans } from "#scanners";
import { connectorFor, type RegistryAccess } from "#server";

serveScans({
	cache: null,
	connect: (access) => {
		const connector = connectorFor(access as RegistryAccess, { fetchFor: () => fetch });
		return {
			source: (repository, digest) => {
				const source = connector.source(repository, digest);
				return {
					...source,
					blobs: async (descriptors, visit, options) => {
						if (repository.startsWith("slow/")) await pause(200);
						if (repository.startsWith("hang/")) await new Promise(() => setInterval(() => {}, 1_000));
						if (repository.startsWith("poison/")) process.kill(process.pid, "SIGKILL");
						if (repository.startsWith("hungry/")) await eat();
						await source.blobs(descriptors, visit, options);
					},
				};
			},
		};
	},
});

async function eat(): Promise<void> {
	const eaten: Buffer[] = [];
	for (;;) {
		eaten.push(Buffer.alloc(20e6, 1));
		await pause(20);
	}
}
