/** The address of a registry as an administrator gives it, checked before it is kept or gone to. */
import { isHost } from "#engine";
import { ServerError } from "../../errors.ts";
import { type AllowedAddresses, refusedHost } from "./addresses.ts";

export interface RegistryUrl {
	readonly scheme: "https" | "http";
	/** `host[:port]`, lower case, without the scheme's own port. */
	readonly host: string;
	readonly hostname: string;
	/** Empty, or with a slash in front and none behind. */
	readonly path: string;
	/** All of it, in the form that is kept. */
	readonly href: string;
}

/** Reads an address. Throws ServerError `unprocessable` with what is wrong; a missing scheme is https. */
export function readRegistryUrl(text: string): RegistryUrl {
	const wrong = (why: string, hint = "Write it as https://registry.example[:port][/path].") =>
		new ServerError("unprocessable", `The registry's URL ${why}.`, hint);
	const given = text.trim();
	if (/[\s\\\p{Cc}\p{Cf}]/u.test(given)) throw wrong("has blanks, backslashes or invisible characters in it");
	const [, said] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(given) ?? [];
	if (said !== undefined && !/^https?$/i.test(said))
		throw wrong(`begins with ${said}://`, "Only https:// and http:// are spoken.");
	const whole = said === undefined ? `https://${given}` : given;
	if (!URL.canParse(whole)) throw wrong("is malformed");
	const url = new URL(whole);
	if (url.username || url.password)
		throw wrong("has a user name or password in it", "Give those as credentials: what is in a URL is shown.");
	if (url.search || url.hash || /[?#]/.test(whole)) throw wrong("has a query or fragment in it");
	const written = hostIn(whole);
	if (url.hostname.endsWith(".")) throw wrong("has a host name that ends with a dot");
	// What is kept is what people read, so nothing may look like another host than the one that is gone to.
	if (/^[\d.]+$/.test(url.hostname) && url.hostname !== written)
		throw wrong(`spells the address ${url.hostname} in an odd way`, `Write https://${url.host}.`);
	if (/[^\x21-\x7e]|%/.test(written))
		throw wrong(
			"has a host name with letters beyond ASCII",
			`Write its ASCII form, if that is what you mean: ${url.hostname}.`,
		);
	if (/^[^/]*:(?:\/|$)/.test(whole.slice(whole.indexOf("//") + 2))) throw wrong("has a colon, but no port behind it");
	if (url.port === "0") throw wrong("names the port 0");
	if (!isHost(url.host)) throw wrong("names no host");
	const path = url.pathname.replace(/\/+$/, "");
	if (/\/\/|%/.test(path) || /\/\.{1,2}(?:\/|$)/.test(whole.slice(whole.indexOf("//") + 2)))
		throw wrong("has a path that is not plain");
	if (/(?:^|\/)v[12]$/.test(path)) throw wrong(`ends with ${path.slice(-3)}`, "Leave that out: it is added.");
	const scheme = url.protocol === "https:" ? "https" : "http";
	return { scheme, host: url.host, hostname: url.hostname, path, href: `${scheme}://${url.host}${path}` };
}

/**
 * Reads an address and refuses what the service may not go to. What a name leads to is checked when it is connected to,
 * each time. Throws ServerError `unprocessable`, `address_refused`.
 */
export function checkRegistryUrl(text: string, insecure: boolean, allowed: AllowedAddresses): RegistryUrl {
	const url = readRegistryUrl(text);
	const refused = refusedHost(url.hostname, allowed);
	if (refused !== null) throw addressRefused(url.host, refused);
	if (url.scheme === "http" && !insecure)
		throw new ServerError(
			"unprocessable",
			`${url.href} is not encrypted: passwords and images could be read and changed on the way.`,
			"Use https://, or allow an insecure connection for this registry.",
		);
	return url;
}

/** Whether both lead to one scheme, host and port: what was given for the one may go to the other. */
export function isSameServer(one: string, other: string): boolean {
	if (!URL.canParse(one) || !URL.canParse(other)) return false;
	const [a, b] = [new URL(one), new URL(other)];
	return a.protocol === b.protocol && a.host === b.host;
}

export const allowHint =
	"If it is meant so, the administrator of Plimsoll can allow the address with PLIMSOLL_ALLOW_ADDRESSES (addresses or ranges).";

function addressRefused(host: string, what: string): ServerError {
	return new ServerError("address_refused", `${host} is ${what}, where Plimsoll does not go.`, allowHint);
}

/** The host as it was written, in lower case. */
function hostIn(text: string): string {
	const [, authority = ""] = /^https?:\/\/([^/]*)/i.exec(text) ?? [];
	return authority.replace(/:\d*$/, "").toLowerCase();
}
