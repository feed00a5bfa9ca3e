import type { OperatingSystem, PackageType } from "#model";
import { apk } from "./catalogers/apk/index.ts";
import { dpkg } from "./catalogers/dpkg/index.ts";
import { goBinary } from "./catalogers/go-binary/index.ts";
import { npm } from "./catalogers/npm/index.ts";
import { osRelease } from "./catalogers/os-release/index.ts";
import type { Cataloger } from "./catalogers/types.ts";
import { unread } from "./catalogers/unread/index.ts";
import type { IdentifierField } from "./matching/identifiers.ts";
import { type Ordering, orderingOf } from "./matching/ordering.ts";
import { apk as apkVersions } from "./versions/apk/index.ts";
import { deb as debVersions } from "./versions/deb/index.ts";
import { golang as golangVersions } from "./versions/golang/index.ts";
import { semver as semverVersions } from "./versions/semver/index.ts";

/**
 * The one table of ecosystems: which cataloger finds the packages, how versions compare, which advisories speak of
 * them. Shared code never asks for an ecosystem by name: the row answers.
 */
interface EcosystemBase {
	readonly packageType: PackageType;
	readonly cataloger: Cataloger;
	readonly ordering: Ordering;
	/** OSV's ecosystem without a release: what the advisory database takes from a feed. */
	readonly osv: string;
	/** Where the feed's records name the vulnerabilities that they are about. */
	readonly identifiers: readonly IdentifierField[];
}

/** A distribution: packages count as its own when the image's os-release says so. */
export interface Distribution extends EcosystemBase {
	readonly kind: "distribution";
	/** os-release ID. */
	readonly id: string;
	readonly name: string;
	/** OSV's ecosystem for a release; null when the release has none. */
	advisoryEcosystem(os: OperatingSystem): string | null;
}

export interface Language extends EcosystemBase {
	readonly kind: "language";
	readonly id: string;
	readonly name: string;
}

export type Ecosystem = Distribution | Language;

const deb = orderingOf(debVersions);
const apkOrder = orderingOf(apkVersions);
const upstreamToo = ["aliases", "upstream"] as const;

export const ecosystems = [
	{
		kind: "distribution",
		id: "debian",
		name: "Debian",
		packageType: "deb",
		cataloger: dpkg,
		ordering: deb,
		osv: "Debian",
		identifiers: upstreamToo,
		advisoryEcosystem: (os) => release("Debian:", /^(\d+)/.exec(os.versionId)),
	},
	{
		kind: "distribution",
		id: "alpine",
		name: "Alpine",
		packageType: "apk",
		cataloger: apk,
		ordering: apkOrder,
		osv: "Alpine",
		identifiers: upstreamToo,
		advisoryEcosystem: (os) => release("Alpine:v", /^(\d+\.\d+)(?:\.\d+)*$/.exec(os.versionId)),
	},
	{
		kind: "distribution",
		id: "wolfi",
		name: "Wolfi",
		packageType: "apk",
		cataloger: apk,
		ordering: apkOrder,
		osv: "Wolfi",
		identifiers: upstreamToo,
		advisoryEcosystem: () => "Wolfi",
	},
	{
		kind: "distribution",
		id: "chainguard",
		name: "Chainguard",
		packageType: "apk",
		cataloger: apk,
		ordering: apkOrder,
		osv: "Chainguard",
		identifiers: upstreamToo,
		advisoryEcosystem: () => "Chainguard",
	},
	{
		kind: "language",
		id: "npm",
		name: "Node.js",
		packageType: "npm",
		cataloger: npm,
		ordering: orderingOf(semverVersions),
		osv: "npm",
		identifiers: upstreamToo,
	},
	{
		kind: "language",
		id: "go",
		name: "Go",
		packageType: "golang",
		cataloger: goBinary,
		ordering: orderingOf(golangVersions),
		osv: "Go",
		identifiers: ["aliases"],
	},
] as const satisfies readonly Ecosystem[];

/** Every cataloger once, the two that serve all ecosystems included. */
export const catalogers: readonly Cataloger[] = [
	osRelease,
	...new Set(ecosystems.map((row): Cataloger => row.cataloger)),
	unread,
];

/** OSV ecosystems, without releases, that an advisory database is made of. */
export const advisoryEcosystems: readonly string[] = [...new Set(ecosystems.map((row): string => row.osv))];

const distributions: readonly Distribution[] = ecosystems.filter((row) => row.kind === "distribution");

/** Whether an operating system has a row. */
export function isSupported(os: OperatingSystem): boolean {
	return distributions.some((row) => row.id === os.id);
}

/** For messages: `Debian, Alpine, …`. */
export const distributionNames: readonly string[] = distributions.map((row) => row.name);

function release(prefix: string, match: RegExpExecArray | null): string | null {
	return match?.[1] === undefined ? null : `${prefix}${match[1]}`;
}
