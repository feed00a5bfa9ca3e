import type { Environment } from "./settings.ts";

/** What of our environment a scanning child needs: the way to the network, and where it may go. Nothing secret of ours. */
const passed = [
	"PATH",
	"TZ",
	"HTTP_PROXY",
	"HTTPS_PROXY",
	"NO_PROXY",
	"http_proxy",
	"https_proxy",
	"no_proxy",
	"SSL_CERT_FILE",
	"SSL_CERT_DIR",
	"NODE_EXTRA_CA_CERTS",
	"PLIMSOLL_ALLOW_ADDRESSES",
];

/** `layers`: the folder of inventories that were read before. */
export function scanChildEnvironment(env: Environment, layers: string): Readonly<Record<string, string>> {
	const kept = passed.flatMap((name) => {
		const value = env[name];
		return value === undefined ? [] : [[name, value] as const];
	});
	return { ...Object.fromEntries(kept), PLIMSOLL_SCAN_LAYERS: layers };
}
