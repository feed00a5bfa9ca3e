import type { Finding, OperatingSystem } from "#model";
import { matchesGlob } from "./glob.ts";
import { type ImageIdentity, matchesImage } from "./image-match.ts";
import { type Purl, purlKey, readPurl } from "./purl.ts";
import { type FoundPackage, foundPackage, matchesPackage } from "./purl-match.ts";
import type { OsMatch, Scope, Statement } from "./types.ts";

/** The image that findings are in. */
export interface Place {
	readonly image: ImageIdentity;
	readonly os: OperatingSystem | null;
}

/** The statements on a finding, in their order. */
export type Matcher = (finding: Finding, place: Place) => readonly Statement[];

interface Candidate {
	readonly statement: Statement;
	readonly scope: Scope;
	/** The statement's place in the order. */
	readonly order: number;
}

/** Candidates by vulnerability, then by package; those for any package, or for a pattern, under the empty key. */
type Index = ReadonlyMap<string, ReadonlyMap<string, readonly Candidate[]>>;

/** Each finding is held against the statements on its vulnerability and package only: a feed of VEX has 100,000s. */
export function matcherOver(statements: readonly Statement[]): Matcher {
	const index = indexOf(statements);
	const purls = new Map<string, Purl | null>();
	const purlOf = (text: string): Purl | null => {
		const known = purls.get(text);
		if (known !== undefined) return known;
		const purl = readPurl(text);
		purls.set(text, purl);
		return purl;
	};
	return (finding, place) => {
		const found = foundPackage(finding, purlOf(finding.package.purl));
		const matched = new Map<number, Statement>();
		for (const { statement, scope, order } of candidates(index, finding, found)) {
			if (matched.has(order) || !isAbout(statement, finding) || !holds(scope, finding, found, place)) continue;
			matched.set(order, statement);
		}
		return [...matched].sort(([a], [b]) => a - b).map(([, statement]) => statement);
	};
}

function indexOf(statements: readonly Statement[]): Index {
	const index = new Map<string, Map<string, Candidate[]>>();
	for (const [order, statement] of statements.entries()) {
		for (const name of statement.vulnerabilities) {
			const byPackage = index.get(name) ?? new Map<string, Candidate[]>();
			index.set(name, byPackage);
			for (const scope of statement.scopes) {
				const key = scope.package?.kind === "purl" ? purlKey(scope.package.purl) : "";
				const list = byPackage.get(key);
				if (list) list.push({ statement, scope, order });
				else byPackage.set(key, [{ statement, scope, order }]);
			}
		}
	}
	return index;
}

function* candidates(index: Index, finding: Finding, found: FoundPackage): Generator<Candidate> {
	const keys = new Set(["", ...[found.purl, found.sourcePurl].flatMap((purl) => (purl ? [purlKey(purl)] : []))]);
	for (const name of namesOf(finding)) {
		const byPackage = index.get(name);
		if (!byPackage) continue;
		for (const key of keys) yield* byPackage.get(key) ?? [];
	}
}

function namesOf({ id, aliases }: Finding): ReadonlySet<string> {
	return new Set([id, ...aliases].map((name) => name.toUpperCase()));
}

/**
 * Whether a statement that shares a name with a finding is about the same vulnerability. Distributions' advisories bundle
 * several, and documents list them among the aliases: where both sides name CVEs, one of these must be shared.
 */
function isAbout(statement: Statement, finding: Finding): boolean {
	const names = namesOf(finding);
	const cves = statement.vulnerabilities.filter(isCve);
	return cves.length === 0 || ![...names].some(isCve) || cves.some((cve) => names.has(cve));
}

function isCve(name: string): boolean {
	return name.startsWith("CVE-");
}

function holds(scope: Scope, finding: Finding, found: FoundPackage, { image, os }: Place): boolean {
	if (scope.package !== null && !matchesPackage(scope.package, found)) return false;
	if (scope.os !== null && !matchesOs(scope.os, os)) return false;
	if (scope.images !== null && !scope.images.some((asked) => matchesImage(asked, image))) return false;
	const { paths } = scope;
	if (paths === null) return true;
	const files = finding.origin.paths;
	return files.length > 0 && files.every((file) => paths.some((pattern) => matchesGlob(pattern, file)));
}

function matchesOs(asked: OsMatch, os: OperatingSystem | null): boolean {
	return os?.id === asked.id && (os.versionId === asked.version || os.versionId.startsWith(`${asked.version}.`));
}
