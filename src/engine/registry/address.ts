/**
 * Where a registry may send us. A registry chooses the addresses of its token server and of its blob store, so both are
 * checked: no way back from HTTPS to HTTP, and no way to services that only this machine sees (its loopback, a cloud's
 * metadata address). Names that resolve to such addresses are the injected fetch's to refuse.
 */
import { BlockList, isIP } from "node:net";
import { EngineError } from "../errors.ts";
import type { Endpoint } from "./endpoint.ts";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** Addresses that mean "this machine" or "this link": 0.0.0.0 connects to loopback on Linux. */
const hereOnly = new BlockList();
hereOnly.addSubnet("0.0.0.0", 8, "ipv4");
hereOnly.addAddress("::", "ipv6");
hereOnly.addSubnet("169.254.0.0", 16, "ipv4");
hereOnly.addSubnet("fe80::", 10, "ipv6");

/** True for `localhost`, 127.0.0.0/8 and ::1, which Docker allows plain HTTP with. `hostname` as URL writes it. */
export function isLoopback(hostname: string): boolean {
	return /^(?:.+\.)?localhost\.?$/.test(hostname) || isIn(loopback, hostname);
}

/** Throws `registry_failed` when `endpoint` must not send us to `target`. `what` names the thing for people. */
export function checkTarget(target: URL, endpoint: Endpoint, what: string): void {
	const refuse = (why: string, hint: string) =>
		new EngineError("registry_failed", `${endpoint.host} sends us to ${what} ${target.origin}, ${why}.`, hint);
	const ask = "Ask the registry's administrator to correct its address.";
	if (target.protocol !== "https:" && target.protocol !== "http:") throw refuse("which is not HTTP", ask);
	if (target.username || target.password) throw refuse("with a user name in the address", ask);
	const fromHere = isLoopback(endpoint.hostname);
	const toHere = isLoopback(target.hostname);
	if (target.protocol === "http:" && !endpoint.insecure && !(fromHere && toHere)) {
		throw refuse("which is not encrypted", `${ask} If you trust the network, use --insecure.`);
	}
	if (!fromHere && (toHere || isIn(hereOnly, target.hostname))) {
		throw refuse("an address of this machine only", ask);
	}
}

function isIn(list: BlockList, hostname: string): boolean {
	const address = hostname.replace(/^\[(.*)\]$/, "$1");
	const family = isIP(address);
	return family !== 0 && list.check(address, family === 6 ? "ipv6" : "ipv4");
}
