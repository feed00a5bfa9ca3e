/** A registry with many small images, for tests that need a queue. */
import type { Artifact, PageOf, Registry } from "#contract";
import { type FakeRegistry, startFakeRegistry } from "#engine/testing";
import type { ApiClient } from "../support/api-client.ts";
import { eventually } from "../support/eventually.ts";
import { layoutImage } from "./images.ts";

/** `count` images, one a repository, tag `1`. */
export async function registryOf(count: number): Promise<FakeRegistry> {
	const registry = await startFakeRegistry({ pageSize: 1000 });
	for (let at = 0; at < count; at++) {
		const image = layoutImage(`image ${at}`);
		const stored = ({ descriptor, bytes }: (typeof image)["manifest"]) => ({ ...descriptor, bytes });
		registry.push(
			`team-${at % 7}/app-${at}`,
			{ manifest: stored(image.manifest), config: stored(image.config), layers: image.layers.map(stored) },
			"1",
		);
	}
	return registry;
}

/** Registers it and waits until all images are known. */
export async function registered(api: ApiClient, host: string, count: number, name = "Many"): Promise<Registry> {
	const registry = await api.post<Registry>("/registries", {
		kind: "distribution",
		name,
		url: `http://${host}`,
		insecure: true,
	});
	await api.post(`/registries/${registry.id}/sync`);
	await eventually(async () => {
		const { total } = await api.get<PageOf<Artifact>>(`/artifacts?registry=${registry.id}&limit=1&total=true`);
		return total === count ? true : null;
	}, 60_000);
	return registry;
}

/** How many artifacts of a registry are in which state. */
export async function statesOf(api: ApiClient, registryId: string): Promise<Readonly<Record<string, number>>> {
	const counts: Record<string, number> = {};
	for (let cursor: string | null = ""; cursor !== null; ) {
		const page: PageOf<Artifact> = await api.get(
			`/artifacts?registry=${registryId}&limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`,
		);
		for (const { state } of page.items) counts[state] = (counts[state] ?? 0) + 1;
		cursor = page.next;
	}
	return counts;
}

/** Waits until no artifact is queued or scanning, and gives the states. */
export function settled(api: ApiClient, registryId: string, ms = 120_000): Promise<Readonly<Record<string, number>>> {
	return eventually(async () => {
		const counts = await statesOf(api, registryId);
		return counts["queued"] || counts["scanning"] ? null : counts;
	}, ms);
}
