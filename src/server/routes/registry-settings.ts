/** What the routes of registries share. */
import type { Id, Registry, RegistryInput } from "#contract";
import { notFound } from "../errors.ts";
import type { Audit } from "../ports/audit.ts";
import type { Clock } from "../ports/clock.ts";
import type { Connector, RegistryAccess } from "../ports/connector.ts";
import type { JobQueue } from "../ports/queue.ts";
import type { RegistryStore } from "../ports/registries.ts";
import type { AllowedAddresses } from "../registries/access/addresses.ts";
import type { RegistrySettings } from "../registries/access/settings.ts";

export interface RegistryRoutesDeps {
	readonly registries: RegistryStore;
	readonly connectTo: (access: RegistryAccess) => Connector;
	readonly addresses: AllowedAddresses;
	readonly queue: Pick<JobQueue, "send">;
	readonly audit: Audit;
	readonly clock: Clock;
}

/** What is checked of an input; what it leaves out is as a new registry has it. */
export function settingsOf(input: RegistryInput): RegistrySettings {
	const { kind, url, preset = "generic", caCertificate = null, repositories = null } = input;
	return { kind, url, preset, caCertificate, repositories, credentialKind: input.credentials?.kind ?? null };
}

export async function registryOf(registries: Pick<RegistryStore, "get">, id: Id): Promise<Registry> {
	const registry = await registries.get(id);
	if (!registry) throw notFound("registry");
	return registry;
}
