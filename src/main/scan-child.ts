/**
 * The process that reads images: it knows no database and no key, only the registry of the job that it is sent. Its
 * environment is made by `scanChildEnvironment`.
 */
import { folderLayerCache } from "#engine";
import { serveScans } from "#scanners";
import { allowedAddresses, connectorFor, type RegistryAccess } from "#server";
import { guardedNetwork } from "./guarded-fetch.ts";

const { env } = process;
const layers = env["PLIMSOLL_SCAN_LAYERS"];
const network = guardedNetwork({ env, allowed: allowedAddresses(env["PLIMSOLL_ALLOW_ADDRESSES"] ?? "") });

serveScans({
	cache: layers ? folderLayerCache(layers) : null,
	// Only our own process sends jobs, with what the store keeps.
	connect: (access) => connectorFor(access as RegistryAccess, network),
});
