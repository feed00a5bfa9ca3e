/**
 * Addresses that the service does not go to unless its administrator allows them: they belong to the machine itself or
 * to its cloud's metadata service, and who can make Plimsoll ask them speaks with their rights. Private networks are
 * allowed: that is where registries are.
 */
import { BlockList, isIP } from "node:net";

/** An address range, as `10.0.0.0/8`, or one address. */
export interface AllowedAddresses {
	allows(address: string): boolean;
}

interface Range {
	readonly words: string;
	readonly list: BlockList;
}

const ranges: readonly Range[] = [
	range("a cloud's metadata service", [
		"169.254.169.254",
		"169.254.170.2",
		"169.254.169.253",
		"100.100.100.200",
		"192.0.0.192",
		"168.63.129.16",
		"fd00:ec2::254",
		"fd00:ec2::23",
		"fd20:ce::254",
	]),
	range("this machine itself (loopback)", ["127.0.0.0/8", "::1"]),
	range("no address in particular", ["0.0.0.0/8", "::"]),
	range("an address of this link only", ["169.254.0.0/16", "fe80::/10"]),
	range("a multicast or broadcast address", ["224.0.0.0/4", "240.0.0.0/4", "ff00::/8"]),
];

/** Names of metadata services, which a proxy would look up in our place. */
const refusedNames: ReadonlySet<string> = new Set([
	"metadata",
	"metadata.google.internal",
	"metadata.goog",
	"instance-data",
	"instance-data.ec2.internal",
]);

export const nothingAllowed: AllowedAddresses = { allows: () => false };

/** Reads `PLIMSOLL_ALLOW_ADDRESSES`: addresses and ranges, separated by commas or blanks. Throws RangeError with the wrong one. */
export function allowedAddresses(text: string): AllowedAddresses {
	const entries = text.split(/[\s,]+/).filter((entry) => entry !== "");
	const { list } = range("", entries);
	return { allows: (address) => forms(address).some((form) => isIn(list, form)) };
}

/** What an IP address is that may not be gone to; null when it may. */
export function refusedAddress(address: string, allowed: AllowedAddresses): string | null {
	const all = forms(address);
	if (all.length === 0) return "no IP address";
	if (allowed.allows(address)) return null;
	return ranges.find(({ list }) => all.some((form) => isIn(list, form)))?.words ?? null;
}

/** The same for a host as `URL` writes it: an address, or a name that needs no look-up to be refused. */
export function refusedHost(hostname: string, allowed: AllowedAddresses): string | null {
	const bare = hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
	if (isIP(bare) !== 0) return refusedAddress(bare, allowed);
	const name = bare.toLowerCase();
	if (name === "localhost" || name.endsWith(".localhost")) return refusedAddress("127.0.0.1", allowed);
	return refusedNames.has(name) ? "a cloud's metadata service" : null;
}

/** An address, and the IPv4 address that is hidden in an IPv6 one; nothing for what is no address. */
function forms(address: string): readonly string[] {
	const bare = address.replace(/%.*$/, "");
	const family = isIP(bare);
	if (family !== 6) return family === 4 ? [bare] : [];
	const words = wordsOf(bare);
	return [bare, ...embedded(words).map(([high, low]) => `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`)];
}

type Pair = readonly [number, number];

/** Where IPv6 carries IPv4: mapped, compatible and translated forms, NAT64 (RFC 6052, RFC 8215), 6to4, Teredo, ISATAP. */
function embedded(words: readonly number[]): readonly Pair[] {
	const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = words;
	const last: Pair = [g, h];
	const zero = (...some: readonly number[]): boolean => some.every((word) => word === 0);
	const found: Pair[] = [];
	if (zero(a, b, c, d) && ((e === 0 && (f === 0xffff || f === 0)) || (e === 0xffff && f === 0))) found.push(last);
	if (a === 0x64 && b === 0xff9b) found.push(last);
	if (a === 0x64 && b === 0xff9b && c === 1) found.push([d, ((e << 8) | (f >> 8)) & 0xffff]);
	if (a === 0x2002) found.push([b, c]);
	if (a === 0x2001 && b === 0) found.push([g ^ 0xffff, h ^ 0xffff], [c, d]);
	if ((e & 0xfdff) === 0 && f === 0x5efe) found.push(last);
	return found;
}

/** The eight 16-bit words of an address that `isIP` takes. */
function wordsOf(address: string): readonly number[] {
	const dotted = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) => {
		const [high, low] = [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)];
		return `${high.toString(16)}:${low.toString(16)}`;
	});
	const [head = "", tail] = dotted.split("::");
	const numbers = (part: string): number[] =>
		part === "" ? [] : part.split(":").map((word) => Number.parseInt(word, 16));
	const [front, back] = [numbers(head), tail === undefined ? [] : numbers(tail)];
	return [...front, ...Array<number>(Math.max(0, 8 - front.length - back.length)).fill(0), ...back];
}

function range(words: string, entries: readonly string[]): Range {
	const list = new BlockList();
	for (const entry of entries) {
		const [address = "", bits] = entry.split("/");
		const family = isIP(address);
		const most = family === 6 ? 128 : 32;
		const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
		if (family === 0 || !(prefix <= most)) throw new RangeError(`${entry} is no address and no range like 10.0.0.0/8`);
		list.addSubnet(address, prefix, family === 6 ? "ipv6" : "ipv4");
	}
	return { words, list };
}

function isIn(list: BlockList, address: string): boolean {
	return list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}
