import { EngineError, type RegistryAnswer } from "#engine";

/** What `/v2/` said: the name and version of the API. Throws `registry_failed` for what answers, but is no registry. */
export function readHello(host: string, { bytes, headers }: RegistryAnswer): string | null {
	const version = headers.get("docker-distribution-api-version");
	const text = new TextDecoder().decode(bytes.subarray(0, 4096)).trim();
	if (version === null && text !== "" && !isJson(text))
		throw new EngineError(
			"registry_failed",
			`${host} answers, but not as a container registry does.`,
			"Check the host, the port and the path: the API must be at /v2/ behind them.",
		);
	const told = (version ?? "").replace(/[^\x20-\x7e]/g, "").slice(0, 100);
	return told === "" ? null : told;
}

function isJson(text: string): boolean {
	try {
		JSON.parse(text);
		return true;
	} catch {
		return false;
	}
}
