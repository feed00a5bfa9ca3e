/** Makes the connector of a registry, by its kind. */
import type { RegistryKind } from "#contract";
import type { Fetch } from "#engine";
import type { Connector, RegistryAccess } from "../ports/connector.ts";
import { checkCertificates, type RegistrySettings } from "./access/settings.ts";
import { artifactoryConnector, checkArtifactory } from "./artifactory/index.ts";
import { checkDistribution, distributionConnector } from "./distribution/index.ts";
import { checkLayout, layoutConnector } from "./layout/index.ts";

export interface ConnectDeps {
	/** The network as this registry's settings want it: its CA, its limits, and nowhere that is refused. */
	readonly fetchFor: (access: RegistryAccess) => Fetch;
}

interface Kind {
	readonly connect: (access: RegistryAccess, deps: ConnectDeps) => Connector;
	readonly check: (settings: RegistrySettings) => void;
}

const kinds: Readonly<Record<RegistryKind, Kind>> = {
	distribution: {
		connect: (access, deps) => distributionConnector(access, deps.fetchFor(access)),
		check: checkDistribution,
	},
	artifactory: {
		connect: (access, deps) => artifactoryConnector(access, deps.fetchFor(access)),
		check: checkArtifactory,
	},
	layout: { connect: (access) => layoutConnector(access), check: checkLayout },
};

/** Throws ServerError `unprocessable` when the settings cannot be used. Nothing is asked of the registry yet. */
export function connectorFor(access: RegistryAccess, deps: ConnectDeps): Connector {
	return kinds[access.kind].connect(access, deps);
}

/** Whether these settings fit together, before they are kept. @throws ServerError unprocessable */
export function checkSettings(settings: RegistrySettings): void {
	checkCertificates(settings.caCertificate);
	kinds[settings.kind].check(settings);
}
