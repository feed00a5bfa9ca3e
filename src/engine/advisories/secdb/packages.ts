/**
 * A secdb file: `{distroversion, reponame, packages: [{pkg: {name, secfixes: {version: [identifiers]}}}]}`.
 * https://security.alpinelinux.org/ and https://github.com/chainguard-dev/vulnerability-scanner-support
 */
import { feedLimits } from "../feed-limits.ts";
import { isCve } from "../feed-text.ts";
import { isAbsent, listAt, Malformed, objectAt, stringAt, stringsAt } from "../json.ts";

export type SecdbDistribution = keyof typeof distributions;

/**
 * `twins`: each name of a vulnerability is an entry of its own, so that a GHSA name beside a CVE is most often the same
 * once more; the CVEs alone are then taken. In Alpine's lists, names of one vulnerability share an entry.
 */
const distributions = {
	Alpine: { releases: true, twins: false },
	Wolfi: { releases: false, twins: true },
	Chainguard: { releases: false, twins: true },
} as const;

export interface Secfix {
	readonly pkg: string;
	/** The CVE where one is named, else another name. */
	readonly id: string;
	readonly aliases: readonly string[];
	readonly fixed: string;
}

/** The ecosystem that a file is about, as OSV spells it, and its packages. Throws `Malformed`. */
export function ecosystemOf(
	json: unknown,
	distribution: SecdbDistribution,
): { readonly ecosystem: string; readonly packages: readonly unknown[] } {
	const file = objectAt(json, "the file");
	const packages = file["packages"];
	if (!Array.isArray(packages)) throw new Malformed("it has no list of packages");
	if (!distributions[distribution].releases) return { ecosystem: distribution, packages };
	const release = stringAt(file["distroversion"], "distroversion", 64);
	if (!/^(?:v\d+\.\d+|edge)$/.test(release)) throw new Malformed("distroversion is none of Alpine's");
	return { ecosystem: `${distribution}:${release}`, packages };
}

/** What a package's entry says. Throws `Malformed`. */
export function secfixesOf(entry: unknown, distribution: SecdbDistribution): readonly Secfix[] {
	const pkg = objectAt(objectAt(entry, "the entry")["pkg"], "pkg");
	const name = stringAt(pkg["name"], "pkg.name", feedLimits.name);
	const secfixes = pkg["secfixes"];
	if (isAbsent(secfixes)) return [];
	return Object.entries(objectAt(secfixes, "pkg.secfixes")).flatMap(([version, texts]) => {
		const path = `pkg.secfixes of ${name}`;
		const fixed = stringAt(version, path, feedLimits.version);
		if (/\s/.test(fixed) || !/\d/.test(fixed)) throw new Malformed(`${path} has a version that is none`);
		// A version that fixes nothing, or a text that names nothing, is no fault.
		const entries = listAt(texts, path, feedLimits.identifiers).filter((text) => text !== "");
		const named = stringsAt(entries, path, feedLimits.identifiers, 1024).flatMap(namedIn);
		return chosen(named, distributions[distribution].twins).map((ids) => ({ pkg: name, fixed, ...ids }));
	});
}

interface Named {
	readonly id: string;
	readonly aliases: readonly string[];
}

function chosen(named: readonly Named[], twins: boolean): readonly Named[] {
	const cves = named.filter(({ id }) => isCve(id));
	return twins && cves.length > 0 ? cves : named;
}

/**
 * The vulnerabilities that one text names: `CVE-2017-7228 XSA-212`, `CVE-2019-1234 (+ regression)`, `CVE_2019-2426`.
 * Other names stand beside the CVE that they mean; with several CVEs it is not known which.
 */
function namedIn(text: string): readonly Named[] {
	const words = text.split(" ").map((word) => word.replace(/^CVE_/, "CVE-").replace(/^[(,;]+|[),;]+$/g, ""));
	const cves = [...new Set(words.filter(isCve))];
	const others = [...new Set(words.filter((word) => isIdentifier(word) && !cves.includes(word)))];
	if (cves.length === 0) {
		const [id, ...aliases] = others;
		return id === undefined ? [] : [{ id, aliases }];
	}
	return cves.map((id) => ({ id, aliases: cves.length === 1 ? others : [] }));
}

/** `GHSA-xxxx-xxxx-xxxx`, `XSA-212`, `ZBX-11023`, `TALOS-2019-0876`; not the placeholders of CVEs without a number. */
function isIdentifier(word: string): boolean {
	return (
		word.length <= feedLimits.identifier &&
		/^[A-Z][A-Z0-9]*-[A-Za-z0-9][A-Za-z0-9:._-]*$/.test(word) &&
		/\d/.test(word) &&
		!word.startsWith("CVE-")
	);
}
