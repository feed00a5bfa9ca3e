import type { CliEngine } from "#cli";
import {
	advisoriesStatus,
	fileCredentials,
	folderLayerCache,
	openAdvisories,
	openTarget,
	renderJson,
	renderTable,
	runCredentialHelper,
	scan,
	updateAdvisories,
	verifySnapshot,
} from "#engine";
import { makeFetch } from "./http.ts";
import type { Environment, Settings } from "./settings.ts";

/** The engine, bound to this machine: its network, its folders, its log-ins. */
export function bindEngine(settings: Settings, env: Environment, signal: AbortSignal): CliEngine {
	const credentials = fileCredentials(settings.credentialFiles, runCredentialHelper);
	return {
		openTarget: (text, network) =>
			openTarget(text, {
				signal,
				registry: ({ registry }) => {
					const insecure = network.insecure || settings.insecureRegistries.includes(registry);
					return {
						fetch: makeFetch({
							env,
							...(network.caFile === null ? {} : { caFile: network.caFile }),
							// A mirror in the settings counts, too.
							insecureHosts: [...settings.insecureRegistries, ...(network.insecure ? [registry] : [])],
						}),
						credentials,
						insecure,
						mirrors: settings.mirrors[registry] ?? [],
					};
				},
			}),
		openAdvisories: async (dir) => openAdvisories(dir),
		openCache: async (dir) => folderLayerCache(dir),
		scan,
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
		renderJson,
	};
}
