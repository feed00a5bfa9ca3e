/**
 * What errata of the Enterprise Linux family say only in passing: the severity at the beginning of the summary
 * (`Important: nodejs:18 security update`), the module's stream behind it, and the release in the version itself.
 */
import type { Advisory, Affected } from "#model";
import { severityOfWord } from "../cvss/severity-words.ts";

/** OSV ecosystems of such errata, each with a major release. */
const enterpriseLinux = /^(?:(?:AlmaLinux|Rocky Linux):|Red Hat:enterprise_linux:)(\d+)/;

/** Red Hat's products, as OSV names them: a CPE without its beginning. */
const redHatProduct = /^Red Hat:(.+)$/;

/** The stream is not told: any package of a module may be meant. */
const anyModule = "*";

/** The record's severity word and packages, with what its text tells; a record of another kind is given back as it is. */
export function readErrata<T extends { readonly advisory: Advisory; readonly affected: readonly Affected[] }>(
	record: T,
): T {
	const { advisory } = record;
	const affected = record.affected.map((entry) => withPriority(entry, advisory));
	if (!affected.some(({ ecosystem }) => enterpriseLinux.test(ecosystem) || redHatProduct.test(ecosystem)))
		return { ...record, affected };
	const word = advisory.severityWord ?? wordIn(advisory.summary);
	return {
		...record,
		advisory: { ...advisory, ...(word === undefined ? {} : { severityWord: word }) },
		affected: affected.flatMap((entry) => entryOf(entry, streamIn(advisory.summary))).map(ofProduct),
	};
}

/** Ubuntu's own priority is its judgement of the package, before any copied vector. */
function withPriority(entry: Affected, { severityWord }: Advisory): Affected {
	if (severityWord === undefined || !entry.ecosystem.startsWith("Ubuntu:")) return entry;
	return { ...entry, severityWord: entry.severityWord ?? severityWord };
}

/** All of Red Hat's packages are looked up in one place; the product says whose they are. */
function ofProduct(entry: Affected): Affected {
	const product = redHatProduct.exec(entry.ecosystem)?.[1];
	if (product === undefined) return entry;
	return { ...entry, ecosystem: "Red Hat", only: { ...entry.only, products: [`cpe::redhat:${product}`] } };
}

function entryOf(entry: Affected, stream: string): readonly Affected[] {
	const release = enterpriseLinux.exec(entry.ecosystem)?.[1];
	if (release === undefined) return [entry];
	const fixes = entry.ranges.flatMap(({ events }) => events.flatMap(({ fixed }) => fixed ?? []));
	// Some errata list the builds of several releases under each of them; only its own says anything of a release.
	if (fixes.length > 0 && fixes.every((fixed) => isOfAnother(release, fixed))) return [];
	return [
		fixes.some((fixed) => fixed.includes(".module")) ? { ...entry, only: { ...entry.only, module: stream } } : entry,
	];
}

function isOfAnother(release: string, version: string): boolean {
	const built = /[._+]el(\d+)/.exec(version)?.[1];
	return built !== undefined && built !== release;
}

function wordIn(summary: string | undefined): string | undefined {
	const word = /^([A-Za-z]{3,12}): /.exec(summary ?? "")?.[1];
	return word !== undefined && severityOfWord(word) ? word.toLowerCase() : undefined;
}

function streamIn(summary: string | undefined): string {
	return /(?:^|[\s(])([a-z][\w.+-]*:[\w.+-]*\w)/.exec(summary ?? "")?.[1] ?? anyModule;
}
