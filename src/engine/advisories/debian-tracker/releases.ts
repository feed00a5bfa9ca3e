/** Debian's releases by code name, as OSV's ecosystems number them. https://www.debian.org/releases/ */
const numbers: ReadonlyMap<string, string> = new Map([
	["squeeze", "6"],
	["wheezy", "7"],
	["jessie", "8"],
	["stretch", "9"],
	["buster", "10"],
	["bullseye", "11"],
	["bookworm", "12"],
	["trixie", "13"],
	["forky", "14"],
	["duke", "15"],
	// Unstable has no number, nor will it ever have one.
	["sid", "sid"],
]);

/** `Debian:12` of `bookworm`; null for a name that is not known here. */
export function ecosystemOf(codeName: string): string | null {
	const number = numbers.get(codeName);
	return number === undefined ? null : `Debian:${number}`;
}
