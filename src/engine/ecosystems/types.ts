import type { OperatingSystem, Package, PackageType } from "#model";
import type { Cataloger } from "../catalogers/types.ts";
import type { IdentifierField } from "../matching/identifiers.ts";
import type { Ordering } from "../matching/ordering.ts";

/** Of a package, all that advisories are chosen by. */
export type Identity = Pick<Package, "type" | "name" | "version" | "arch" | "source" | "modularity">;

/** A package as advisories name it. */
export interface Subject {
	readonly name: string;
	readonly version: string;
	/** It is the source package: entries on binary packages are none of its matter, where the feed tells them apart. */
	readonly isSource?: boolean;
	/** The only ecosystems that use this name; all of the row's when it is not given. */
	readonly ecosystems?: readonly string[];
}

/** A part of its identity that a package lacks. */
export type Incomplete = "group" | "module";

interface EcosystemBase {
	readonly id: string;
	/** For people. */
	readonly name: string;
	readonly packageType: PackageType;
	/** Who find such packages. */
	readonly catalogers: readonly Cataloger[];
	readonly ordering: Ordering;
	/** OSV's ecosystems without a release: what the advisory database takes from feeds. */
	readonly feeds: readonly string[];
	/** Where the feeds' records name the vulnerabilities that they are about. */
	readonly identifiers: readonly IdentifierField[];
	/**
	 * What advisories call the package. The first is the one whose version is judged for soundness; most ecosystems have
	 * just one.
	 */
	subjects(pkg: Identity): readonly [Subject, ...Subject[]];
	/** What the image does not tell of the package, so that no advisory can be found for it; null when it tells enough. */
	readonly incomplete?: (pkg: Identity) => Incomplete | null;
	/** See `MatchQuery`. */
	readonly firstEcosystemDecides?: boolean;
	/** See `MatchQuery`. */
	readonly flavourOf?: (version: string) => string | null;
	/** Names that mean the same package become one text; feeds and images spell them differently. */
	readonly nameOf?: (name: string) => string;
}

/** A distribution: packages count as its own when the image's os-release says so. */
export interface Distribution extends EcosystemBase {
	readonly kind: "distribution";
	/** os-release IDs. */
	readonly ids: readonly string[];
	/** The advisories' ecosystems for a release, each of which may speak; empty when the release has none. */
	advisoryEcosystems(os: OperatingSystem): readonly string[];
	/** CPEs of the products that an image without content sets is taken to be made of. */
	readonly products?: (os: OperatingSystem) => readonly string[];
}

export interface Language extends EcosystemBase {
	readonly kind: "language";
}

export type Ecosystem = Distribution | Language;
