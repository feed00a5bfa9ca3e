/**
 * The network of the service: it goes where administrators pointed it, but not to this machine itself or its cloud's
 * metadata service. A name is looked up once for a connection, and the address that was checked is the one connected to.
 * Where the environment's proxy is used, it looks names up; then only addresses and known names are refused.
 */
import { X509Certificate } from "node:crypto";
import { type LookupAddress, type LookupAllOptions, lookup as systemLookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { type Dispatcher, fetch } from "undici";
import { EngineError, type Fetch } from "#engine";
import { type AllowedAddresses, allowHint, type RegistryAccess, refusedAddress, refusedHost } from "#server";
import { type Bandwidth, bandwidth, limited } from "./bandwidth.ts";
import { certificatesIn, dispatcherFor, type FetchOptions, type Tls, trust } from "./http.ts";

/** Of a registry's settings, what its connections depend on. */
export type NetworkSettings = Pick<RegistryAccess, "id" | "insecure" | "caCertificate" | "maxBytesPerSecond">;

export interface GuardedNetwork {
	/** Every call and redirect is checked; redirects are not followed but given back, to be asked for again. */
	fetchFor(settings: NetworkSettings): Fetch;
}

export interface GuardOptions {
	readonly env: FetchOptions["env"];
	readonly allowed: AllowedAddresses;
	/** The system's, unless a test has names of its own. */
	readonly lookup?: LookUpAll;
}

export type LookUpAll = (
	hostname: string,
	options: LookupAllOptions,
	callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** Connections of so many different settings are kept; a registry that was asked once holds none after some seconds. */
const mostKept = 100;

export function guardedNetwork(options: GuardOptions): GuardedNetwork {
	const lookup = guardedLookup(options);
	const dispatchers = new Map<string, (url: URL) => Dispatcher>();
	const limits = new Map<string, Bandwidth>();
	const dispatcherOf = (settings: NetworkSettings): ((url: URL) => Dispatcher) =>
		kept(dispatchers, `${settings.insecure} ${settings.caCertificate ?? ""}`, () =>
			dispatcherFor(options.env, tlsOf(settings), lookup),
		);
	return {
		fetchFor: (settings) => {
			const limit = kept(limits, settings.id, () => bandwidth());
			limit.setRate(settings.maxBytesPerSecond);
			return async (input, init) => {
				const url = new URL(input);
				const refused = refusedHost(url.hostname, options.allowed);
				if (refused !== null) throw refusal(url.host, refused);
				const dispatcher = dispatcherOf(settings)(url);
				// RequestInit is declared twice, by undici and by Node's types; both mean the same.
				const request = { ...(init as object), redirect: "manual" as const, dispatcher };
				const response: Response = await fetch(url, request).catch((thrown: unknown) => {
					throw refusalIn(thrown) ?? thrown;
				});
				return settings.maxBytesPerSecond === null ? response : limited(response, limit);
			};
		},
	};
}

function guardedLookup({ allowed, lookup = systemLookup }: GuardOptions): LookupFunction {
	return (hostname, { all, family, hints }, callback) => {
		const asked = { all: true as const, ...(family && { family }), ...(hints && { hints }) };
		lookup(hostname, asked, (error, addresses) => {
			if (error) return callback(error, "");
			const usable = addresses.filter(({ address }) => refusedAddress(address, allowed) === null);
			const [first] = usable;
			if (first === undefined) {
				const [address] = addresses.map((one) => one.address);
				const what = address === undefined ? "no address" : (refusedAddress(address, allowed) ?? "no address");
				return callback(refusal(`${hostname} (${address ?? "unknown"})`, what), "");
			}
			if (all) return callback(null, [...usable]);
			callback(null, first.address, first.family);
		});
	};
}

function tlsOf({ insecure, caCertificate }: NetworkSettings): Tls {
	const extra = certificatesIn(caCertificate ?? "");
	if (caCertificate !== null && extra.length === 0) throw badCertificate();
	try {
		// OpenSSL passes over what it cannot read.
		if (!extra.every((one) => new X509Certificate(one).raw.length > 0)) throw badCertificate();
		return { secureContext: trust(extra), rejectUnauthorized: !insecure };
	} catch (cause) {
		throw badCertificate(cause);
	}
}

function badCertificate(cause?: unknown): EngineError {
	return new EngineError(
		"registry_tls",
		"The CA certificate in the registry's settings cannot be used.",
		"Enter PEM certificates (-----BEGIN CERTIFICATE-----).",
		cause,
	);
}

function refusal(host: string, what: string): EngineError {
	return new EngineError("address_refused", `${host} is ${what}, where Plimsoll does not go.`, allowHint);
}

/** What the look-up said, out of the layers that undici puts around it. */
function refusalIn(thrown: unknown): EngineError | null {
	for (let error = thrown, depth = 0; error instanceof Error && depth < 5; error = error.cause, depth++)
		if (error instanceof EngineError) return error;
	return null;
}

/** What was made for a key; the one made first goes when there are too many. */
function kept<T>(all: Map<string, T>, key: string, make: () => T): T {
	const known = all.get(key);
	if (known !== undefined) return known;
	const made = make();
	for (const oldest of all.size >= mostKept ? all.keys() : []) {
		all.delete(oldest);
		break;
	}
	all.set(key, made);
	return made;
}
