import type { CliEngine, NetworkOptions } from "#cli";
import {
	advisoriesStatus,
	applySuppressions,
	exportDatabase,
	fileCredentials,
	findDatabase,
	folderLayerCache,
	importDatabase,
	openAdvisories,
	openTarget,
	type Reference,
	readSuppressions,
	renderDocument,
	renderTable,
	requireRecent,
	runCredentialHelper,
	type SourceDeps,
	scan,
	updateAdvisories,
	verifySnapshot,
} from "#engine";
import { makeFetch } from "./http.ts";
import type { Environment, Settings } from "./settings.ts";

/** The engine, bound to this machine: its network, its folders, its log-ins. */
export function bindEngine(settings: Settings, env: Environment, signal: AbortSignal): CliEngine {
	const credentials = fileCredentials(settings.credentialFiles, runCredentialHelper);
	const registriesOf =
		(network: NetworkOptions) =>
		({ registry }: Reference): SourceDeps => ({
			fetch: makeFetch({
				env,
				...(network.caFile === null ? {} : { caFile: network.caFile }),
				// A mirror in the settings counts, too.
				insecureHosts: [...settings.insecureRegistries, ...(network.insecure ? [registry] : [])],
			}),
			credentials,
			insecure: network.insecure || settings.insecureRegistries.includes(registry),
			mirrors: settings.mirrors[registry] ?? [],
		});
	return {
		openTarget: (text, network) => openTarget(text, { signal, registry: registriesOf(network) }),
		findDatabase,
		openAdvisories: async (dir) => openAdvisories(dir),
		requireRecent,
		importDatabase: ({ network, ...call }) => importDatabase({ ...call, signal, registry: registriesOf(network) }),
		exportDatabase: ({ network, ...call }) => exportDatabase({ ...call, signal, registry: registriesOf(network) }),
		openCache: async (dir) => folderLayerCache(dir),
		readSuppressions,
		scan,
		applySuppressions,
		updateAdvisories: ({ caFile, ...request }) =>
			updateAdvisories({
				...request,
				kind: "full",
				fetch: makeFetch({ env, ...(caFile === null ? {} : { caFile }) }),
				clock: () => new Date(),
			}),
		advisoriesStatus,
		verifySnapshot,
		renderTable,
		renderDocument,
	};
}
