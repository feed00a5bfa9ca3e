import { createHash } from "node:crypto";
import { type InstalledPackage, isOsPackageType, type OperatingSystem } from "#model";
import type { Identity } from "./ecosystems/types.ts";
import { rowOfOs } from "./ecosystems.ts";
import type { Inventory } from "./inventory/merge.ts";

/**
 * A package version in the circumstances that matching asks for: all that judging it takes, and nothing of the image it
 * is in. Plain JSON, so that it can be kept and judged again by other advisories.
 */
export interface MatchSubject extends Identity {
	/** Of an OS package: of whose release it is. */
	readonly os?: Pick<OperatingSystem, "id" | "versionId" | "prettyName" | "extended">;
	/** Of an OS package whose distribution tells its products apart: what the image says of them. */
	readonly contentSets?: readonly string[];
	/** Another vendor built it. */
	readonly thirdParty?: true;
	/** An OS package owns it, and the distribution speaks for it. */
	readonly dropped?: true;
}

export interface Identified {
	readonly subject: MatchSubject;
	/** 16 bytes; the same for the same subject, on every machine. */
	readonly key: Buffer;
}

/** The subjects of an inventory, in the order of its packages. */
export function identify(inventory: Inventory): readonly Identified[] {
	return inventory.packages.map((pkg) => {
		const subject = subjectOf(pkg, inventory, "drop");
		return { subject, key: keyOf(subject) };
	});
}

export function subjectOf(
	pkg: InstalledPackage,
	{ os, contentSets }: Pick<Inventory, "os" | "contentSets">,
	osOwned: "drop" | "keep",
): MatchSubject {
	const { type, name, version, arch, source, modularity, thirdParty, ownedBy } = pkg;
	const ofOs = isOsPackageType(type) && os !== null;
	const withProducts = ofOs && contentSets.length > 0 && rowOfOs(os)?.products !== undefined;
	return {
		type,
		name,
		version,
		...(arch === undefined ? {} : { arch }),
		...(source === undefined ? {} : { source: { name: source.name, version: source.version } }),
		...(modularity === undefined ? {} : { modularity }),
		...(ofOs ? { os: releaseOf(os) } : {}),
		...(withProducts ? { contentSets } : {}),
		...(thirdParty ? { thirdParty: true } : {}),
		...(ownedBy && osOwned === "drop" ? { dropped: true } : {}),
	};
}

function releaseOf({ id, versionId, prettyName, extended }: OperatingSystem): NonNullable<MatchSubject["os"]> {
	return {
		id,
		versionId,
		...(prettyName === undefined ? {} : { prettyName }),
		...(extended === undefined ? {} : { extended }),
	};
}

/** `subjectOf` writes the fields in one order, so that its JSON is canonical. */
function keyOf(subject: MatchSubject): Buffer {
	return createHash("sha256").update(JSON.stringify(subject)).digest().subarray(0, keyBytes);
}

/** Of 2^32 subjects two get the same key with a probability of 2^-65. */
const keyBytes = 16;
