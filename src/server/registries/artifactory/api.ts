/** What is asked of Artifactory besides images. https://jfrog.com/help/r/jfrog-rest-apis */
import { EngineError, isRepository, type RegistryApi } from "#engine";

/** A hostile server could list for ever. */
const mostKeys = 10_000;

/** Whether its own API answers below `base`; it does not where only the Docker part is let through. */
export async function hasOwnApi(api: RegistryApi, base: string, signal: AbortSignal): Promise<boolean> {
	const { status, bytes } = await api.get(`${base}/api/system/ping`, [403, 404, 405], signal);
	return status === 200 && new TextDecoder().decode(bytes.subarray(0, 64)).trim() === "OK";
}

/** Keys of the Docker repositories, in order. Remote ones are caches of other registries: those are to be registered themselves. */
export async function repositoryKeys(
	api: RegistryApi,
	base: string,
	host: string,
	signal: AbortSignal,
): Promise<readonly string[]> {
	const { bytes } = await api.get(`${base}/api/repositories?packageType=docker`, [], signal);
	const list = parsed(bytes);
	if (!Array.isArray(list))
		throw new EngineError(
			"registry_failed",
			`${host} does not list its Docker repositories as Artifactory does.`,
			"Check that this is a JFrog Artifactory, and the path in its URL (https://host/artifactory).",
		);
	const keys = list.slice(0, mostKeys).flatMap((entry: unknown) => {
		const { key, type } = (typeof entry === "object" && entry !== null ? entry : {}) as Readonly<
			Record<string, unknown>
		>;
		const usable = typeof key === "string" && !key.includes("/") && isRepository(key) && type !== "REMOTE";
		return usable ? [key] : [];
	});
	return [...new Set(keys)].sort();
}

/** `Artifactory 7.90.8`; null when it does not say so to us. */
export async function artifactoryVersion(api: RegistryApi, base: string, signal: AbortSignal): Promise<string | null> {
	const { status, bytes } = await api.get(`${base}/api/system/version`, [403, 404], signal);
	const { version } = (parsed(bytes) ?? {}) as Readonly<Record<string, unknown>>;
	const told = status === 200 && typeof version === "string" ? version.replace(/[^\w.+-]/g, "").slice(0, 40) : "";
	return told === "" ? null : `Artifactory ${told}`;
}

function parsed(bytes: Uint8Array): unknown {
	try {
		return JSON.parse(new TextDecoder().decode(bytes));
	} catch {
		return null;
	}
}
