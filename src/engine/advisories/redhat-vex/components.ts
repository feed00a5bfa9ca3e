/** Components of Red Hat's product trees: packages by purl, in older files by their bare names. */
import { PackageURL } from "packageurl-js";
import { isObject, type JsonObject, Malformed } from "../json.ts";
import { evrOf, rpmNameAt } from "../rpm-names.ts";

/** A package of Red Hat's, or a module that packages are components of. */
export type Component =
	| {
			readonly kind: "rpm";
			readonly name: string;
			/** `epoch:version-release`, an epoch of 0 left out; null where the file names no version. */
			readonly evr: string | null;
			/** `src` for a source package; null where the file does not tell. */
			readonly arch: string | null;
			/** `nodejs:18`, where the purl itself tells. */
			readonly module: string | null;
			/** There is no purl: that it is an rpm at all is a guess, true for products of RHEL. */
			readonly bare: boolean;
	  }
	| { readonly kind: "module"; readonly module: string }
	/** Container images, Java archives and others that no rpm database lists. */
	| { readonly kind: "other" };

const other: Component = { kind: "other" };

/**
 * Reads a product of the category `product_version`. Throws `Malformed`.
 * https://redhatproductsecurity.github.io/security-data-guidelines/purl/
 */
export function componentOf(id: string, product: JsonObject): Component {
	const helper = product["product_identification_helper"];
	const purl = isObject(helper) ? helper["purl"] : undefined;
	if (typeof purl !== "string") return nameless(id);
	if (!purl.startsWith("pkg:rpm")) return other;
	if (purl.length > 4096) throw new Malformed("a purl is too long");
	const { type, name, version, qualifiers } = parsed(purl);
	if (type === "rpmmod") return moduleNamed(`${name}:${version ?? ""}`, id);
	if (type !== "rpm") return other;
	const { arch, epoch, rpmmod } = (qualifiers ?? {}) as { arch?: string; epoch?: string; rpmmod?: string };
	return {
		kind: "rpm",
		name: rpmNameAt(name ?? undefined, id),
		// Unfixed packages of modules have the module's stream for a version.
		evr: version && version.includes("-") ? evrOf(epoch ?? epochIn(id, name ?? ""), version, id) : null,
		arch: arch ?? null,
		// A modifier without a stream is no module: flatpaks have such.
		module: rpmmod === undefined ? null : moduleOf(rpmmod),
		bare: false,
	};
}

function parsed(purl: string): PackageURL {
	try {
		return PackageURL.fromString(purl);
	} catch {
		throw new Malformed(`a purl is malformed: ${purl.slice(0, 200).replaceAll(/[^\x20-\x7e]/g, "?")}`);
	}
}

/** Older files write the epoch only into the component's own name: `bind-32:9.11.4-26.el7.x86_64`. */
function epochIn(id: string, name: string): string | undefined {
	return id.startsWith(`${name}-`) ? /^(\d{1,10}):/.exec(id.slice(name.length + 1))?.[1] : undefined;
}

/** `postgresql:12:8060020240903093929:ad008a3a`. */
function moduleNamed(label: string, id: string): Component {
	const module = moduleOf(label);
	if (module === null) throw new Malformed(`${id.slice(0, 200)} is no module`);
	return { kind: "module", module };
}

function moduleOf(label: string): string | null {
	const match = /^([\x21-\x39\x3b-\x7e]+):([\x21-\x39\x3b-\x7e]+)(?::|$)/.exec(label);
	return match ? `${match[1]}:${match[2]}` : null;
}

/** Components without a purl are not fixed, and are sources: `samba`, `nodejs:18/nodejs`. */
function nameless(id: string): Component {
	const match = /^(?:([^\s:/]+:[^\s:/]+)\/)?([A-Za-z0-9_][A-Za-z0-9_.+-]*)$/.exec(id);
	if (!match) return other;
	return { kind: "rpm", name: match[2] ?? "", evr: null, arch: "src", module: match[1] ?? null, bare: true };
}
