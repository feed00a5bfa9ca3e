import type { AffectedOnly } from "#model";

/** What an advisory's entry may ask of a package besides its name and version. */
export interface Circumstances {
	/** As the package manager spells it. */
	readonly arch?: string | undefined;
	/** rpm module and stream, `nodejs:18`; null for a package of no module. */
	readonly module: string | null;
	/** CPEs of the products that the image's packages come from. */
	readonly products: readonly string[];
	/** It is looked up as a source package. */
	readonly isSource?: boolean;
}

/** Packages for every architecture. */
const anyArch: ReadonlySet<string> = new Set(["noarch", "all"]);

/** Red Hat's mark of an entry on a source package (CSAF purls, `arch=src`). */
const sourceArch = "src";

/** A modular entry whose stream the feed does not tell. */
const anyModule = "*";

/**
 * Whether an entry speaks of a package in these circumstances.
 * A module's packages are built from other sources than the packages of the same name outside it, or in another
 * stream, so their versions are never compared with each other (docs.fedoraproject.org, modularity).
 */
export function holdsFor(only: AffectedOnly | undefined, circumstances: Circumstances): boolean {
	const { arch, module, products, isSource = false } = circumstances;
	const onSource = only?.arches?.length === 1 && only.arches[0] === sourceArch;
	if (onSource !== isSource && only?.arches) return false;
	const stream = only?.module ?? null;
	if (stream === anyModule ? module === null : stream !== module) return false;
	if (only?.arches && !onSource && arch !== undefined && !anyArch.has(arch) && !only.arches.includes(arch))
		return false;
	return only?.products === undefined || only.products.some((cpe) => products.some((own) => coversCpe(own, cpe)));
}

/** `nodejs:18` of rpm's label `nodejs:18:8080020230718083943:63b34585`; null for an empty or unreadable label. */
export function moduleOf(label: string | undefined): string | null {
	const [name, stream] = label?.split(":") ?? [];
	return name && stream ? `${name}:${stream}` : null;
}

/**
 * Whether two CPE 2.2 names can mean the same product: a component that one of them leaves open matches any.
 * https://nvlpubs.nist.gov/nistpubs/Legacy/IR/nistir7696.pdf
 */
export function coversCpe(a: string, b: string): boolean {
	const left = a.split(":");
	const right = b.split(":");
	const minors = left[productAt] === "enterprise_linux" && right[productAt] === "enterprise_linux";
	return left.every((part, index) => {
		const other = right[index];
		if (isOpen(part) || isOpen(other) || part === other) return true;
		return minors && index === productAt + 1 && other !== undefined && isSameRelease(part, other);
	});
}

const productAt = 3;

/** From release 10 on Red Hat's CPEs have minors (`enterprise_linux:10.0`); one without stands for all of them. */
function isSameRelease(a: string, b: string): boolean {
	return a === b.replace(/\.\d+$/, "") || b === a.replace(/\.\d+$/, "");
}

function isOpen(part: string | undefined): boolean {
	return part === undefined || part === "" || part === "*";
}
